"""On a phone: no page is wider than the screen, steps flow on, a cut table says that it is cut."""

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import OpenPage, StillApp, settled

pytestmark = pytest.mark.browser

PAGES = (
    *("", "runbook", "credentials", "jwt_key", "accounts", "files", "detections", "webhooks"),
    *("health", "activity", "activity?view=content", "activity?view=sharing"),
    "activity?view=compare",
)
WIDTHS = """() => ['html', '[data-testid=stMain]'].map(
  one => document.querySelector(one).scrollWidth - innerWidth)"""
#: How strongly the hint above a table shows, and whether there is more to its right.
HINTS = """() => [...document.querySelectorAll('.stDataFrame')].map(one => {
  const line = getComputedStyle(one, '::before'), inner = one.querySelector('.dvn-scroller');
  if (!inner) return [false, false];  // in a closed expander nothing is drawn
  return [Number(line.opacity) > 0.5 && parseFloat(line.height) > 10,
          inner.scrollWidth > inner.clientWidth + 1];
})"""


def _hinted(page: Page) -> list[bool]:
    """Whether each table has the hint; it is there exactly where the table is cut."""
    page.wait_for_function(f"() => ({HINTS})().every(([told, more]) => told === more)")
    return [reported for reported, _ in page.evaluate(HINTS)]


def test_no_page_is_wider_than_a_phone_and_cut_tables_say_so(
    still: StillApp, open_page: OpenPage
) -> None:
    page = open_page(still.app.url, phone=True)
    hints = []
    for name in PAGES:
        page.goto(f"{still.app.url}/{name}")
        settled(page)
        assert max(page.evaluate(WIDTHS)) <= 0, name
        hints += _hinted(page)
    assert any(hints)  # and none where a table fits, as on other pages
    # scrolled to its end, a table has nothing more to tell
    page.goto(f"{still.app.url}/accounts")
    page.wait_for_function(f"() => ({HINTS})()[0]?.[0]")
    page.locator(".dvn-scroller").first.evaluate("one => { one.scrollLeft = 10000; }")
    page.wait_for_function(f"() => !({HINTS})()[0][0]")


def test_the_steps_flow_on_a_phone_and_the_open_one_follows(
    still: StillApp, open_page: OpenPage
) -> None:
    page = open_page(f"{still.app.url}/runbook", phone=True)
    settled(page)
    steps = page.locator(".st-key-runbook_list")
    assert steps.evaluate("one => one.scrollHeight - one.clientHeight") <= 1
    last = steps.get_by_role("button").last.bounding_box()
    card = page.locator(".st-key-runbook-step").bounding_box()
    assert last is not None
    assert card is not None
    assert 0 <= card["y"] - (last["y"] + last["height"]) < 60
