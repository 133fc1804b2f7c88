"""The Health page over the real sandbox, without a browser."""

import pytest
from streamlit.testing.v1 import AppTest

from lib.app import current
from tests.sandbox_server import SandboxServer
from tests.unit.ui.credentials.credentials_app import go, page_app, texts

__all__ = ["page_app"]
WAIT_S = 120


def checked(app: AppTest, key: str = "sandbox") -> AppTest:
    """The page after a run that a person asked for."""
    app.button(key="health.check").click().run()
    assert not app.exception
    runtime = current()
    assert runtime is not None
    owner = runtime._owner
    assert owner is not None
    profile = next(iter(runtime.sessions._stores.values())).watch if key == "session" else None
    watch = profile or runtime.watch_for(runtime.sandbox.profile())
    assert watch.wait(WAIT_S)
    app.run()
    assert not app.exception
    return app


@pytest.fixture
def health(page_app: AppTest) -> AppTest:
    return checked(go(page_app, "health"))


def test_every_part_is_drawn_after_a_run(health: AppTest) -> None:
    shown = texts(health)
    assert "No failures" in shown
    for title in ("Identity and tokens", "Permissions", "Events", "Webhooks", "Kloudless"):
        assert title in shown
    assert "Access token works" in shown


@pytest.mark.parametrize(
    "view, words",
    [
        ("Over time", "Hatched time was not"),
        ("Speed and limits", "Box doesn't report how old a key is"),
        ("Speed and limits", "of 1,000"),
        ("Speed and limits", "No webhook has been received for this profile"),
        ("Alerts", "No alerts are sent"),
    ],
)
def test_each_view_says_what_it_knows(health: AppTest, view: str, words: str) -> None:
    health.query_params["view"] = view
    app = go(health, "health")
    assert not app.exception
    assert words in texts(app)


def test_a_fault_names_cause_person_and_place(health: AppTest, sandbox: SandboxServer) -> None:
    client_id = sandbox.credentials()["box"]["config"]["boxAppSettings"]["clientID"]
    with sandbox.fault("app_not_authorized", client_id=client_id):
        app = checked(health)
    shown = texts(app)
    assert "1 problem" in shown
    assert "isn't authorized in this enterprise" in shown
    assert "Responsible:] the Box admin" in shown
    assert "A Box admin can do this." in shown


def test_a_mute_needs_a_reason_and_is_in_the_audit_record(
    health: AppTest, sandbox: SandboxServer
) -> None:
    client_id = sandbox.credentials()["box"]["config"]["boxAppSettings"]["clientID"]
    with sandbox.fault("app_not_authorized", client_id=client_id):
        app = checked(health)
    runtime = current()
    assert runtime is not None
    watch = runtime.watch_for(runtime.sandbox.profile())
    (incident,) = [
        one for one in watch.book.incidents("sandbox") if one.cause == "token.app_not_authorized"
    ]
    app.button(key=f"mute.do.{incident.id}").click().run()
    assert "Give a reason" in texts(app)
    assert watch.ledger.audit_entries() == []
    app.text_input(key=f"mute.why.{incident.id}").set_value("Ada is on it").run()
    app.button(key=f"mute.do.{incident.id}").click().run()
    assert not app.exception
    (entry,) = watch.ledger.audit_entries()
    assert (entry.what, entry.subject) == ("mute", "token.app_not_authorized")
    assert "Ada is on it" in str(entry.detail)
    app.segmented_control(key="incidents").set_value("muted").run()
    assert "Ada is on it" in texts(app)
    app.button(key=f"unmute.{incident.id}").click().run()
    assert [one.what for one in watch.ledger.audit_entries()] == ["unmute", "mute"]


def test_a_session_profile_is_checked_on_demand_and_says_so(
    page_app: AppTest, sandbox: SandboxServer
) -> None:
    kloudless = sandbox.credentials()["kloudless"]
    app = go(page_app, "credentials")
    for label, name in (
        ("Base address", "base_url"),
        ("Application ID", "app_id"),
        ("API key", "api_key"),
    ):
        found = next(one for one in app.text_input if one.label == label)
        found.set_value(kloudless[name]).run()
    app = app.switch_page("../../pages/health.py").run()
    assert not app.exception
    assert "Not checked yet" in texts(app)
    app = checked(app, "session")
    shown = texts(app)
    assert "on demand only" in shown
    assert "Connected accounts work" in shown
    assert "Box can be reached" not in shown
    app.query_params["view"] = "Alerts"
    app = app.switch_page("../../pages/health.py").run()
    assert "no alerts are sent for it" in texts(app)
