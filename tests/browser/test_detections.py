"""Detections in a real browser: from the list to a finding's evidence and back, by keyboard too."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenPage, StillApp, settled
from tests.browser.test_overview import serious

pytestmark = pytest.mark.browser


def test_a_finding_opens_with_its_evidence_and_closes_by_keyboard(
    still: StillApp, open_page: OpenPage
) -> None:
    page = open_page(f"{still.app.url}/detections?detection=Failed+sign-ins")
    settled(page)
    first = page.locator("[class*=st-key-finding-open-]").first.get_by_role("button")
    expect(first).to_be_visible(timeout=60_000)
    assert serious(page) == []
    settled(page)
    first.press("Enter")
    drawer = page.get_by_role("dialog")
    expect(drawer).to_contain_text("It may be innocent")
    expect(drawer.get_by_test_id("stDataFrame")).to_be_visible()
    expect(page).to_have_url(re.compile("finding=[0-9a-f]{24}"))
    settled(page)
    link = drawer.get_by_role("link", name="Show on Activity")
    expect(link).to_have_attribute("href", re.compile(r"actor=\d+.*type=FAILED_LOGIN"))
    page.keyboard.press("Escape")
    expect(drawer).to_be_hidden()
    expect(page).not_to_have_url(re.compile("finding="))


def test_a_finding_opens_on_a_phone_in_the_dark(still: StillApp, open_page: OpenPage) -> None:
    page = open_page(f"{still.app.url}/detections", phone=True, dark=True)
    settled(page)
    first = page.locator("[class*=st-key-finding-open-]").first.get_by_role("button")
    expect(first).to_be_visible(timeout=60_000)
    settled(page)
    assert serious(page) == []
    first.click()
    drawer = page.get_by_role("dialog")
    expect(drawer).to_contain_text("It may be innocent")
    expect(page).to_have_url(re.compile("finding=[0-9a-f]{24}"))
