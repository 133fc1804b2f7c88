"""Accounts in a real browser: pages, search, a chosen row, and accounts proved by a call."""

import contextlib
import re
import sqlite3

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import App, OpenPage, settled, wait_until

pytestmark = pytest.mark.browser


def choose_row(page: Page, row: int) -> None:
    """Tick the box of a row, counted from 0: the table is drawn on a canvas."""
    box = page.get_by_test_id("stDataFrame").first.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + 17, box["y"] + 36 + 34 * row + 17)


def look_ups(app: App) -> int:
    """How many look-ups of a person the audit record has."""
    with contextlib.closing(sqlite3.connect(app.data / "ledger.sqlite")) as ledger:
        row = ledger.execute("SELECT count(*) FROM audit WHERE what = 'look_up'").fetchone()
    return int(row[0])


def test_pages_and_kinds_are_in_the_address_and_the_search_text_is_not(
    app: App, open_page: OpenPage
) -> None:
    page = open_page(f"{app.url}/accounts")
    settled(page)
    page.get_by_role("button", name=re.compile("next", re.IGNORECASE)).click()
    expect(page.get_by_text(re.compile(r"^26 to 50 of"))).to_be_visible()
    assert "users_page=2" in page.url
    page.get_by_role("searchbox", name="Name or login starts with").fill("zzz-nobody")
    expect(page.get_by_text("No name or login starts with")).to_be_visible()
    assert "zzz" not in page.url
    assert "users_page=2" not in page.url


def test_a_chosen_user_is_reported_in_full(app: App, open_page: OpenPage) -> None:
    page = open_page(f"{app.url}/accounts")
    settled(page)
    before = look_ups(app)
    choose_row(page, 0)
    expect(page.get_by_text("Storage used")).to_be_visible()
    expect(page.get_by_role("heading", name="Groups")).to_be_visible()
    wait_until(lambda: look_ups(app) == before + 1, seconds=20)
    page.get_by_role("link", name="This user's activity").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Activity")
    page.wait_for_url(re.compile(r"actor=\d+"))


def test_a_link_opens_the_list_that_it_names(app: App, open_page: OpenPage) -> None:
    page = open_page(f"{app.url}/accounts?list=Groups")
    settled(page)
    expect(page.get_by_text(re.compile(r"of \d+ groups"))).to_be_visible()
    choose_row(page, 0)
    expect(page.get_by_text(re.compile(r"\d+ members?"))).to_be_visible()


def test_accounts_are_tried_in_small_batches(app: App, open_page: OpenPage) -> None:
    page = open_page(f"{app.url}/accounts?list=Kloudless+accounts")
    settled(page)
    page.get_by_role("button", name="Test 10 accounts").click()
    expect(page.get_by_role("button", name="Test 10 accounts")).to_be_hidden(timeout=30_000)
    settled(page)
    choose_row(page, 0)
    expect(page.get_by_text("Callable: it answered at")).to_be_visible()
