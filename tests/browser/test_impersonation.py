"""Impersonation in a real browser: who can be acted for, proved side by side, and who can't."""

import re

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import App, OpenPage, settled
from tests.browser.looks import finished

pytestmark = pytest.mark.browser


def opened(app: App, open_page: OpenPage) -> Page:
    page = open_page(f"{app.url}/accounts?list=Impersonation")
    expect(page.get_by_text("Acting for a user shows")).to_be_visible(timeout=30_000)
    settled(page)
    return page


def choose(page: Page, login: str) -> None:
    find = page.get_by_role("textbox", name="Find a person")
    find.fill(login)
    find.press("Enter")
    settled(page)
    page.get_by_role("combobox", name="Person", exact=True).click()
    page.get_by_role("option").filter(has_text=login).click()
    expect(page.get_by_text("Requirements")).to_be_visible()
    settled(page)


def login_of(app: App, kind: str) -> str:
    box = app.sandbox("/sandbox/credentials")["box"]
    bearer = {"authorization": f"Bearer {box['developer_token']}"}
    found = httpx.get(f"{box['api_url']}/2.0/users/{box['users'][kind]}", headers=bearer)
    login: str = found.raise_for_status().json()["login"]
    return login


def test_a_managed_user_is_proved_in_every_way(app: App, open_page: OpenPage) -> None:
    page = opened(app, open_page)
    login = login_of(app, "managed")
    choose(page, login)
    page.get_by_role("button", name="Test access").click()
    expect(page.get_by_text("Every way shows the same person")).to_be_visible(timeout=30_000)
    expect(page.get_by_text("worked", exact=True)).to_have_count(3)  # a badge a way
    assert login not in page.url


def test_an_external_user_cannot_be_acted_for_and_each_way_says_why(
    app: App, open_page: OpenPage
) -> None:
    page = opened(app, open_page)
    choose(page, login_of(app, "external"))
    expect(page.get_by_text("Not impersonable")).to_be_visible()
    expect(page.get_by_text("not possible", exact=True)).to_have_count(3)
    expect(page.get_by_role("button", name="Test access")).to_have_count(0)


def test_it_is_finished_in_every_look(app: App, open_page: OpenPage) -> None:
    page = opened(app, open_page)
    finished(page)
    expect(page).to_have_url(re.compile("Impersonation"))
