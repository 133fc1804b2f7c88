"""The views of Activity beside the first: no serious finding of axe, and a way by keyboard."""

import re
from typing import Final

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import DRAWN, OpenPage, StillApp, settled
from tests.browser.looks import finished
from tests.slices import Record, taken

pytestmark = pytest.mark.browser

VIEWS: Final = ("view=content", "view=sharing", "view=compare", "view=compare&pair=", "open=actor~")
TABS: Final = 70  # as many steps as a page has places before its table of events


def named(still: StillApp, view: str) -> str:
    """The view with the people it asks for: such as have an incident of their own."""
    ids = [str(one["actor_id"]) for one in still.truth["incidents"] if one["actor_id"]]
    people = list(dict.fromkeys(ids))
    if view.endswith("~"):
        return view + people[0]
    return view + ",".join(people[:2]) if view.endswith("pair=") else view


def shown(still: StillApp, open_page: OpenPage, view: str) -> Page:
    page = open_page(f"{still.app.url}/activity?period=365d&people=all&{named(still, view)}")
    page.locator(".plot-container").first.wait_for()
    settled(page)
    return page


def tab_to(page: Page, there: Locator) -> None:
    """Press Tab until the focus is there, and see that it shows."""
    for _ in range(TABS):
        page.keyboard.press("Tab")
        if there.evaluate("element => element === document.activeElement"):
            assert there.evaluate("element => element.matches(':focus-visible')")
            return
    pytest.fail(f"no Tab leads to {there}")


def test_the_view_is_finished_in_every_look(
    still: StillApp, open_page: OpenPage, record_property: Record
) -> None:
    for view in taken(record_property, "looks of Activity", VIEWS, 2):
        finished(shown(still, open_page, view))


def test_the_views_are_changed_and_rows_are_read_by_keyboard(
    still: StillApp, open_page: OpenPage
) -> None:
    page = shown(still, open_page, "view=content")
    tab_to(page, page.get_by_role("radio", name="Overview"))
    for name in ("content", "sharing"):
        page.keyboard.press("ArrowRight")
        expect(page.get_by_role("radio", name=name.capitalize())).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("view=sharing"))
    settled(page)
    expect(page.get_by_text("Shared links turned on", exact=True)).to_be_visible()
    rows = page.locator(".st-key-head-external").get_by_role("button", name=re.compile("Rows"))
    tab_to(page, rows)
    page.keyboard.press("Enter")
    box = page.get_by_role("dialog", name="Rows")
    expect(box.get_by_test_id("stDataFrame")).to_be_visible()
    page.keyboard.press("Escape")
    expect(box).to_be_hidden()
    expect(rows).to_be_focused()


def test_two_people_are_compared_by_keyboard(still: StillApp, open_page: OpenPage) -> None:
    page = shown(still, open_page, "view=compare")
    expect(page.get_by_role("heading", name="Chosen period")).to_be_visible()
    people = page.get_by_role("combobox", name="Two people")
    tab_to(page, people)
    for address in (r"pair=\d+($|&)", r"pair=\d+(,|%2C)\d+"):
        page.keyboard.press("ArrowDown")
        expect(page.get_by_role("option").first).to_be_visible()
        page.keyboard.press("Enter")
        page.wait_for_url(re.compile(address))
    page.keyboard.press("Escape")
    settled(page)
    expect(page.get_by_text(re.compile(r"^\d+ only for .+, \d+ only for ")).first).to_be_visible()


def test_a_profile_is_opened_and_left_by_keyboard(still: StillApp, open_page: OpenPage) -> None:
    page = shown(still, open_page, "view=sharing")
    profiles = page.get_by_role("button", name="Open a profile")
    expect(profiles).to_have_count(3)  # of guests, items and people; until then one is another one
    tab_to(page, profiles.nth(1))
    page.keyboard.press("Enter")
    first = page.locator("[class*=st-key-open-]").first.get_by_role("button")
    expect(first).to_be_visible()
    tab_to(page, first)
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("open=(item|actor)~"))  # lists that are still drawn change places
    back = page.get_by_role("button", name=re.compile("Back to all activity"))
    expect(back).to_be_visible(timeout=DRAWN)
    settled(page)
    tab_to(page, back)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "open=" not in url)
    expect(page.get_by_text("Shared links turned on", exact=True)).to_be_visible()


def test_what_is_said_of_a_picture_can_be_read(still: StillApp, open_page: OpenPage) -> None:
    page = shown(still, open_page, "view=sharing")
    page.emulate_media(color_scheme="dark")
    settled(page)
    page.get_by_role("button", name="Download plot as a PNG").first.press("Enter")
    note = page.locator(".notifier-note").first
    expect(note).to_have_css("background-color", "rgb(43, 52, 66)")
    expect(note).to_have_css("color", "rgb(255, 255, 255)")
