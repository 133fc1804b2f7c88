"""The Detections page over a real sandbox with planted incidents, without a browser."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from lib.activity.model.event_names import event_name
from lib.app import current, stop_background
from lib.app.background.detecting import Detecting
from lib.app.runtime import Runtime
from lib.settings.profiles import Profile, session_profile
from lib.ui.shell.navigation import PAGES
from lib.ui.shell.session import Own
from tests.sandbox_server import SandboxServer, running_sandbox
from tests.unit.ui.credentials.credentials_app import MAIN, go, texts

WAIT_S = 120


@pytest.fixture(scope="module")
def lively() -> Iterator[SandboxServer]:
    until = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    size = ("--days", "45", "--users", "30", "--events-per-day", "200", "--seed", "5")
    with running_sandbox(*size, "--no-rate-limits", until=until.isoformat()) as server:
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


def runtime() -> Runtime:
    found = current()
    assert found is not None
    return found


def detecting() -> Detecting:
    return runtime().detecting_for(runtime().sandbox.profile())


def test_the_page_stands_under_observe() -> None:
    assert [one.section for one in PAGES if one.name == "detections"] == ["Observe"]


def test_findings_are_listed_by_severity_with_reason_and_confidence(page: AppTest) -> None:
    assert not page.exception
    shown = texts(page)
    book = detecting().stores.ledger.findings
    recent = book.all("sandbox", datetime.now(UTC) - timedelta(days=30))
    assert len(recent) > 10
    assert f"{len(recent)} findings, highest severity first" in shown
    assert "the limit is" in shown
    assert "Confidence:" in shown


def test_filters_stand_in_the_address(page: AppTest) -> None:
    assert not page.exception
    app = AppTest.from_file(str(MAIN), default_timeout=90)
    app.run().switch_page("../../pages/detections.py")
    app.query_params["detection"] = "Password spray"
    app.run()
    titles = {one.value.partition(" · ")[0] for one in app.markdown if " · " in str(one.value)}
    assert titles == {"**Password spray**"}


def test_an_address_opens_a_finding_with_evidence_and_benign_explanations(page: AppTest) -> None:
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
    assert "A forgotten password" in shown
    [frame] = [one for one in app.dataframe if "event_type" in one.value.columns]
    assert set(frame.value["event_type"]) <= {"FAILED_LOGIN", "LOGIN"}
    assert list(frame.value["event_name"]) == [event_name(one) for one in frame.value["event_type"]]
    assert "Possible benign explanations" in shown
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
    assert "Enter a reason" in texts(app)
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


@pytest.fixture
def mine(
    lively: SandboxServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[AppTest, Profile]]:
    """The page with a profile of this session's own in use, nothing read with it."""
    monkeypatch.setenv("BOX_RUNBOOK_DATA", str(tmp_path))
    monkeypatch.setenv("BOX_RUNBOOK_SANDBOX", lively.url)
    stop_background()
    app = AppTest.from_file(str(MAIN), default_timeout=90).run()
    profile = session_profile(box=runtime().sandbox.profile().box, label="Mine")
    app.session_state[f"{Own.__module__}.{Own.__qualname__}"] = Own(profile)
    app.run().selectbox(key="shell.profile").set_value(profile.key)
    yield app.switch_page("../../pages/detections.py").run(), profile
    stop_background()


def test_a_session_profile_is_judged_when_the_page_is_opened_and_leaves_nothing(
    mine: tuple[AppTest, Profile], tmp_path: Path
) -> None:
    app, profile = mine
    assert not app.exception
    assert "This session only" in texts(app)
    assert "Press “Read events”" in texts(app)
    assert profile.key not in str(dict(app.query_params))

    assert runtime().sync_now(profile, timedelta(days=90)).wait(WAIT_S)
    app.run()
    assert not app.exception
    assert "for a session profile, detections run when this page is opened" in texts(app)
    book = runtime().detecting_for(profile).stores.ledger.findings
    kept = book.all(profile.key, datetime.now(UTC) - timedelta(days=30))
    assert len(kept) > 10
    assert f"{len(kept)} findings, highest severity first" in texts(app)

    one = next(found for found in kept if found.actor_id is not None)
    app.button(key=f"finding.open.{one.key}").click().run()
    app.text_input(key=f"finding.note.{one.key}").set_value("canary-note").run()
    app.button(key=f"finding.resolved.{one.key}").click().run()
    assert not app.exception
    after = book.one(profile.key, one.key)
    assert after is not None
    assert (after.state, after.note) == ("resolved", "canary-note")
    assert profile.key not in str(dict(app.query_params))

    on_disk = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
    assert on_disk
    for secret in ("canary-note", profile.key):
        assert not any(secret.encode() in data for data in on_disk)
    host = detecting().stores.ledger
    assert host.findings.all(profile.key) == []
    assert [entry for entry in host.audit_entries() if entry.profile == profile.key] == []


def test_a_session_profile_runs_again_with_nothing_read(mine: tuple[AppTest, Profile]) -> None:
    app, _ = mine
    app.button(key="detections.again").click().run()
    assert not app.exception
    assert not app.error
    assert "Press “Read events”" in texts(app)
