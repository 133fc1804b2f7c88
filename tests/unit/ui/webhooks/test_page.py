"""The Webhooks page over the real sandbox and the real receiver, without a browser."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from lib.app import current
from lib.app.runtime import Runtime
from lib.box import signatures as box
from lib.core.redaction import Secret
from lib.settings.profiles import Profile, session_profile
from lib.store.ledger.deliveries import DrillMode
from lib.ui.shell.session import Own
from lib.webhooks.log import log
from lib.webhooks.log.delivery_filter import Choice
from lib.webhooks.receive.receiver import Kind
from lib.webhooks.replay import keys_of
from lib.webhooks.signing.sending import box_delivery
from tests.sandbox_server import SandboxServer, running_sandbox
from tests.unit.ui.credentials.credentials_app import page_app, texts
from tests.webhook_bench import box_body

__all__ = ["page_app"]


@pytest.fixture(scope="module")
def small_world() -> Iterator[SandboxServer]:
    """A sandbox that is read in a moment."""
    with running_sandbox(
        "--days", "2", "--events-per-day", "40", "--users", "12", "--no-rate-limits"
    ) as server:
        yield server


@pytest.fixture
def sandbox(small_world: SandboxServer) -> SandboxServer:
    """The sandbox of this file's tests."""
    return small_world


def runtime() -> Runtime:
    found = current()
    assert found is not None
    return found


def profile() -> Profile:
    return runtime().sandbox.profile()


def settle() -> None:
    """Wait until what was kept can be charted."""
    owner = runtime()._owner
    assert owner is not None
    assert owner.drainer.finish()


def open_page(app: AppTest, **parameters: str) -> AppTest:
    app.run()
    job = runtime().reader_for(profile()).job
    assert job is None or job.wait(60)
    app.switch_page("../../pages/webhooks.py")
    for name, text in parameters.items():
        app.query_params[name] = text
    app.run()
    assert not app.exception
    return app


def arrive(body: bytes, *, keys: box.SignatureKeys | None = None, age_s: float = 0) -> int:
    """One of Box's deliveries arrives; the answer's status."""
    at = datetime.now(UTC) - timedelta(seconds=age_s)
    outgoing = box_delivery(body, keys or keys_of(profile()), at)
    return runtime().deliver(profile(), Kind.BOX, outgoing).status


def existing() -> list[log.Logged]:
    """What the log has, newest first."""
    now = datetime.now(UTC)
    stores = runtime().stores_for(profile())
    hour = timedelta(hours=1)
    return list(log.page(stores, Choice("sandbox", now - hour, now + hour)).entries)


def rows(app: AppTest) -> pd.DataFrame:
    """The list of deliveries."""
    return next(one.value for one in app.dataframe if "Verdict" in one.value)


def metric(app: AppTest, label: str) -> str:
    return next(str(one.value) for one in app.metric if one.label == label)


def press(app: AppTest, label: str) -> AppTest:
    next(one for one in app.button if one.label == label).click().run()
    assert not app.exception
    return app


def test_with_nothing_there_it_says_what_to_do(page_app: AppTest) -> None:
    app = open_page(page_app)
    assert "No deliveries yet" in texts(app)
    assert any(one.label == "Generate three events" for one in app.button)
    assert not app.dataframe


def test_a_test_delivery_is_signed_received_and_shown(page_app: AppTest) -> None:
    app = press(open_page(page_app), "Test delivery as Box")
    settle()
    app.run()
    assert (metric(app, "Accepted"), metric(app, "Rejected")) == ("0", "0")
    assert "Not counted: 1 delivery sent by this app." in texts(app)
    row = rows(app).iloc[0]
    shown = (row["Verdict"], row["Trigger"], row["Status"])
    assert shown == ("→ Sent by this app", "FILE.UPLOADED", "200")


def test_a_delivery_is_opened_by_its_address(page_app: AppTest) -> None:
    open_page(page_app)
    assert arrive(box_body(1, source={"id": "7", "type": "file", "name": "*Q1*.pdf"})) == 200
    assert arrive(box_body(1)) == 200
    settle()
    newest = existing()[0]
    app = open_page(page_app, delivery=newest.id)
    shown = texts(app)
    assert "↻ Duplicate" in shown
    assert "Attempts to deliver this body** (2)" in shown
    assert str(newest.delivery_id) in shown
    assert "1 of 2" in set(rows(app)["Attempt"])


def test_filters_of_the_address_are_taken_and_reported(page_app: AppTest) -> None:
    open_page(page_app)
    for number, trigger in enumerate(("FILE.UPLOADED", "FILE.UPLOADED", "FOLDER.CREATED")):
        arrive(box_body(number, trigger))
    arrive(box_body(9), keys=box.SignatureKeys(Secret("x"), Secret("y")))
    settle()
    runtime().receiving._keeper.stop()  # type: ignore[union-attr]  # its notes are written
    app = open_page(page_app, trigger="FILE.UPLOADED")
    assert (metric(app, "Deliveries"), metric(app, "Rejected")) == ("2", "0")
    assert any(one.label.endswith("FILE\\.UPLOADED") for one in app.button)
    app = open_page(page_app, trigger="", verdict="wrong")
    assert list(rows(app)["Verdict"]) == ["✗ Signature mismatch"]
    assert rows(app)["Status"][0] == "403"


def test_regression_a_filter_is_taken_back_while_widgets_stand_in_the_address(
    page_app: AppTest,
) -> None:
    open_page(page_app)
    arrive(box_body(1))
    settle()
    app = open_page(page_app, part="Log", trigger="FOLDER.CREATED", **{"hooks.more": "true"})
    assert not rows_shown(app)
    press(app, "Clear all")
    assert "trigger" not in app.query_params
    assert rows_shown(app)


def rows_shown(app: AppTest) -> bool:
    return any("Verdict" in one.value for one in app.dataframe)


@pytest.mark.parametrize(
    "parameters",
    [
        {"trigger": "'; DROP TABLE deliveries; --"},
        {"from": "x", "to": "y"},
        {"delivery": "0" * 24},
        {"before": "2026-01-01T00:00:00~r1"},
        {"part": "nothing"},
        {"item": "1", "verdict": "wrong", "attempt": "3-", "size": "-1", "answer": "403"},
    ],
)
def test_no_address_breaks_the_page(page_app: AppTest, parameters: dict[str, str]) -> None:
    open_page(page_app)
    arrive(box_body(1))
    settle()
    app = open_page(page_app, **parameters)
    assert not app.error


# --- receiving and the playground


def test_receiving_says_where_to_send_and_what_was_refused(page_app: AppTest) -> None:
    open_page(page_app)
    arrive(box_body(1))
    arrive(box_body(2), age_s=3600)
    settle()
    runtime().receiving._keeper.stop()  # type: ignore[union-attr]  # its notes are written
    app = open_page(page_app, part="Receiving")
    shown = texts(app)
    assert "Safe to rotate" in shown
    assert "Last 30 days: **1** stored (of these 0 duplicates), **1** rejected" in shown
    refused = next(one.value for one in app.dataframe if "What to do" in one.value)
    assert list(refused["Reason"]) == ["✗ Timestamp too old"]


def test_a_drill_answers_the_next_ones_and_ends(page_app: AppTest) -> None:
    app = open_page(page_app, part="Receiving")
    app.number_input(key="drill.times").set_value(2)
    press(app, "Start")
    ledger = runtime().stores_for(profile()).ledger
    (drill,) = ledger.deliveries.drills("sandbox")
    assert (drill.kind, drill.mode, drill.remaining) == ("box", DrillMode.FAIL, 2)
    assert "the next 2 deliveries will be answered with status 500" in texts(app)
    assert arrive(box_body(1)) == 500
    assert arrive(box_body(2)) == 500
    assert arrive(box_body(3)) == 200
    settle()
    assert sorted(one.answer for one in existing()) == [200, 500, 500]
    app.number_input(key="drill.times").set_value(5)
    press(app, "Start")
    press(app, "Stop")
    assert ledger.deliveries.drills("sandbox") == []
    reported = [one.detail for one in ledger.audit_entries() if one.what == "webhook_drill"]
    assert reported == ["ended", "fail, next 5", "fail, next 2"]


def test_a_replay_is_made_from_the_open_delivery(page_app: AppTest) -> None:
    open_page(page_app)
    arrive(box_body(1))
    settle()
    app = open_page(page_app, delivery=existing()[0].id, **{"hooks.raw": "Replay"})
    app.session_state["hooks.raw"] = "Replay"
    app.run()
    press(app, "Replay 1 delivery")
    assert "1 accepted" in texts(app)
    settle()
    assert [one.attempt for one in existing()] == [2, 1]


def test_the_playground_proves_its_example_and_names_what_fails(page_app: AppTest) -> None:
    app = press(open_page(page_app, part="Playground"), "Fill in an example")
    assert "Genuine" in texts(app)
    app.text_area(key="playground.body").set_value(
        str(app.text_area(key="playground.body").value) + " "
    ).run()
    assert "Rejected: signature mismatch" in texts(app)
    assert "White space was added around the body" in texts(app)
    app.text_area(key="playground.headers").set_value("no colon").run()
    assert not app.exception
    assert any("no colon after a header name" in str(one.value) for one in app.warning)
    assert not any("example" in str(text) for text in app.query_params.values())


def test_a_session_profile_receives_its_own_test_in_memory(page_app: AppTest) -> None:
    page_app.run()
    given = profile().box
    assert given is not None
    mine = session_profile(
        box=replace(
            given,
            webhook_primary_key=Secret("canary-one"),
            webhook_secondary_key=Secret("canary-two"),
        ),
        label="Mine",
    )
    page_app.session_state[f"{Own.__module__}.{Own.__qualname__}"] = Own(mine)
    page_app.run()
    page_app.selectbox(key="shell.profile").set_value(mine.key).run()
    app = open_page(page_app)
    assert "A session profile has no address" in texts(app)
    press(app, "Test delivery as Box")
    app.run()
    assert metric(app, "Accepted") == "0"
    assert list(rows(app)["Verdict"]) == ["→ Sent by this app"]
    assert rows(app)["Key"][0] == "primary"
    assert "canary" not in texts(app)
    stores = runtime().stores_for(profile())
    assert log.newest(stores, mine.key).nothing
