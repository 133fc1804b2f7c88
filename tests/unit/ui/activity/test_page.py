"""The Activity and Overview pages over the real sandbox, without a browser."""

import json
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from lib.activity.model.event_names import event_name
from lib.activity.queries import period_totals, rankings, time_series
from lib.app import current, stop_background
from lib.app.runtime import Runtime
from lib.settings.profiles import session_profile
from lib.ui.activity.value_picker import Shown
from lib.ui.activity.view_events import Chosen
from lib.ui.components.filters.activity_filters import MAX_VALUES
from lib.ui.shell import frame
from lib.ui.shell.session import Own
from tests.sandbox_server import SandboxServer, running_sandbox
from tests.unit.activity.samples import box_event, put_events
from tests.unit.ui.credentials.credentials_app import MAIN, go, texts

YEAR = {"period": "365d", "people": "all"}
INSTANT = datetime.now(UTC).replace(second=5)


@pytest.fixture(scope="module")
def small_world() -> Iterator[SandboxServer]:
    """A sandbox that is read in a moment."""
    with running_sandbox(
        "--days", "10", "--events-per-day", "150", "--users", "20", "--no-rate-limits"
    ) as server:
        yield server


@pytest.fixture
def sandbox(small_world: SandboxServer) -> SandboxServer:
    """The sandbox of this file's tests."""
    small_world.clear_faults()
    return small_world


@pytest.fixture(scope="module")
def read_folder(small_world: SandboxServer, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder into which the app has read that sandbox to its end."""
    folder = tmp_path_factory.mktemp("read") / "data"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BOX_RUNBOOK_DATA", str(folder))
        patch.setenv("BOX_RUNBOOK_SANDBOX", small_world.url)
        stop_background()
        read_to_the_end(AppTest.from_file(str(MAIN), default_timeout=60))
        stop_background()
    return folder


@pytest.fixture
def page_app(
    read_folder: Path,
    sandbox: SandboxServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[AppTest]:
    """The app over a copy of that folder: it goes on reading where the other one ended."""
    shutil.copytree(read_folder, tmp_path / "data")
    monkeypatch.setenv("BOX_RUNBOOK_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("BOX_RUNBOOK_SANDBOX", sandbox.url)
    stop_background()
    yield AppTest.from_file(str(MAIN), default_timeout=60)
    stop_background()


def runtime() -> Runtime:
    found = current()
    assert found is not None
    return found


def read_to_the_end(app: AppTest) -> None:
    """Wait for the first run of reading that the background started."""
    app.run()
    profile = runtime().sandbox.profile()
    job = runtime().reader_for(profile).job
    assert job is not None
    assert job.wait(120)


def open_activity(app: AppTest, **parameters: str) -> AppTest:
    app.run()
    app.switch_page("../../pages/activity.py")
    for name, text in parameters.items():
        app.query_params[name] = text
    return app.run()


def figure(app: AppTest, label: str) -> int:
    return next(int(m.value.replace(",", "")) for m in app.metric if m.label == label)


def test_activity_counts_what_the_sandbox_says(page_app: AppTest, sandbox: SandboxServer) -> None:
    read_to_the_end(page_app)
    app = open_activity(page_app, **YEAR)
    assert not app.exception
    truth = sandbox.truth()["events"]
    assert figure(app, "Events") == truth["total"]
    name, count = max(truth["by_type"].items(), key=lambda item: item[1])
    app = open_activity(app, **YEAR, type=name)
    assert figure(app, "Events") == count
    chip = f"Event type: {event_name(name)} · {name}"
    assert chip in [one.label.replace("\\", "") for one in app.button]
    table = app.dataframe[-1].value
    assert set(table["event_type"]) == {name}
    assert set(table["event_name"]) == {event_name(name)} != {name}
    app = open_activity(app, **{**YEAR, "not_type": name, "type": ""})
    assert figure(app, "Events") == truth["total"] - count


def test_hidden_people_are_counted_beside_the_toggle(
    page_app: AppTest, sandbox: SandboxServer
) -> None:
    read_to_the_end(page_app)
    app = open_activity(page_app, period="365d")
    shown = figure(app, "Events")
    toggle = next(one for one in app.toggle if one.label.startswith("Service and app users"))
    hidden = int(toggle.label.split("(")[1].split(" ")[0].replace(",", ""))
    assert shown + hidden == sandbox.truth()["events"]["total"]
    toggle.set_value(True).run()  # as AppTest names it
    assert figure(app, "Events") == shown + hidden


def test_a_day_that_was_not_read_is_never_compared(page_app: AppTest) -> None:
    read_to_the_end(page_app)
    app = open_activity(page_app, **YEAR)
    assert all(not m.delta for m in app.metric)
    assert "was read" in texts(app) or "Complete to" in texts(app)


def test_an_empty_selection_says_so(page_app: AppTest) -> None:
    read_to_the_end(page_app)
    app = open_activity(page_app, **YEAR, actor="nobody")
    assert not app.exception
    assert figure(app, "Events") == 0
    assert "No events match this selection." in texts(app)


def test_no_address_breaks_the_page(page_app: AppTest) -> None:
    app = page_app
    for parameters in (
        {"period": "x"},
        {"period": "", "from": "x", "to": "y"},
        {"from": "", "to": "", "type": "'; DROP TABLE events; --"},
        {"type": "", "tz": "x"},
    ):
        app = open_activity(app, **parameters)
        assert not app.exception, parameters
        assert not app.error, parameters


def test_more_values_than_an_address_keeps_are_offered_to_nobody(page_app: AppTest) -> None:
    read_to_the_end(page_app)
    page_app.session_state["filters"] = True
    page_app.session_state[f"{Shown.__module__}.{Shown.__qualname__}"] = Shown("type")
    app = open_activity(page_app, type=",".join(f"TYPE_{n}" for n in range(MAX_VALUES + 9)))
    assert not app.exception
    types = app.multiselect(key="activity.include.type")
    assert len(types.value) == types.max_selections == MAX_VALUES
    assert types.proto.select_all == MAX_VALUES


def test_a_filter_takes_whoever_is_typed_and_asks_where_several_fit(page_app: AppTest) -> None:
    page_app.run()
    put_events(
        runtime().stores_for(runtime().sandbox.profile()),
        [
            box_event(
                n,
                at=INSTANT - timedelta(days=300),
                created_by={"type": "user", "id": str(n), "name": name, "login": f"u{n}@old.test"},
            )
            for n, name in ((71001, "Jörg Öttl"), (71002, "Vera Öttl"), (71003, "Iris Twin"))
        ],
        profile="sandbox",
    )
    page_app.session_state["filters"] = True
    app = open_activity(page_app)
    for typed, chosen, reported in (
        ("JÖRG ÖTTL", ["71001"], ""),
        ("u71003@old", ["71001", "71003"], ""),
        ("öttl", ["71001", "71003"], "2 people match “öttl”"),
        ("nobody at all", ["71001", "71003"], "has “nobody at all” in its name"),
        ("71002", ["71001", "71003", "71002"], ""),
    ):
        field = app.multiselect(key="activity.include.actor")
        app = field.set_value([*field.value, typed]).run()
        assert not app.exception, typed
        assert app.multiselect(key="activity.include.actor").value == chosen, typed
        assert reported in texts(app), typed
        assert app.query_params["actor"] == ",".join(chosen)
        if typed == "öttl":
            options = app.multiselect(key="activity.include.actor").options
            assert options[-1] == "Vera Öttl · u71002@old.test"
    # its chip has its name, though nothing of it is in the period
    assert any("Vera Öttl" in one.label for one in app.button)


def test_a_session_profile_starts_with_nothing_and_says_what_to_do(
    page_app: AppTest, forbidden_key: Callable[[], str]
) -> None:
    key = forbidden_key()
    page_app.run()
    page_app.selectbox(key="shell.profile").set_value(key)
    app = open_activity(page_app)
    assert not app.exception
    assert "No events yet" in texts(app)
    assert "This session only" in texts(app)
    assert key not in str(dict(app.query_params))


@pytest.fixture
def forbidden_key(page_app: AppTest) -> Callable[[], str]:
    """Makes a profile of this session's own the one in use; its key must stay out of links."""

    def make() -> str:
        page_app.run()
        sandbox = runtime().sandbox.profile()
        profile = session_profile(box=sandbox.box, label="Mine")
        own = f"{Own.__module__}.{Own.__qualname__}"
        page_app.session_state[own] = Own(profile)
        return profile.key

    return make


def test_overview_proves_the_connection_and_names_the_three_ways(page_app: AppTest) -> None:
    read_to_the_end(page_app)
    app = go(page_app, "overview")
    assert not app.exception
    text = texts(app)
    for words in ("Set it up", "Is it healthy?", "What happened?", "Connected.", "Next steps"):
        assert words in text
    assert "in the last 7 whole days" in text


def test_a_wrong_setting_is_named_on_every_page(
    page_app: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BOX_RUNBOOK__PROFILES__ACME__BOX__NOPE", "canary-value-83")
    app = page_app.run()
    shown = "\n".join(str(box.value) for box in [*app.error, *app.warning]).replace("\\", "")
    assert "profiles.acme.box.nope" in shown
    assert "canary-value-83" not in shown
    assert runtime().health()["ok"] is False


def press(app: AppTest, label: str) -> AppTest:
    return next(one for one in app.button if one.label.replace("\\", "") == label).click().run()


def test_every_view_is_drawn_from_its_address(page_app: AppTest) -> None:
    read_to_the_end(page_app)
    expected = {
        "content": ("Downloads and uploads per", "Storage added and removed", "File types"),
        "sharing": ("Sharing per", "External collaborators", "Own domains"),
        "compare": ("only in the chosen period,", "only in the other period, among"),
    }
    for view, words in expected.items():
        app = open_activity(page_app, **YEAR, view=view)
        assert not app.exception
        assert not app.error
        text = texts(app)
        assert [one for one in words if one not in text] == []
    for draw in ("lines", "share"):
        app = open_activity(app, **YEAR, view="", draw=draw, by="kind")
        assert not app.exception
        assert not app.error
    assert "stands out" in texts(app).lower()


def test_a_hidden_person_is_compared_under_their_name(page_app: AppTest) -> None:
    read_to_the_end(page_app)
    events = runtime().stores_for(runtime().sandbox.profile()).events
    hidden, shown = (
        events.rows(
            "SELECT actor_id, actor_name FROM events WHERE actor_kind = ?"
            " ORDER BY occurred_at DESC LIMIT 1",
            [kind],
        )[0]
        for kind in ("service", "managed")
    )
    app = open_activity(page_app, period="365d", view="compare", pair=f"{hidden[0]},{shown[0]}")
    assert not app.exception
    people = app.multiselect(key="compare.people")
    assert [one.split(" · ")[0] for one in people.options[:2]] == [hidden[1], shown[1]]
    assert {hidden[1], shown[1]} <= {one.value for one in app.subheader}


def test_a_name_opens_its_profile_and_the_profile_filters(page_app: AppTest) -> None:
    read_to_the_end(page_app)
    app = open_activity(page_app, **YEAR)
    first = next(one for one in app.button if str(one.key).startswith("open.top.actor."))
    name, actor = first.label, str(first.key).rpartition(".")[2]
    app = first.click().run()
    assert not app.exception
    assert not app.error
    assert app.query_params["open"] == f"actor~{actor}"
    assert name in [str(one.value) for one in app.header]
    assert "First seen" in texts(app)
    shown = figure(app, "Events")
    app = press(app, "Filter by this person")
    assert (app.query_params["actor"], "open" in app.query_params) == (actor, False)
    assert figure(app, "Events") == shown
    total = runtime().stores_for(runtime().sandbox.profile()).events.count()
    app = press(app, "Exclude instead")
    assert app.query_params["not_actor"] == actor
    assert figure(app, "Events") == total - shown
    app = press(app, "Clear all")
    assert figure(app, "Events") == total


def test_a_period_without_events_breaks_no_view(page_app: AppTest) -> None:
    read_to_the_end(page_app)
    link = {"from": "2020-01-01T00:00:00Z", "to": "2020-01-09T00:00:00Z"}
    app = page_app
    for view in ("overview", "content", "sharing", "compare"):
        app = open_activity(app, **link, view=view)
        assert not app.exception, view
        assert not app.error, view


def test_a_profile_of_nobody_says_so(page_app: AppTest) -> None:
    read_to_the_end(page_app)
    app = open_activity(page_app, open="item~nothing")
    assert not app.exception
    assert "No events found" in texts(app)


def test_what_is_drawn_in_another_way_is_not_counted_again(
    page_app: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    read_to_the_end(page_app)
    asked: Counter[str] = Counter()
    for module, name in ((period_totals, "totals"), (time_series, "series"), (rankings, "ranked")):
        monkeypatch.setattr(module, name, counting(getattr(module, name), asked, name))
    version, clock = [1], [INSTANT]
    monkeypatch.setattr(Runtime, "version", lambda *_: version[-1])
    monkeypatch.setattr(frame, "datetime", Clock(clock))

    app = open_activity(page_app, **YEAR)
    asked.clear()
    clock.append(INSTANT + timedelta(seconds=50))
    open_activity(app, **YEAR, by="type")
    open_activity(app, **YEAR, by="category")
    assert asked == {"series": 1}

    everything = {"totals": 1, "series": 1, "ranked": 4}
    asked.clear()
    version.append(2)  # something new has come
    open_activity(app, **YEAR)
    assert asked == everything
    asked.clear()
    clock.append(INSTANT + timedelta(minutes=1))
    open_activity(app, **YEAR)
    assert asked == everything


class Clock:
    """What stands for `datetime` in a module: its now is the test's."""

    def __init__(self, at: list[datetime]) -> None:
        self._at = at

    def now(self, _zone: object) -> datetime:
        return self._at[-1]


def counting(ask: Callable[..., object], asked: Counter[str], name: str) -> Callable[..., object]:
    """The same question, counted."""

    def asks(*given: object, **named: object) -> object:
        asked[name] += 1
        return ask(*given, **named)

    return asks


def test_a_view_is_saved_and_shown_again(page_app: AppTest, sandbox: SandboxServer) -> None:
    read_to_the_end(page_app)
    name = max(sandbox.truth()["events"]["by_type"].items(), key=lambda item: item[1])[0]
    profile = runtime().sandbox.profile()
    app = open_activity(page_app, **YEAR, type=name)
    shown = figure(app, "Events")
    keep = saved_by_name(app, "Mine_*")
    assert keep == ["Mine_*"]
    views = runtime().stores_for(profile).ledger.views.of(profile.key)
    assert dict(views[0].parameters) == {"period": "365d", "people": "all", "type": name}
    app = open_activity(app, period="24h", people="", type="")
    app.session_state["saved_views"] = True
    app = press(app.run(), "Mine_*")
    assert app.query_params["type"] == name
    assert figure(app, "Events") == shown


def saved_by_name(app: AppTest, name: str) -> list[str]:
    """Save what is shown under a name; the names that are there then."""
    app.session_state["saved_views"] = True
    app.run()
    app.text_input(key="activity.view_name").set_value(name).run()
    press(app, "Save view")
    profile = runtime().sandbox.profile()
    return [one.name for one in runtime().stores_for(profile).ledger.views.of(profile.key)]


def test_the_chosen_event_stays_chosen_when_newer_ones_come(
    page_app: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    read_to_the_end(page_app)
    version = [1]
    monkeypatch.setattr(Runtime, "version", lambda *_: version[-1])
    app = open_activity(page_app, **YEAR)
    place = app.session_state["lib.ui.activity.view_events.Place"]
    profile = runtime().sandbox.profile()
    stores = runtime().stores_for(profile)
    newest = stores.events.rows(
        "SELECT source, event_id, occurred_at FROM events ORDER BY occurred_at DESC, event_id DESC"
        " LIMIT 2"
    )
    source, event_id, at = newest[1]
    place.chosen = Chosen(source, event_id, at.replace(tzinfo=UTC))
    app.run()
    assert chosen_rows(app) == [1]
    assert event_id in app.code[-1].value
    put_events(stores, [box_event(n, at=datetime.now(UTC)) for n in (1, 2)], profile=profile.key)
    version.append(2)
    app = open_activity(app, **YEAR)
    assert chosen_rows(app) == [3]
    assert event_id in app.code[-1].value
    app.button(key="pager.older").click().run()
    assert chosen_rows(app) == []
    assert event_id not in texts(app)


def chosen_rows(app: AppTest) -> list[int]:
    """The rows of the table of events that are ticked as it is drawn."""
    reported = json.loads(app.dataframe[-1].proto.selection_default)
    return [int(row) for row in reported["selection"]["rows"]]
