"""On a phone: no page is wider than the screen, steps flow on, a cut table says that it is cut."""

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import OpenPage, StillApp, settled
from tests.slices import Record, taken

pytestmark = pytest.mark.browser

PAGES = (
    *("overview", "activity", "runbook", "credentials", "activity?view=content", "jwt_key"),
    *("files", "activity?view=sharing", "detections", "webhooks", "activity?view=compare"),
    "health",
)
LISTS = "accounts"
"""Its table is always cut."""
WIDTHS = """() => ['html', '[data-testid=stMain]'].map(
  one => document.querySelector(one).scrollWidth - innerWidth)"""
#: How strongly the hint above a table shows, and whether there is more to its right.
HINTS = """() => [...document.querySelectorAll('.stDataFrame')].map(one => {
  const line = getComputedStyle(one, '::before'), inner = one.querySelector('.dvn-scroller');
  if (!inner) return [false, false];  // in a closed expander nothing is drawn
  return [Number(line.opacity) > 0.5 && parseFloat(line.height) > 10,
          inner.scrollWidth > inner.clientWidth + 1];
})"""


def _hinted(page: Page) -> None:
    """Each table has the hint exactly where it is cut."""
    page.wait_for_function(f"() => ({HINTS})().every(([told, more]) => told === more)")


def test_no_page_is_wider_than_a_phone_and_cut_tables_say_so(
    still: StillApp, open_page: OpenPage, record_property: Record
) -> None:
    page = open_page("about:blank", phone=True)
    for name in (*taken(record_property, "widths of pages", PAGES, 4), LISTS):
        page.goto(f"{still.app.url}/{name}")
        settled(page)
        assert max(page.evaluate(WIDTHS)) <= 0, name
        _hinted(page)
    # scrolled to its end, a table has nothing more to tell
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
