"""The Accounts page over the real sandbox, and over profiles that lack a half."""

import json

import pytest
from streamlit.testing.v1 import AppTest

from tests.sandbox_server import SandboxServer
from tests.unit.ui.credentials.credentials_app import go, page_app, texts

__all__ = ["page_app"]


def open_list(app: AppTest, name: str) -> AppTest:
    app.query_params["list"] = name
    return go(app, "accounts")


def test_users_are_shown_a_page_at_a_time(page_app: AppTest, sandbox: SandboxServer) -> None:
    app = go(page_app, "accounts")
    assert not app.exception
    frame = app.dataframe[0].value
    assert len(frame) == 25
    assert {"Name", "Login", "Role", "Status"} <= set(frame.columns)
    assert "1 to 25 of" in texts(app)
    assert sandbox.credentials()["box"]["config"]["enterpriseID"]


def test_search_finds_beginnings_and_asks_box(page_app: AppTest) -> None:
    app = go(page_app, "accounts")
    name = str(app.dataframe[0].value["Name"][3])
    app.text_input(key="accounts.users.term").set_value(name[:6]).run()
    found = app.dataframe[0].value["Name"]
    assert name in set(found)
    assert all(str(one).lower().startswith(name[:6].lower()) for one in found)
    app.text_input(key="accounts.users.term").set_value("no such person").run()
    assert "No name or login starts with" in texts(app)


@pytest.mark.parametrize("kind", ["managed", "external", "all"])
def test_kinds_of_users_are_told_apart(page_app: AppTest, kind: str) -> None:
    app = go(page_app, "accounts")
    app.segmented_control(key="user_type").set_value(kind).run()
    assert not app.exception
    if app.dataframe:
        kinds = set(app.dataframe[0].value["Kind"])
        assert ("External" in kinds) is (kind == "external") or kind == "all"


def test_groups_are_listed(page_app: AppTest) -> None:
    app = open_list(page_app, "Groups")
    assert not app.exception
    assert "Name" in app.dataframe[0].value.columns


def test_accounts_are_listed_and_proved_by_a_call(page_app: AppTest) -> None:
    app = open_list(page_app, "Kloudless accounts")
    assert not app.exception
    before = set(app.dataframe[0].value["State"])
    assert "? Enabled, not tested" in before
    next(one for one in app.button if one.label.startswith("Test ")).click().run()
    assert "✓ Callable" in set(app.dataframe[0].value["State"])


def test_accounts_are_filtered_by_service(page_app: AppTest) -> None:
    app = open_list(page_app, "Kloudless accounts")
    app.selectbox(key="accounts.kloudless.service").set_value("box").run()
    assert set(app.dataframe[0].value["Service"]) == {"Box"}
    assert "this app searched" in texts(app)


def test_a_fault_of_box_is_shown_with_cause_and_fix(
    page_app: AppTest, sandbox: SandboxServer
) -> None:
    with sandbox.fault("token_rejected"):
        app = go(page_app, "accounts")
        shown = texts(app)
    assert not app.exception
    assert "invalid_token" in shown
    assert "What to do" in shown


def enter(app: AppTest, label: str, text: str) -> None:
    next(one for one in app.text_input if one.label == label).set_value(text).run()


def with_kloudless_alone(app: AppTest, sandbox: SandboxServer) -> AppTest:
    kloudless = sandbox.credentials()["kloudless"]
    app = go(app, "credentials")
    enter(app, "Base address", kloudless["base_url"])
    enter(app, "Application ID", kloudless["app_id"])
    enter(app, "API key", kloudless["api_key"])
    return app


def test_a_profile_without_a_box_app_begins_with_its_accounts(
    page_app: AppTest, sandbox: SandboxServer
) -> None:
    app = with_kloudless_alone(page_app, sandbox)
    app.switch_page("../../pages/accounts.py").run()
    assert not app.exception
    assert "Service" in app.dataframe[0].value.columns


def test_a_profile_without_a_box_app_says_what_to_do_next(
    page_app: AppTest, sandbox: SandboxServer
) -> None:
    app = with_kloudless_alone(page_app, sandbox)
    app.query_params["list"] = "Users"
    app.switch_page("../../pages/accounts.py").run()
    assert not app.exception
    assert "has no Box app" in texts(app)


def test_a_profile_without_kloudless_says_what_to_do_next(
    page_app: AppTest, sandbox: SandboxServer
) -> None:
    app = go(page_app, "credentials")
    config = json.dumps(sandbox.credentials()["box"]["config"]).encode()
    app.file_uploader[0].set_value(("config.json", config, "application/json")).run()
    app.query_params["list"] = "Kloudless accounts"
    app.switch_page("../../pages/accounts.py").run()
    assert not app.exception
    assert "has no Kloudless application" in texts(app)
    assert "Credentials page" in texts(app)


def test_a_sign_in_to_box_begins_on_the_accounts_page(page_app: AppTest) -> None:
    app = go(page_app, "accounts")
    next(one for one in app.button if one.label == "Sign in to Box").click().run()
    assert not app.exception
    assert app.title[0].value == "Credentials"
    assert app.segmented_control(key="credentials.auth").value == "oauth"


def test_going_to_the_sign_in_takes_nothing_that_was_entered(
    page_app: AppTest, sandbox: SandboxServer
) -> None:
    app = go(page_app, "credentials")
    config = json.dumps(sandbox.credentials()["box"]["config"]).encode()
    app.file_uploader[0].set_value(("config.json", config, "application/json")).run()
    app.switch_page("../../pages/accounts.py").run()
    next(one for one in app.button if one.label == "Sign in to Box").click().run()
    assert "In use: This session" in texts(app)
    assert app.segmented_control(key="credentials.auth").value == "jwt"


@pytest.mark.parametrize(
    "scope, words",
    [("box, storage", "comma"), ("box:boss", "account type"), ("box:admin", "our reading")],
)
def test_a_typed_scope_is_judged_before_anybody_is_asked(
    page_app: AppTest, scope: str, words: str
) -> None:
    app = open_list(page_app, "Kloudless accounts")
    app.session_state["accounts.connect.open"] = True
    app.session_state["accounts.connect.scope"] = scope
    app.run()
    assert not app.exception
    assert words in texts(app)
