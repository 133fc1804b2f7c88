"""The Credentials page as a person uses it, over the real sandbox."""

import json
import threading

import pytest
from streamlit import config
from streamlit.runtime.caching import clear_session_resource_cache
from streamlit.testing.v1 import AppTest

from lib.app import current
from lib.settings.profiles import BoxCredentials, Profile, ProfileKind
from tests.sandbox_server import SandboxServer
from tests.unit.ui.credentials.credentials_app import go, page_app, switcher, texts

__all__ = ["page_app"]

CANARY = "canary0secret0that0nobody0may0see"


def button(app: AppTest, label: str) -> None:
    next(one for one in app.button if one.label == label).click().run()


def field(app: AppTest, label: str) -> str:
    return next(one.key or "" for one in app.text_input if one.label.startswith(label))


def enter(app: AppTest, label: str, text: str) -> None:
    app.text_input(key=field(app, label)).set_value(text).run()


def upload(app: AppTest, name: str, content: bytes) -> None:
    app.file_uploader[0].set_value((name, content, "application/json")).run()


def test_the_page_begins_with_the_sandbox_in_use(page_app: AppTest) -> None:
    app = go(page_app, "credentials")
    assert not app.exception
    assert "In use: Sandbox" in texts(app)


def test_try_it_says_who_we_are_and_what_is_unproven(page_app: AppTest) -> None:
    app = go(page_app, "credentials")
    button(app, "Try it")
    shown = texts(app)
    assert not app.exception
    assert "Box answered: these credentials work" in shown
    assert "Kloudless answered" in shown
    assert "Service account of the app" in shown
    assert "Manage enterprise properties" in shown


def test_an_uploaded_settings_file_is_in_use_and_works(
    page_app: AppTest, sandbox: SandboxServer
) -> None:
    config = sandbox.credentials()["box"]["config"]
    app = go(page_app, "credentials")
    upload(app, "config.json", json.dumps(config).encode())
    assert "was read" in texts(app)
    assert f"This session ({config['enterpriseID']})" in texts(app)
    button(app, "Try it")
    shown = texts(app)
    assert "Box answered: these credentials work" in shown
    for secret in (
        config["boxAppSettings"]["clientSecret"],
        config["boxAppSettings"]["appAuth"]["passphrase"],
        config["boxAppSettings"]["appAuth"]["privateKey"],
    ):
        assert secret not in shown


def test_ccg_fields_typed_one_by_one_work(page_app: AppTest, sandbox: SandboxServer) -> None:
    ccg = sandbox.credentials()["box"]["ccg"]
    app = go(page_app, "credentials")
    app.segmented_control(key="credentials.auth").set_value("ccg").run()
    enter(app, "Client ID", ccg["client_id"])
    assert "Still needed" in texts(app)
    enter(app, "Client secret", ccg["client_secret"])
    enter(app, "Enterprise ID", ccg["enterprise_id"])
    assert "Complete, and in use" in texts(app)
    button(app, "Try it")
    assert "Box answered: these credentials work" in texts(app)
    assert ccg["client_secret"] not in texts(app)


def test_a_wrong_secret_is_explained_in_boxs_words(
    page_app: AppTest, sandbox: SandboxServer
) -> None:
    ccg = sandbox.credentials()["box"]["ccg"]
    app = go(page_app, "credentials")
    app.segmented_control(key="credentials.auth").set_value("ccg").run()
    for label, value in (
        ("Client ID", ccg["client_id"]),
        ("Client secret", CANARY),
        ("Enterprise ID", ccg["enterprise_id"]),
    ):
        enter(app, label, value)
    button(app, "Try it")
    shown = texts(app)
    assert "In their words" in shown
    assert "Grant credentials are invalid" in shown
    assert "Request ID" in shown
    assert CANARY not in shown


def test_a_typed_value_is_taken_out_of_its_field(page_app: AppTest) -> None:
    app = go(page_app, "credentials")
    enter(app, "Client secret", CANARY)
    assert all(one.value != CANARY for one in app.text_input)
    assert CANARY not in texts(app)
    assert "33 characters" in texts(app)


@pytest.mark.parametrize(
    "content, word",
    [
        (b"   ", "It is empty"),
        (b"{", "JSON"),
        (b'{"installed": {"client_id": "x"}}', "settings"),
        (b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----", "key"),
    ],
)
def test_a_file_that_is_no_settings_file_is_named(
    page_app: AppTest, content: bytes, word: str
) -> None:
    app = go(page_app, "credentials")
    upload(app, "<img src=x onerror=alert(1)>.json", content)
    shown = texts(app)
    assert not app.exception
    assert "can't be used as it is" in shown
    assert word.lower() in shown.lower()
    assert "In use: Sandbox" in shown


def test_several_enterprises_are_asked_one_by_one(
    page_app: AppTest, sandbox: SandboxServer
) -> None:
    enterprise = sandbox.credentials()["box"]["ccg"]["enterprise_id"]
    app = go(page_app, "credentials")
    next(one for one in app.text_input if one.label == "Enterprise IDs").set_value(
        f"{enterprise}, 12345, none"
    )
    button(app, "Ask Box")
    shown = texts(app)
    assert "authorized" in shown
    assert "12345" in shown
    assert "Not an enterprise ID: none" in shown
    assert "Server Authentication Apps" in shown


def test_forget_now_leaves_nothing(page_app: AppTest, sandbox: SandboxServer) -> None:
    config = sandbox.credentials()["box"]["config"]
    app = go(page_app, "credentials")
    upload(app, "config.json", json.dumps(config).encode())
    button(app, "Forget now")
    shown = texts(app)
    assert "In use: Sandbox" in shown
    assert "filled in the fields below" not in shown
    assert config["boxAppSettings"]["clientSecret"] not in repr(app.session_state)


def test_other_credentials_are_another_profile(page_app: AppTest, sandbox: SandboxServer) -> None:
    ccg = sandbox.credentials()["box"]["ccg"]
    app = go(page_app, "credentials")
    app.segmented_control(key="credentials.auth").set_value("ccg").run()
    for label, value in (
        ("Client ID", ccg["client_id"]),
        ("Client secret", ccg["client_secret"]),
        ("Enterprise ID", ccg["enterprise_id"]),
    ):
        enter(app, label, value)
    first = switcher(app).value
    enter(app, "Enterprise ID", "12345")
    second = switcher(app).value
    assert first != second
    assert {str(first)[:8], str(second)[:8]} == {"session-"}


def test_pin_what_was_read_with_a_session_profile_goes_with_the_session(
    page_app: AppTest, sandbox: SandboxServer
) -> None:
    """Streamlit releases what a session leased when it ends; our stores hang on that."""
    app = go(page_app, "credentials")
    upload(app, "config.json", json.dumps(sandbox.credentials()["box"]["config"]).encode())
    runtime = current()
    assert runtime is not None
    key = str(switcher(app).value)
    runtime.stores_for(session_profile_of(key))
    assert len(runtime.sessions) == 1
    grace = config.get_option("server.disconnectedSessionTTL")
    config.set_option("server.disconnectedSessionTTL", 0)
    try:
        clear_session_resource_cache("test session id")
    finally:
        config.set_option("server.disconnectedSessionTTL", grace)
    for thread in threading.enumerate():
        if isinstance(thread, threading.Timer):
            thread.join(10)
    assert len(runtime.sessions) == 0


def session_profile_of(key: str) -> Profile:
    return Profile(key=key, label="", kind=ProfileKind.SESSION, box=BoxCredentials())


def test_an_incomplete_entry_is_not_what_is_tried(page_app: AppTest) -> None:
    app = go(page_app, "credentials")
    enter(app, "Client ID", "c" * 32)
    assert "is incomplete, so it isn't tried" in texts(app)


def test_what_was_entered_can_be_put_back_in_use(page_app: AppTest, sandbox: SandboxServer) -> None:
    config = sandbox.credentials()["box"]["config"]
    app = go(page_app, "credentials")
    upload(app, "config.json", json.dumps(config).encode())
    switcher(app).set_value("sandbox").run()
    assert "isn't the profile in use" in texts(app)
    button(app, "Use what I entered")
    assert "In use: This session" in texts(app)


def test_regression_a_choice_outlives_what_the_browser_still_showed(
    page_app: AppTest, sandbox: SandboxServer
) -> None:
    """A page that draws itself again may ask for a run before it has the new choice."""
    config = sandbox.credentials()["box"]["config"]
    app = go(page_app, "credentials")
    shown = str(switcher(app).key)
    upload(app, "config.json", json.dumps(config).encode())
    app.session_state[shown] = "sandbox"
    app.run()
    assert "In use: This session" in texts(app)
    assert str(switcher(app).value).startswith("session-")
    switcher(app).set_value("sandbox").run()
    assert "In use: Sandbox" in texts(app)
