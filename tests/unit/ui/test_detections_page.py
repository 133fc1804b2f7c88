"""The Detections page over a real sandbox with planted incidents, without a browser."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from lib.server import current, stop_background
from lib.server.detecting import Detecting
from lib.ui.navigation import PAGES
from tests.sandbox_server import SandboxServer, running_sandbox
from tests.unit.ui.credentials_app import MAIN, go, texts

WAIT_S = 120


@pytest.fixture(scope="module")
def lively() -> Iterator[SandboxServer]:
    until = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    options = ("--days", "45", "--users", "30", "--events-per-day", "200", "--seed", "5")
    with running_sandbox(*options, until=until.isoformat()) as server:
        yield server


@pytest.fixture(scope="module")
def page(lively: SandboxServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[AppTest]:
    """The page after everything was read and judged."""
    patch = pytest.MonkeyPatch()
    patch.setenv("BOX_RUNBOOK_DATA", str(tmp_path_factory.mktemp("detections")))
    patch.setenv("BOX_RUNBOOK_SANDBOX", lively.url)
    stop_background()
    app = AppTest.from_file(str(MAIN), default_timeout=90)
    go(app, "detections")
    runtime = current()
    assert runtime is not None
    job = runtime.reader_for(runtime.sandbox.profile()).job
    assert job is not None
    assert job.wait(WAIT_S)
    app.run()
    yield app
    stop_background()
    patch.undo()


def detecting() -> Detecting:
    runtime = current()
    assert runtime is not None
    return runtime.detecting_for(runtime.sandbox.profile())


def test_the_page_stands_under_observe() -> None:
    assert [one.section for one in PAGES if one.name == "detections"] == ["Observe"]


def test_findings_are_listed_gravest_first_with_why_and_how_sure(page: AppTest) -> None:
    assert not page.exception
    shown = texts(page)
    book = detecting().stores.ledger.findings
    recent = book.all("sandbox", datetime.now(UTC) - timedelta(days=30))
    assert len(recent) > 10
    assert f"{len(recent)} findings, gravest first" in shown
    assert "the limit is" in shown
    assert "how sure:" in shown


def test_filters_stand_in_the_address(page: AppTest) -> None:
    assert not page.exception
    app = AppTest.from_file(str(MAIN), default_timeout=90)
    app.run().switch_page("../../pages/detections.py")
    app.query_params["detection"] = "Password spray"
    app.run()
    titles = {one.value.partition(" · ")[0] for one in app.markdown if " · " in str(one.value)}
    assert titles == {"**Password spray**"}


def test_an_address_opens_a_finding_with_evidence_and_innocent_reasons(page: AppTest) -> None:
    [kept, *_] = [
        one
        for one in detecting().stores.ledger.findings.all("sandbox")
        if one.detection == "failed_login_burst"
    ]
    page.query_params["finding"] = kept.key
    app = page.run()
    assert not app.exception
    shown = texts(app)
    assert "T1110.001" in shown
    assert "A person who has forgotten it" in shown
    [frame] = [one for one in app.dataframe if "event_type" in one.value.columns]
    assert set(frame.value["event_type"]) <= {"FAILED_LOGIN", "LOGIN"}
    assert len(frame.value) == kept.events
    app.button(key=f"finding.acknowledged.{kept.key}").click().run()
    assert not app.exception
    ledger = detecting().stores.ledger
    after = ledger.findings.one("sandbox", kept.key)
    assert after is not None
    assert after.state == "acknowledged"
    [entry, *_] = ledger.audit_entries()
    assert (entry.what, entry.subject) == ("finding_acknowledged", kept.key)


def test_a_mute_needs_a_reason(page: AppTest) -> None:
    ledger = detecting().stores.ledger
    kept = ledger.findings.all("sandbox")[0]
    page.query_params["finding"] = kept.key
    app = page.run()
    app.button(key=f"finding.mute.do.{kept.key}").click().run()
    assert "Say why" in texts(app)
    assert ledger.findings.mutes("sandbox", datetime.now(UTC)) == {}
    app.text_input(key=f"finding.why.{kept.key}").set_value("a planned test").run()
    app.button(key=f"finding.mute.do.{kept.key}").click().run()
    assert not app.exception
    [mute] = ledger.findings.mutes("sandbox", datetime.now(UTC)).values()
    assert (mute.detection, mute.reason) == (kept.detection, "a planned test")


def test_an_address_of_no_finding_is_said(page: AppTest) -> None:
    page.query_params["finding"] = "0" * 24
    app = page.run()
    assert not app.exception
    assert "isn't there" in " ".join(str(one.value) for one in app.warning)


def test_a_profile_without_events_says_what_to_do(
    lively: SandboxServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BOX_RUNBOOK_DATA", str(tmp_path))
    monkeypatch.setenv("BOX_RUNBOOK_SANDBOX", lively.url)
    stop_background()
    with lively.fault("app_not_authorized"):
        app = go(AppTest.from_file(str(MAIN), default_timeout=90), "detections")
        runtime = current()
        assert runtime is not None
        job = runtime.reader_for(runtime.sandbox.profile()).job
        assert job is not None
        assert job.wait(WAIT_S)
        app.run()
    assert not app.exception
    assert "Press “Read events”" in texts(app)
    stop_background()
