"""Signing in to Box in a real browser: out to its consent page in another tab, and back.

The sandbox's page stands for Box's. What a code was used for is read in the sandbox's own log.
"""

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
    readable,
    sees,
    visitors,
    world,
)
from tests.sandbox_oauth import Grant
from tests.sandbox_server import SandboxServer

__all__ = ["clocked", "dead", "open_host", "page_only", "visitors", "world"]

pytestmark = pytest.mark.browser

SIGNED_IN = "Signed in to Box as"
OVER = "This sign-in was already used"


def oauth_of(world: SandboxServer) -> Any:
    return world.credentials()["box"]["oauth"]


def enter_app(page: Page, world: SandboxServer) -> None:
    """Client ID and secret of the sandbox's OAuth app."""
    page.get_by_role("radio", name="OAuth 2.0", exact=True).click()
    expect(page.get_by_role("textbox", name="Refresh token")).to_be_visible(timeout=PATIENCE)
    settled(page)
    for label, name in (("Client ID", "client_id"), ("Client secret", "client_secret")):
        found = page.get_by_role("textbox", name=label, exact=True)
        found.fill(oauth_of(world)[name])
        found.press("Enter")
        expect(found.first).to_have_attribute("placeholder", re.compile("^Set"), timeout=PATIENCE)
    expect(page.get_by_role("link", name="Sign in to Box")).to_be_visible(timeout=PATIENCE)
    settled(page)


def exchanged(world: SandboxServer) -> int:
    """How often the sandbox's token endpoint was asked by its OAuth app."""
    served = [(one["path"], one["client_id"]) for one in world.get("/sandbox/log")]
    return served.count(("/oauth2/token", oauth_of(world)["client_id"]))


def grant(tab: Page) -> None:
    tab.get_by_role("button", name="Grant access to Box").click()


def test_a_sign_in_comes_back_to_the_tab_that_began_and_loses_nothing(
    clocked: App, world: SandboxServer, visitors: Visitors
) -> None:
    """Neither its code nor its state stays anywhere, and neither is of any use again."""
    before = exchanged(world)
    visitor = visitors(clocked)
    page = visitor.page
    enter_app(page, world)
    sees(page, f"{clocked.url}/connected")
    tab = visitor.other_tab()
    sees(page, "Waiting for you to return from Box")
    # Half a word in a field that was not left yet.
    page.get_by_role("tab", name="Addresses and keys").click()
    typed = page.get_by_role("textbox", name="Webhook primary key")
    typed.press_sequentially("half a wo")
    grant(tab)
    landed(tab)
    sees(tab, SIGNED_IN)
    sees(tab, "You can close this tab")
    sees(page, "In use: This session")
    sees(page, "Signed in: these credentials work")
    expect(typed).to_have_value("half a wo")
    page.get_by_role("tab", name="Box app").click()
    sees(page, SIGNED_IN)
    assert exchanged(world) == before + 1
    # The token in memory is good: another call renews with it.
    page.get_by_role("button", name="Try it", exact=True).click()
    sees(page, "Box answered: these credentials work")
    (back,) = visitor.came_back()
    stays_nowhere(clocked, visitor, tab, back)
    before = exchanged(world)
    tab.goto(back)
    landed(tab)
    sees(tab, OVER)
    assert exchanged(world) == before


def stays_nowhere(app: App, visitor: Visitor, tab: Page, back: str) -> None:
    """Code and state of that address are in no log and in neither tab."""
    code, state = (httpx.URL(back).params[name] for name in ("code", "state"))
    log = app.log.read_bytes()
    assert code.encode() not in log
    assert state.encode() not in log
    assert visitor.frames
    assert all(code.encode() not in frame for frame in visitor.frames)
    assert code not in tab.content()
    assert state not in tab.content()


def test_a_no_is_explained_in_both_tabs_and_every_state_can_be_read(
    clocked: App, world: SandboxServer, visitors: Visitors
) -> None:
    before = exchanged(world)
    visitor = visitors(clocked)
    page = visitor.page
    enter_app(page, world)
    page.get_by_text("It doesn't come back by itself").click()
    readable(page)
    tab = visitor.other_tab()
    sees(page, "Waiting for you to return from Box")
    expect(page.get_by_role("textbox", name="Address that Box sent you back to")).to_be_visible()
    readable(page)
    tab.get_by_role("button", name="Deny access to Box").click()
    landed(tab)
    for one in (tab, page):
        sees(one, "The person didn't grant access.")
        sees(one, "The user denied access to your application")
        settled(one)
        readable(one)
    assert exchanged(world) == before
    tab.goto(f"{clocked.url}/connected")
    landed(tab)
    sees(tab, "there is nothing to finish")
    readable(tab)
    # Nothing is lost: another try can be made at once.
    again = visitor.other_tab()
    grant(again)
    sees(page, SIGNED_IN)


def test_a_state_that_nobody_or_another_browser_was_given_is_refused_and_reported(
    clocked: App, world: SandboxServer, visitors: Visitors
) -> None:
    before = exchanged(world)
    mine = visitors(clocked)
    other = visitors(clocked, "/connected?code=abc&state=nobody-gave-this-out")
    landed(other.page)
    sees(other.page, "This app doesn't know this sign-in.")
    enter_app(mine.page, world)
    mine.other_tab().close()
    link = mine.page.get_by_role("link", name="Sign in to Box").get_attribute("href")
    other.page.goto(str(link))
    grant(other.page)
    landed(other.page)
    for one in (other.page, mine.page):
        sees(one, "This sign-in was started in another browser.")
    assert exchanged(world) == before


def test_one_that_was_given_up_or_took_more_than_ten_minutes_is_refused(
    clocked: App, world: SandboxServer, visitors: Visitors
) -> None:
    before = exchanged(world)
    visitor = visitors(clocked)
    enter_app(visitor.page, world)
    tab = visitor.other_tab()
    sees(visitor.page, "Waiting for you to return")
    visitor.page.get_by_role("button", name="Cancel").click()
    expect(visitor.page.get_by_text("Waiting for you to return")).to_be_hidden()
    grant(tab)
    landed(tab)
    sees(tab, OVER)
    assert exchanged(world) == before

    settled(visitor.page)
    late = visitor.other_tab()
    sees(visitor.page, "Waiting for you to return")
    httpx.post(f"{clocked.url}/forward", params={"seconds": "601"}).raise_for_status()
    sees(visitor.page, "This sign-in took longer than ten minutes.")
    grant(late)
    landed(late)
    sees(late, "This sign-in took longer than ten minutes.")
    assert exchanged(world) == before
    again = visitor.other_tab()
    grant(again)
    sees(visitor.page, SIGNED_IN)


def test_an_address_of_another_place_can_be_pasted(
    clocked: App, world: SandboxServer, visitors: Visitors
) -> None:
    visitor = visitors(clocked)
    page = visitor.page
    enter_app(page, world)
    page.get_by_text("It doesn't come back by itself").click()
    elsewhere = oauth_of(world)["redirect_uris"][-1]
    assert elsewhere.startswith("https://")
    page.get_by_role("textbox", name="Redirect address").fill(elsewhere)
    page.get_by_role("textbox", name="Redirect address").press("Enter")
    expect(page.get_by_test_id("stCode").get_by_text(elsewhere)).to_be_visible()
    settled(page)
    tab = visitor.other_tab()
    with tab.expect_event("requestfailed"):  # nobody serves that place
        grant(tab)
    (back,) = visitor.came_back()
    page.get_by_role("textbox", name="Address that Box sent you back to").fill(back)
    page.get_by_role("textbox", name="Address that Box sent you back to").press("Enter")
    sees(page, SIGNED_IN)


def test_it_works_where_no_route_of_ours_is_forwarded(
    world: SandboxServer, visitors: Visitors, tmp_path: Path
) -> None:
    env = {"BOX_RUNBOOK_SANDBOX": world.url}
    script = "tests/app_without_routes.py"
    with running_app(tmp_path / "data", env=env, script=script) as app:
        assert "ledger" not in app.get("/healthz").text
        visitor = visitors(app)
        enter_app(visitor.page, world)
        tab = visitor.other_tab()
        grant(tab)
        landed(tab)
        sees(visitor.page, SIGNED_IN)


def test_it_works_by_hand_where_nothing_but_the_page_is_served(
    page_only: App, world: SandboxServer, visitors: Visitors
) -> None:
    """Without our cookie nobody knows which browser came back: the session that began decides."""
    before = exchanged(world)
    visitor = visitors(page_only)
    page = visitor.page
    enter_app(page, world)
    tab = visitor.other_tab()
    grant(tab)
    sees(tab, "can't complete the sign-in by itself")
    assert exchanged(world) == before
    page.get_by_role("textbox", name="Address that Box sent you back to").fill(tab.url)
    page.get_by_role("textbox", name="Address that Box sent you back to").press("Enter")
    sees(page, SIGNED_IN)
    assert exchanged(world) == before + 1


# -- signing in again for a profile of the host's settings ---------------------------------------


def test_a_dead_refresh_token_of_the_host_is_replaced_on_the_machine_itself(
    world: SandboxServer, dead: Grant, visitors: Visitors, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    env = {"BOX_RUNBOOK_SANDBOX": world.url, **dead.environment(world.url)}
    with running_app(data, env=env) as app:
        visitor = visitors(app, "/credentials?profile=acme")
        page = visitor.page
        page.get_by_role("button", name="Try it", exact=True).click()
        sees(page, "Ask the person to sign in to Box again")
        tab = visitor.other_tab("Sign in to Box again")
        tab.get_by_label("Log in as").fill(login_of(world, dead.user_id))
        grant(tab)
        landed(tab)
        sees(page, SIGNED_IN)
        page.get_by_role("button", name="Try it", exact=True).click()
        sees(page, "Box answered: these credentials work")
        assert (data / "refresh-token.acme").exists()
    with running_app(data, env=env) as app:  # after a restart, too
        page = visitors(app, "/credentials?profile=acme").page
        page.get_by_role("button", name="Try it", exact=True).click()
        sees(page, "Box answered: these credentials work")


def login_of(world: SandboxServer, user_id: str) -> str:
    bearer = {"authorization": f"Bearer {world.credentials()['box']['developer_token']}"}
    answer = httpx.get(f"{world.url}/2.0/users/{user_id}", headers=bearer, timeout=60)
    return str(answer.raise_for_status().json()["login"])


def test_a_visitor_of_an_open_app_can_not_replace_the_hosts_token(
    open_host: App, visitors: Visitors
) -> None:
    page = visitors(open_host, "/credentials?profile=acme").page
    sees(page, "the host of this app can sign in again")
    expect(page.get_by_role("link", name="Sign in to Box again")).to_have_count(0)
