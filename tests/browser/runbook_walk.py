"""From a settings file to a proven road, part by part: what a person clicks on the way."""

import re
from typing import Final

from playwright.sync_api import Page, expect

from tests.browser.conftest import App, settled
from tests.browser.test_credentials import config_of, try_it, upload_settings

COUNT: Final = re.compile(r"(\d+) of (\d+) steps complete")
_WATCH_BARS: Final = """() => {
  const bars = () => document.querySelectorAll('[data-testid=stProgress]').length;
  const before = bars();
  window.came = false;
  window.went = () => window.came && bars() <= before;
  new MutationObserver(() => { window.came ||= bars() > before; })
    .observe(document.body, { childList: true, subtree: true });
}"""
_BAR_CAME_AND_WENT: Final = "() => window.went()"
NOT_NEEDED: Final = re.compile("Invite the service account")
"""A step that the walk leaves out, with a reason."""


def counted(page: Page) -> tuple[int, int]:
    """How many steps are settled, and how many there are."""
    found = COUNT.search(page.get_by_text(COUNT).first.inner_text())
    assert found is not None
    return int(found[1]), int(found[2])


def step_title(page: Page) -> str:
    """The title of the step that is open."""
    return page.locator(".st-key-runbook-step").get_by_role("heading", level=3).inner_text()


def enter_settings(page: Page, app: App) -> None:
    """On Credentials: upload the settings file and try it."""
    upload_settings(page, config_of(app))
    try_it(page)


def choose_goal_and_road(page: Page) -> None:
    """Open the Runbook; look at a smaller goal, take the whole one, by JWT."""
    page.get_by_test_id("stSidebarNav").get_by_role("link", name="Runbook").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Runbook")
    settled(page)
    for goal, word in (("Activity and people", "people"), ("The guide's full set", "full")):
        page.get_by_role("radio", name=goal).click()
        page.wait_for_url(re.compile(f"goal={word}"))
        settled(page)
    page.get_by_role("combobox", name="Road").click()
    page.get_by_role("option", name="Box with JWT").click()
    settled(page)


def prove_everything(page: Page) -> None:
    """Every check, once. What an earlier run left on the page says nothing: this run's bar does."""
    page.evaluate(_WATCH_BARS)
    page.get_by_role("button", name="Run all checks").click()
    page.wait_for_function(_BAR_CAME_AND_WENT, timeout=60_000)
    expect(page.get_by_text("Started ")).to_be_visible(timeout=60_000)
    settled(page)


def prove_with_a_write(page: Page) -> None:
    """See what would be written, allow it once, and prove the step that needs it."""
    open_step(page, "Select the scopes")
    page.get_by_text("What would be written, if you allow it").click()
    expect(page.get_by_text("POST http").first).to_be_visible()
    page.get_by_text("Allow this write once").click()
    settled(page)
    settled_before, total = counted(page)
    page.get_by_role("button", name="Run checks again").click()
    until_counted(page, settled_before + 1, total)
    page.get_by_role("button", name="Continue with step").click()
    expect(page.get_by_role("button", name="Mark as done").first).to_be_visible()
    settled(page)


def vouch_for_the_rest(page: Page) -> int:
    """Say of each step that is left how it is known, or why it isn't needed; how many they were."""
    begun, total = counted(page)
    for number in range(begun, total):
        if NOT_NEEDED.search(step_title(page)):
            note(page, "Skip step", "only events are read")
        else:
            note(page, "Mark as done", "seen")
        until_counted(page, number + 1, total)
    return total - begun


def note(page: Page, popover: str, text: str) -> None:
    """Open a step's popover, type, press its button; it closes with its step."""
    page.get_by_role("button", name=popover).first.click()
    box = page.get_by_test_id("stPopoverBody")
    box.get_by_role("textbox").fill(text)
    box.get_by_role("button", name=popover).click()
    expect(box).to_be_hidden()


def open_step(page: Page, title: str) -> None:
    """Choose a step in the list."""
    page.locator(".st-key-runbook_list").get_by_role("button", name=re.compile(title)).click()
    expect(page.get_by_role("heading", level=3).filter(has_text=re.compile(title))).to_be_visible()
    settled(page)


def until_counted(page: Page, settled_steps: int, total: int) -> None:
    """Wait until so many steps are settled, and the page is drawn."""
    words = f"{settled_steps} of {total} steps complete"
    expect(page.get_by_text(words).first).to_be_visible(timeout=60_000)
    settled(page)
