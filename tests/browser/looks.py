"""What holds of a page in every look: light and dark, wide and on a phone.

The look is changed under the open page, as a system or a window does it: opening the page anew for
each costs ten times as much and shows nothing else.
"""

from collections.abc import Iterator
from typing import Final

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser.conftest import PHONE, WIDE, settled

LOOKS: Final = ("light wide", "dark wide", "dark phone")
# Serious findings in Streamlit's own markup, which we can't change from here: rule and place.
STREAMLITS_OWN: Final = {
    "list": "[data-testid=stSidebarNav]",  # its section headings are items of the list of pages
    "listitem": "[data-testid=stSidebarNav]",
    # On a phone a wide table scrolls in a frame that no Tab reaches; its text is read all the same.
    "scrollable-region-focusable": "[data-testid=stTable]",
}
_FADED_IN_MS: Final = 500  # axe reads colours: what fades in must be there
_TOO_WIDE: Final = """() => ['html', '[data-testid=stMain]', '.st-key-banner', '[role=dialog]']
  .filter(one => { const e = document.querySelector(one);
                   return e && (e.scrollWidth > e.clientWidth + 1
                                || e.getBoundingClientRect().right > innerWidth + 1); })"""


def finished(page: Page, *looks: str) -> None:
    """In each look (all by default) axe finds nothing serious, and nothing is too wide.

    The page ends in the first look, and shows what it showed: dialogs and popovers stay open.
    """
    for look in _each(page, looks or LOOKS):
        _none(page, look, serious(page) + too_wide(page))


def fits(page: Page, *looks: str) -> None:
    """In each look (all by default) nothing is too wide."""
    for look in _each(page, looks or LOOKS):
        _none(page, look, too_wide(page))


def _none(page: Page, look: str, found: list[str]) -> None:
    if found:
        pytest.fail(f"{page.url}, {look}: {found}", pytrace=False)


def serious(page: Page) -> list[str]:
    """axe-core's serious and critical findings on a page, without those that are Streamlit's."""
    return [
        f"{violation['id']}: {node['target'][0]} {node['html'][:160]}"
        for violation in Axe().run(page).response["violations"]
        if violation["impact"] in {"serious", "critical"}
        for node in violation["nodes"]
        if not _streamlits(page, violation["id"], node["target"][0])
    ]


def too_wide(page: Page) -> list[str]:
    """What is wider than its place: the page, the banner, a dialog."""
    found: list[str] = page.evaluate(_TOO_WIDE)
    return found


def _each(page: Page, looks: tuple[str, ...]) -> Iterator[str]:
    for look in looks:
        _change(page, look)
        yield look
    _change(page, looks[0])


def _change(page: Page, look: str) -> None:
    colour, width = look.split()
    page.set_viewport_size(PHONE if width == "phone" else WIDE)  # type: ignore[arg-type]
    page.emulate_media(color_scheme="dark" if colour == "dark" else "light")
    page.wait_for_timeout(_FADED_IN_MS)
    settled(page)


def _streamlits(page: Page, rule: str, element: str) -> bool:
    place = STREAMLITS_OWN.get(rule)
    if place is None:
        return False
    return bool(
        page.evaluate("([e, p]) => !!document.querySelector(e)?.closest(p)", [element, place])
    )
