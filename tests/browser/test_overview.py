"""Overview in a real browser: without further input, the sandbox's last week is charted."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import App, OpenPage, StillApp, settled
from tests.browser.looks import finished

pytestmark = pytest.mark.browser


def last_days(days: dict[str, int], count: int = 7) -> int:
    """The events of the newest whole UTC days."""
    today = datetime.now(UTC).date()
    requested = [(today - timedelta(days=n + 1)).isoformat() for n in range(count)]
    return sum(days.get(day, 0) for day in requested)


def test_the_last_seven_whole_days_are_the_truth_without_any_input(
    app: App, open_page: OpenPage
) -> None:
    page = open_page(app.url)
    title = page.get_by_text(re.compile(r"^[\d,]+ events in the last 7 whole days$"))
    expected = last_days(app.sandbox("/sandbox/truth")["events"]["by_day"])
    expect(title).to_have_text(f"{expected:,} events in the last 7 whole days", timeout=60_000)
    expect(page.locator(".st-key-overview-week .barlayer .point").first).to_be_visible()


def test_the_connection_is_proved_and_the_three_ways_in_lead_to_their_pages(
    still: StillApp, open_page: OpenPage
) -> None:
    page = open_page(still.app.url)
    expect(page.get_by_text("Connected.")).to_be_visible()
    expect(page.get_by_text(re.compile(r"^Enterprise:"))).to_be_visible()
    total = still.truth["events"]["total"]
    expect(page.get_by_text(f"{total:,}").first).to_be_visible()
    for title in ("Set it up", "Is it healthy?", "What happened?"):
        expect(page.get_by_text(title)).to_be_visible()
    page.get_by_test_id("stMain").get_by_role("link", name="Activity").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Activity")
    page.wait_for_url("**profile=sandbox**")


@pytest.mark.parametrize("path", ["/overview", "/activity"])
def test_the_page_is_finished_in_every_look(
    still: StillApp, open_page: OpenPage, path: str
) -> None:
    page = open_page(still.app.url + path)
    page.locator(".barlayer .point").first.wait_for()
    settled(page)
    finished(page)
