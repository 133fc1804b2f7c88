"""Detections in a real browser: from the list to a finding's evidence and back, by keyboard too."""

import contextlib
import csv
import json
import re
import sqlite3
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenPage, StillApp, settled
from tests.browser.looks import serious

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
    expect(drawer).to_contain_text("Possible benign explanations")
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
    expect(drawer).to_contain_text("Possible benign explanations")
    expect(page).to_have_url(re.compile("finding=[0-9a-f]{24}"))


def test_what_is_shown_is_downloaded_by_this_browser_alone(
    still: StillApp, open_page: OpenPage
) -> None:
    page = open_page(f"{still.app.url}/detections?detection=Failed+sign-ins&found_in=90d")
    settled(page)
    reported = page.get_by_text(re.compile(r"^\d+ findings?, highest severity first")).inner_text()
    count = int(reported.split()[0])
    assert count > 0
    page.get_by_role("button", name=re.compile(r"Download$")).last.click()
    files = {}
    for label in ("CSV", "JSON Lines"):
        link = page.get_by_role("link", name=re.compile(label))
        link.wait_for()
        settled(page)
        path = urlsplit(str(link.get_attribute("href"))).path
        assert still.app.get(path).status_code == 404
        answer = page.context.request.get(still.app.url + path)
        assert answer.status == 200
        assert re.search(r"box-findings-\d{8}T\d{6}Z\.", answer.headers["content-disposition"])
        files[label] = answer.text()
    lines = [json.loads(line) for line in files["JSON Lines"].splitlines()]
    cells = list(csv.DictReader(files["CSV"].splitlines()))
    assert [one["key"] for one in cells] == [one["key"] for one in lines]
    assert len(lines) == count
    assert {one["detection"] for one in lines} == {"failed_login_burst"}
    assert all(one["event_ids"] for one in lines)
    assert recorded(still)[-2:] == [f"csv, {reported_of(count)}", f"jsonl, {reported_of(count)}"]


def reported_of(count: int) -> str:
    return f"{count} finding" + ("s" if count != 1 else "")


def recorded(still: StillApp) -> list[str]:
    """What the audit record says of exports that went through, oldest first."""
    with contextlib.closing(sqlite3.connect(still.app.data / "ledger.sqlite")) as ledger:
        return [
            str(detail)
            for (detail,) in ledger.execute(
                "SELECT detail FROM audit WHERE what = 'export' AND outcome = 'ok' ORDER BY id"
            )
        ]


def test_an_address_may_name_filters_by_their_ids(still: StillApp, open_page: OpenPage) -> None:
    chosen = "severity=high&severity=medium&detection=failed_login_burst&found_in=90d&triage=all"
    page = open_page(f"{still.app.url}/detections?{chosen}")
    severities = page.get_by_test_id("stMultiSelect").filter(has_text="Severity")
    expect(severities).to_contain_text(re.compile("High.*Medium"))
    expect(page).to_have_url(re.compile("severity=High&severity=Medium"))
    expect(page).to_have_url(re.compile(r"detection=Failed\+sign-ins"))
    expect(page.get_by_role("radio", name="90 days")).to_be_checked()
    expect(page.get_by_role("radio", name="All").first).to_be_checked()
