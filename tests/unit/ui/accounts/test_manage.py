"""Importing and changing Kloudless accounts on the Accounts page, over the real sandbox."""

import contextlib
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from tests.sandbox_kloudless import Api, kloudless_api
from tests.sandbox_server import SandboxServer
from tests.unit.ui.credentials.credentials_app import go, page_app, texts

__all__ = ["page_app"]

TOKEN = "canary-token-4711"


@pytest.fixture
def api(sandbox: SandboxServer) -> Iterator[Api]:
    """The sandbox's Kloudless; accounts that a test brought in are taken away again."""
    with kloudless_api(sandbox) as found:
        before = {one["id"] for one in found.accounts()}
        yield found
        for one in found.accounts():
            if one["id"] not in before:
                found.call("DELETE", f"/accounts/{one['id']}")


@dataclass(frozen=True, slots=True)
class Audited:
    what: str
    subject: str | None
    outcome: str
    detail: str | None


def audited(tmp_path: Path) -> list[Audited]:
    """The audit record, oldest first."""
    with contextlib.closing(sqlite3.connect(tmp_path / "data" / "ledger.sqlite")) as ledger:
        found = ledger.execute("SELECT what, subject, outcome, detail FROM audit ORDER BY id")
        return [Audited(*row) for row in found]


def kloudless_list(app: AppTest) -> AppTest:
    app.query_params["list"] = "Kloudless accounts"
    app.session_state["accounts.import.open"] = True
    return go(app, "accounts")


def enter(app: AppTest, label: str, text: str) -> None:
    next(one for one in app.text_input if one.label == label).set_value(text).run()


def field(app: AppTest, label: str) -> str:
    return str(next(one for one in app.text_input if one.label == label).value)


def press(app: AppTest, label: str) -> None:
    next(one for one in app.button if one.label == label).click().run()


def organisation(app: AppTest) -> None:
    kind = next(one for one in app.segmented_control if one.label == "Account type")
    kind.set_value("organisation").run()


def added(api: Api, before: list[dict[str, Any]]) -> list[dict[str, Any]]:
    known = {one["id"] for one in before}
    return [one for one in api.accounts() if one["id"] not in known]


def test_an_import_is_sent_proved_listed_and_written_down(
    page_app: AppTest, api: Api, tmp_path: Path
) -> None:
    before = api.accounts()
    app = kloudless_list(page_app)
    enter(app, "Account name", "new@halden.example")
    enter(app, "Token", TOKEN)
    assert field(app, "Token") == ""
    press(app, "Import")
    assert not app.exception
    (made,) = added(api, before)
    shown = texts(app)
    assert "Imported: new@" in shown
    assert "Imported, but it doesn't work." in shown  # nobody's token
    assert "service_unauthorized" in shown
    assert list(app.dataframe[0].value["Account"]) == ["new@halden.example"]
    assert TOKEN not in shown
    (written,) = audited(tmp_path)
    assert written == Audited("import_account", f"account {made['id']}", "ok", "one person")


def test_nothing_is_sent_before_it_is_complete_and_each_gap_is_named(
    page_app: AppTest, api: Api, tmp_path: Path
) -> None:
    before = api.accounts()
    app = kloudless_list(page_app)
    enter(app, "Token expires (optional)", "tomorrow")
    press(app, "Import")
    shown = texts(app)
    assert "The name is missing." in shown
    assert "This isn't a time." in shown
    assert "Not sent: see the messages at the fields." in shown
    assert added(api, before) == []
    assert audited(tmp_path) == []


def test_a_refused_import_keeps_everything_that_was_typed(
    page_app: AppTest, api: Api, sandbox: SandboxServer, tmp_path: Path
) -> None:
    before = api.accounts()
    app = kloudless_list(page_app)
    enter(app, "Account name", "new@halden.example")
    enter(app, "Token", TOKEN)
    with sandbox.fault("kloudless_request_failed", path="/v1/accounts", times=10):
        press(app, "Import")
        shown = texts(app)
    assert "request_failed" in shown
    assert "Set, and hidden." in shown
    assert field(app, "Account name") == "new@halden.example"
    assert [one.outcome for one in audited(tmp_path)] == ["refused"]
    press(app, "Import")
    assert len(added(api, before)) == 1


def test_an_organisation_is_proved_before_it_is_sent(
    page_app: AppTest, api: Api, sandbox: SandboxServer, tmp_path: Path
) -> None:
    box = sandbox.credentials()["box"]
    before = api.accounts()
    app = kloudless_list(page_app)
    organisation(app)
    enter(app, "Account name", "Halden")
    enter(app, "Enterprise ID", "4242")
    enter(app, "Proof token", box["developer_token"])
    press(app, "Import")
    assert "of another enterprise" in texts(app)
    assert audited(tmp_path) == []  # nothing was sent to Kloudless
    enter(app, "Enterprise ID", box["config"]["enterpriseID"])
    press(app, "Check the proof")
    assert "is the primary admin of enterprise" in texts(app)
    with sandbox.fault("kloudless_no_jwt_keys"):
        press(app, "Import")
        assert "The application has no JWT keys for Box." in texts(app)
    assert [one.outcome for one in audited(tmp_path)] == ["refused"]
    assert added(api, before) == []
    assert box["developer_token"] not in texts(app)


def test_names_of_fields_are_ours_and_can_be_changed(page_app: AppTest, api: Api) -> None:
    app = kloudless_list(page_app)
    organisation(app)
    assert "a convention of this app" in texts(app)
    names = [one for one in app.text_input if one.label == "Field name"]
    assert [one.value for one in names] == ["token", "admin", "enterprise_id"]
    names[0].set_value("verification_token").run()
    enter(app, "Account name", "Halden")
    enter(app, "Enterprise ID", "4242")
    enter(app, "Proof token", TOKEN)
    preview = next(str(one.value) for one in app.code if str(one.value).startswith("POST "))
    assert '"verification_token": "[hidden]"' in preview
    assert '"token"' not in preview
    assert '"admin": true' in preview
    press(app, "Add field")
    assert "A field has no name." in texts(app)
    press(app, "Restore default names")
    names = [one for one in app.text_input if one.label == "Field name"]
    assert [one.value for one in names] == ["token", "admin", "enterprise_id"]
    assert api.accounts()


def test_a_dead_proof_token_is_reported_and_nothing_is_sent(page_app: AppTest, api: Api) -> None:
    before = api.accounts()
    app = kloudless_list(page_app)
    organisation(app)
    enter(app, "Account name", "Halden")
    enter(app, "Enterprise ID", "4242")
    enter(app, "Proof token", TOKEN)
    press(app, "Import")
    shown = texts(app)
    assert "401" in shown
    assert "What to do" in shown
    assert added(api, before) == []


def test_a_draft_is_not_carried_into_another_profile(
    page_app: AppTest, sandbox: SandboxServer
) -> None:
    app = kloudless_list(page_app)
    enter(app, "Token", TOKEN)
    assert "Set, and hidden." in texts(app)
    given = sandbox.credentials()["kloudless"]
    app.switch_page("../../pages/credentials.py").run()
    enter(app, "Base address", given["base_url"])
    enter(app, "Application ID", given["app_id"])
    enter(app, "API key", given["api_key"])
    app.query_params["list"] = "Kloudless accounts"
    app.switch_page("../../pages/accounts.py").run()
    app.session_state["accounts.import.open"] = True
    app.run()
    assert "Account type" in [one.label for one in app.segmented_control]
    assert "Set, and hidden." not in texts(app)


def test_a_name_that_turns_its_direction_around_is_listed_with_a_mark(
    page_app: AppTest, api: Api
) -> None:
    name = "invoice\u202egnp.exe"
    api.call("POST", "/accounts", json={"account": name, "service": "box", "token": TOKEN})
    app = kloudless_list(page_app)
    listed = list(app.dataframe[0].value["Account"])
    assert "invoice\ufffdgnp.exe" in listed
    assert name not in listed
