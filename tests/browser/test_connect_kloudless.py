"""Connecting accounts through Kloudless in a real browser: consent in another tab, and back."""

import re
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import App, running_app, settled
from tests.browser.connect_walk import (
    PATIENCE,
    Visitor,
    Visitors,
    clocked,
    dead,
    landed,
    open_host,
    page_only,
    sees,
    visitors,
    world,
)
from tests.browser.test_accounts import choose_row
from tests.sandbox_server import SandboxServer
from tests.secrets_watch import eavesdropping

__all__ = ["clocked", "dead", "open_host", "page_only", "visitors", "world"]

pytestmark = pytest.mark.browser

LINK = "Connect at Kloudless"
LIST = "/accounts?list=Kloudless+accounts"
CONNECTED = re.compile(r"^Connected( again)?: ")
"""The outcome, whoever signed in; columns and details are headed by the word alone."""
BACK_FIELD = "Address that Kloudless sent you back to"


def accounts(world: SandboxServer) -> dict[str, Any]:
    """The accounts of the sandbox's application, by id."""
    given = world.credentials()["kloudless"]
    answer = httpx.get(
        f"{given['base_url']}/accounts/",
        params={"page_size": "1000"},
        headers={"Authorization": f"APIKey {given['api_key']}"},
        timeout=60,
    )
    return {str(one["id"]): one for one in answer.raise_for_status().json()["objects"]}


def exchanged(world: SandboxServer) -> int:
    served = [(one["method"], one["path"]) for one in world.get("/sandbox/log")]
    return sum(method == "POST" and "/oauth/token" in path for method, path in served)


def opened(visitor: Visitor) -> Page:
    """The page with the section open."""
    page = visitor.page
    page.get_by_text("Connect an account").click()
    expect(page.get_by_role("link", name=LINK)).to_be_visible(timeout=PATIENCE)
    settled(page)
    return page


def people(tab: Page) -> list[str]:
    """Whom the consent page offers: “Ada (ada@example.com)”."""
    return tab.get_by_label("Sign in as").locator("option").all_inner_texts()


def stranger(tab: Page, world: SandboxServer) -> str:
    """Somebody who has no account yet."""
    known = {one["account"] for one in accounts(world).values()}
    return next(one for one in people(tab) if one.split("(")[-1].rstrip(")") not in known)


def allow(tab: Page, person: str | None = None) -> None:
    if person is not None:
        tab.get_by_label("Sign in as").select_option(label=person)
    tab.get_by_role("button", name="Allow access").click()


def local(login: str) -> str:
    """What stands before the @: in running text, an address is broken up so that it is no link."""
    return login.partition("@")[0]


def choose_scope(page: Page, scope: str) -> None:
    box = page.get_by_role("combobox", name="Scope")
    box.click()
    box.fill(scope)
    box.press("Enter")
    asked = httpx.QueryParams({"scope": scope})
    link = page.get_by_role("link", name=LINK)
    expect(link).to_have_attribute("href", re.compile(re.escape(str(asked))), timeout=PATIENCE)
    settled(page)


def test_an_account_is_connected_listed_and_chosen(
    clocked: App, world: SandboxServer, visitors: Visitors
) -> None:
    before = accounts(world)
    visitor = visitors(clocked, f"{LIST}&account_state=disabled")
    page = opened(visitor)
    sees(page, f"{clocked.url}/connected")
    link = page.get_by_role("link", name=LINK).get_attribute("href")
    sees(page, str(link))  # the exact address is there to read
    tab = visitor.other_tab(LINK)
    sees(page, "Waiting for you to return from Kloudless")
    person = stranger(tab, world)
    allow(tab, person)
    landed(tab)
    login = person.split("(")[-1].rstrip(")")
    for one in (tab, page):
        sees(one, f"Connected: {local(login)}")
    sees(page, "New account:")
    (added,) = set(accounts(world)) - set(before)
    assert accounts(world)[added]["account"] == login
    # Listed, whatever was filtered before, and chosen: its details are open.
    expect(page.get_by_role("searchbox", name="Search accounts")).to_have_value(login)
    expect(page.get_by_test_id("stTable").get_by_text(added)).to_be_visible(timeout=PATIENCE)
    assert "account_state" not in page.url


def test_the_same_person_again_keeps_the_account_and_another_one_is_reported(
    clocked: App, world: SandboxServer, visitors: Visitors
) -> None:
    before = accounts(world)
    visitor = visitors(clocked, LIST)
    page = visitor.page
    choose_row(page, 1)
    page.get_by_role("button", name="Reconnect").click()
    sees(page, "its user signs in again in the other tab")
    settled(page)
    known = str(page.locator("code").filter(has_text="@").first.inner_text())
    tab = visitor.other_tab(LINK)
    allow(tab, next(one for one in people(tab) if known in one))
    landed(tab)
    sees(page, f"Connected again: {local(known)}")
    sees(page, "The same account as before")
    assert accounts(world).keys() == before.keys()
    settled(page)
    page.get_by_role("button", name="Reconnect").click()
    settled(page)
    tab = visitor.other_tab(LINK)
    allow(tab, stranger(tab, world))
    sees(page, "Another person signed in")


def test_a_no_is_explained_in_both_tabs_and_a_typed_scope_is_kept_and_asked_for(
    clocked: App, world: SandboxServer, visitors: Visitors
) -> None:
    before = exchanged(world)
    visitor = visitors(clocked, LIST)
    page = opened(visitor)
    choose_scope(page, "box:admin.storage")
    sees(page, "An administrator of the organisation must sign in")
    tab = visitor.other_tab(LINK)
    sees(tab, "box:admin.storage")
    sees(tab, "the whole organisation")
    tab.get_by_role("button", name="Deny").click()
    landed(tab)
    for one in (tab, page):
        sees(one, "Access to the account was denied.")
        sees(one, "The person denied the request.")
    assert exchanged(world) == before

    settled(page)
    tab = visitor.other_tab(LINK)
    sees(tab, "box:admin.storage")
    allow(tab)
    sees(page, CONNECTED)
    expect(page.get_by_role("combobox", name="Scope")).to_have_value("box:admin.storage")
    robot = world.credentials()["kloudless"]["admin_account"]
    assert accounts(world)[robot]["effective_scope"] == "box:admin.storage.default:kloudless"


def test_replayed_stolen_and_late_addresses_are_refused(
    clocked: App, world: SandboxServer, visitors: Visitors
) -> None:
    visitor, thief = visitors(clocked, LIST), visitors(clocked, "/overview")
    page = opened(visitor)
    tab = visitor.other_tab(LINK)
    allow(tab)
    sees(page, CONNECTED)
    before = exchanged(world)
    (back,) = visitor.came_back()
    tab.goto(back)  # once more
    landed(tab)
    sees(tab, "This sign-in was already used")
    stolen = page.get_by_role("link", name=LINK).get_attribute("href")
    thief.page.goto(str(stolen))
    allow(thief.page)
    landed(thief.page)
    sees(thief.page, "This sign-in was started in another browser.")
    late = visitors(clocked, LIST)
    opened(late)
    tab = late.other_tab(LINK)
    httpx.post(f"{clocked.url}/forward", params={"seconds": "601"}).raise_for_status()
    allow(tab)
    landed(tab)
    for one in (tab, late.page):
        sees(one, "This sign-in took longer than ten minutes.")
    assert exchanged(world) == before


def test_the_token_never_comes_to_a_browser_or_a_log(
    world: SandboxServer, visitors: Visitors, tmp_path: Path
) -> None:
    with (
        eavesdropping(world.url) as proxy,
        running_app(tmp_path / "data", env={"BOX_RUNBOOK_SANDBOX": proxy.url}) as app,
    ):
        visitor = visitors(app, LIST)
        page = opened(visitor)
        tab = visitor.other_tab(LINK)
        tab.on("websocket", visitor.keep_frames)
        allow(tab)
        landed(tab)
        sees(page, CONNECTED)
        bearer = {name: one for name, one in proxy.secrets.items() if name.startswith("bearer")}
        assert bearer
        (back,) = visitor.came_back()
        secret = [*proxy.secrets.values(), httpx.URL(back).params["code"]]
        everything = b"\n".join([*visitor.frames, app.log.read_bytes(), page.content().encode()])
        assert [one for one in secret if one.encode() in everything] == []


def test_it_works_by_hand_where_nothing_but_the_page_is_served(
    page_only: App, visitors: Visitors
) -> None:
    visitor = visitors(page_only, LIST)
    page = opened(visitor)
    tab = visitor.other_tab(LINK)
    allow(tab)
    sees(tab, "can't complete the sign-in by itself")
    page.get_by_role("textbox", name=BACK_FIELD).fill(tab.url)
    page.get_by_role("textbox", name=BACK_FIELD).press("Enter")
    sees(page, CONNECTED)


def test_a_visitor_of_an_open_app_can_neither_connect_nor_change_accounts_of_the_host(
    open_host: App, visitors: Visitors
) -> None:
    page = visitors(open_host, f"{LIST}&profile=acme").page
    sees(page, "Only the host of this app can connect accounts")
    expect(page.get_by_text("Connect an account")).to_have_count(0)
    choose_row(page, 0)
    sees(page, "Only the host of this app can change this profile's accounts.")
    expect(page.get_by_text("Import an account")).to_have_count(0)
    expect(page.get_by_role("button", name=re.compile("Disable|Delete"))).to_have_count(0)
