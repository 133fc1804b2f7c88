"""Bringing in, changing and deleting Kloudless accounts in a real browser."""

import contextlib
import re
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import App, OpenPage, again_until, running_app, settled
from tests.browser.looks import finished, fits
from tests.sandbox_server import SandboxServer, running_sandbox

pytestmark = pytest.mark.browser

SMALL = ("--days", "2", "--events-per-day", "50", "--users", "12", "--no-rate-limits")
LIST = "/accounts?list=Kloudless+accounts"
PATIENCE = 30_000


@dataclass(frozen=True, slots=True)
class Place:
    """An app over a sandbox that this module may change."""

    app: App
    sandbox: SandboxServer

    def kloudless(self, method: str, path: str, **options: Any) -> Any:
        """Kloudless's own answer, asked past the app."""
        given = self.sandbox.credentials()["kloudless"]
        answer = httpx.request(
            method,
            f"{given['base_url']}{path}",
            headers={"Authorization": f"APIKey {given['api_key']}"},
            timeout=60,
            **options,
        )
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def accounts(self) -> dict[str, Any]:
        """Every account by its name and service."""
        found = self.kloudless("GET", "/accounts/", params={"page_size": 1000})["objects"]
        return {f"{one['account']} {one['service']}": one for one in found}

    def bring_in(self, name: str, token: str = "canary-dead") -> int:
        """An account that the test may change; its token is nobody's."""
        body = {"account": name, "service": "box", "token": token}
        return int(self.kloudless("POST", "/accounts/", json=body)["id"])

    def audited(self, account: int) -> list[tuple[str, str]]:
        """What the audit record says of an account, oldest first."""
        with contextlib.closing(sqlite3.connect(self.app.data / "ledger.sqlite")) as ledger:
            return ledger.execute(
                "SELECT what, outcome FROM audit WHERE subject = ? ORDER BY id",
                (f"account {account}",),
            ).fetchall()


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with running_sandbox(*SMALL, until=None) as sandbox:
        data = tmp_path_factory.mktemp("manage") / "data"
        with running_app(data, env={"BOX_RUNBOOK_SANDBOX": sandbox.url}) as app:
            yield Place(app, sandbox)


def box(page: Page, label: str) -> Locator:
    return page.get_by_role("textbox", name=label, exact=True)


def fill(page: Page, label: str, text: str) -> None:
    box(page, label).fill(text)
    box(page, label).press("Enter")
    settled(page)


def search(page: Page, name: str) -> None:
    """Narrow the list to an account."""
    page.get_by_role("searchbox", name="Search accounts").fill(name)
    expect(page.get_by_text(re.compile(r"1 to \d+ of \d+ accounts"))).to_be_visible()
    settled(page)


def choose(page: Page, *rows: int) -> None:
    """Tick the boxes of rows, counted from 0, and see what follows from it."""
    table = page.get_by_test_id("stDataFrame").first
    table.scroll_into_view_if_needed()
    for count, row in enumerate(rows, start=1):
        corner = table.bounding_box()
        assert corner is not None
        page.mouse.click(corner["x"] + 17, corner["y"] + 36 + 34 * row + 17)
        if count > 1:
            expect(page.get_by_text(f"{count} accounts selected")).to_be_visible()
        else:
            expect(page.get_by_text("Does it work?")).to_be_visible()
    settled(page)


def opened(place: Place, open_page: OpenPage, name: str, **how: Any) -> Page:
    """The page with the account of that name chosen."""
    page = open_page(f"{place.app.url}{LIST}", **how)
    settled(page)
    search(page, name)
    choose(page, 0)
    return page


def sees(page: Page, text: str) -> None:
    """See a text, and be ready for the next click."""
    expect(page.get_by_text(text).first).to_be_visible(timeout=PATIENCE)
    settled(page)


def test_an_account_from_its_import_to_its_end(place: Place, open_page: OpenPage) -> None:
    page = open_page(f"{place.app.url}{LIST}")
    settled(page)
    page.get_by_text("Import an account").click()
    fill(page, "Account name", "Ada's import")
    fill(page, "Token", place.sandbox.credentials()["box"]["developer_token"])
    sees(page, "Without it Kloudless can't renew the token.")
    page.get_by_role("button", name="Import", exact=True).click()
    sees(page, "Imported: Ada's import")
    sees(page, "Verified by a call: it reached Box at")
    settled(page)
    account = place.accounts()["Ada's import box"]["id"]

    page.get_by_role("button", name="Disable").click()
    sees(page, "Disabled: Ada's import")
    assert place.accounts()["Ada's import box"]["enabled"] is False
    page.get_by_role("button", name="Enable").click()
    sees(page, "Enabled: Ada's import")
    assert place.accounts()["Ada's import box"]["enabled"] is True

    page.get_by_role("button", name="Rename").click()
    fill(page, "New name", "Ada's own")
    page.get_by_role("button", name="Save name").click()
    sees(page, "Renamed: Ada's import")
    assert place.accounts()["Ada's own box"]["id"] == account
    # The list was narrowed to the old name, and goes along with the account.
    expect(page.get_by_role("searchbox", name="Search accounts")).to_have_value("Ada's own")
    settled(page)

    page.get_by_role("button", name="Delete").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("its tokens stop working at once")
    expect(dialog.get_by_role("button", name="Delete account")).to_be_disabled()
    dialog.get_by_role("textbox").press_sequentially("Ada's o")
    expect(dialog.get_by_role("button", name="Delete account")).to_be_disabled()
    dialog.get_by_role("textbox").press_sequentially("wn")
    expect(dialog.get_by_role("button", name="Delete account")).to_be_enabled()
    dialog.get_by_role("button", name="Delete account").click()
    sees(page, "Deleted: Ada's own")
    assert account not in {one["id"] for one in place.accounts().values()}
    assert place.audited(account) == [
        ("import_account", "ok"),
        ("disable_account", "ok"),
        ("enable_account", "ok"),
        ("rename_account", "ok"),
        ("delete_account", "ok"),
    ]


def test_a_dead_token_is_named_and_replaced_in_place(place: Place, open_page: OpenPage) -> None:
    account = place.bring_in("dead@halden.example")
    page = opened(place, open_page, "dead@halden.example")
    page.get_by_role("button", name="Test this account").click()
    sees(page, "Kloudless answered 401 service_unauthorized")
    sees(page, "Connect the account again")
    sees(page, "You can do this here.")

    page.get_by_role("button", name="New tokens").click()
    fill(page, "New token", place.sandbox.credentials()["box"]["developer_token"])
    expect(box(page, "New token")).to_have_count(1)  # not the one that was typed into, too
    expect(box(page, "New token")).to_have_value("")
    page.get_by_role("button", name="Send tokens").click()
    sees(page, "Tokens updated: dead")
    settled(page)
    page.get_by_role("button", name="Test this account").click()
    sees(page, "Callable: it answered at")
    assert place.audited(account) == [("update_account_tokens", "ok")]
    place.kloudless("DELETE", f"/accounts/{account}/")


def test_a_token_that_dies_at_kloudless_is_reported_by_cause_and_person(
    place: Place, open_page: OpenPage
) -> None:
    """What a person will certainly meet: the account worked, and one day it doesn't."""
    name = place.sandbox.credentials()["kloudless"]["admin_account"]
    account = int(name)
    row = next(one for one in place.accounts().values() if one["id"] == account)
    page = opened(place, open_page, row["account"])
    page.get_by_role("button", name="Test this account").click()
    sees(page, "Callable: it answered at")
    with place.sandbox.fault("upstream_expired", account=account):
        page.get_by_role("button", name="Test this account").click()
        sees(page, "Kloudless answered 401 service_unauthorized")
        sees(page, "the Box token expired or was revoked")
        sees(page, "You can do this here.")


def test_a_refused_change_keeps_what_was_typed(place: Place, open_page: OpenPage) -> None:
    account = place.bring_in("kept@halden.example")
    page = opened(place, open_page, "kept@halden.example")
    page.get_by_role("button", name="Rename").click()
    fill(page, "New name", "A better name")
    with place.sandbox.fault("kloudless_forbidden", path=f"/v1/accounts/{account}"):
        page.get_by_role("button", name="Save name").click()
        sees(page, "Kloudless answered 403 forbidden")
        sees(page, "Not renamed: kept")
    settled(page)
    expect(box(page, "New name")).to_have_value("A better name")
    page.get_by_role("button", name="Save name").click()
    expect(page.get_by_text(re.compile("^Renamed: kept"))).to_be_visible()
    done = [("rename_account", "refused"), ("rename_account", "ok")]
    assert place.audited(account) == done
    place.kloudless("DELETE", f"/accounts/{account}/")


def test_several_accounts_are_changed_each_with_its_outcome(
    place: Place, open_page: OpenPage
) -> None:
    made = [place.bring_in(f"many{number}@halden.example") for number in (1, 2, 3)]
    page = open_page(f"{place.app.url}{LIST}")
    settled(page)
    search(page, "many")
    choose(page, 0, 1, 2)
    with place.sandbox.fault("kloudless_forbidden", path=f"/v1/accounts/{made[1]}"):
        page.get_by_role("button", name="Disable").click()
        sees(page, "3 accounts: 2 disabled · 1 refused")
    assert [place.accounts()[f"many{n}@halden.example box"]["enabled"] for n in (1, 2, 3)] == [
        False,
        True,
        False,
    ]
    assert place.audited(made[1]) == [("disable_account", "refused")]
    sees(page, "3 accounts selected")  # they stay chosen
    page.get_by_role("button", name="Delete").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("textbox").press_sequentially("delete 3 accounts")
    dialog.get_by_role("button", name="Delete accounts").click()
    sees(page, "3 accounts: 3 deleted")
    assert not set(made) & {one["id"] for one in place.accounts().values()}


def test_form_and_dialog_are_finished_in_every_look(place: Place, open_page: OpenPage) -> None:
    page = opened(place, open_page, "AutomationUser")
    page.get_by_text("Import an account").click()
    page.get_by_role("radio", name="A Box organisation, over JWT").click()
    sees(page, "These names are a convention of this app.")
    settled(page)
    refused = page.get_by_text("Not sent: see the messages at the fields.").first
    again_until(
        page.get_by_role("button", name="Import", exact=True).click,
        lambda patience: expect(refused).to_be_visible(timeout=patience),
    )
    settled(page)
    finished(page, "light wide", "dark wide")
    fits(page, "dark phone")
    for name in ("Import", "Disable", "Delete…"):
        button = page.get_by_role("button", name=name, exact=True)
        button.scroll_into_view_if_needed()
        expect(button).to_be_in_viewport()
    page.get_by_role("button", name="Delete").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    finished(page, "light wide", "dark wide")
