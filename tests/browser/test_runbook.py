"""The Runbook in a real browser: from a settings file to a proven road, and what a person meets."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import FilePayload, expect

from tests.browser.conftest import App, OpenPage, running_app, settled
from tests.browser.looks import finished
from tests.browser.runbook_walk import (
    COUNT,
    choose_goal_and_road,
    counted,
    enter_settings,
    note,
    prove_everything,
    prove_with_a_write,
    vouch_for_the_rest,
)
from tests.slices import Record, taken

pytestmark = pytest.mark.browser

BOX_ADMIN = "Box admin"


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """An app of these tests' own: they prove, note and break things."""
    with running_app(tmp_path_factory.mktemp("runbook") / "data") as running:
        yield running


def sandbox_url(app: App) -> str:
    url: str = json.loads((app.data / "sandbox.json").read_text())["url"]
    return url


def test_a_settings_file_becomes_a_fully_proven_road(own: App, open_page: OpenPage) -> None:
    page = open_page(f"{own.url}/credentials")
    settled(page)
    enter_settings(page, own)
    choose_goal_and_road(page)
    assert counted(page)[0] == 0
    prove_everything(page)
    proved, total = counted(page)
    assert proved > total / 2
    prove_with_a_write(page)
    assert counted(page)[0] == proved + 1
    vouched = vouch_for_the_rest(page)
    assert vouched == total - proved - 1
    proven = page.locator(".st-key-runbook-proven")
    expect(proven.get_by_text("All steps are complete")).to_be_visible()
    expect(
        proven.get_by_text(f"{proved + 1} by checks, {vouched - 1} manually, 1 skipped")
    ).to_be_visible()
    assert "session-" not in page.url


def test_a_run_goes_on_after_a_reload_and_from_its_file(
    own: App, open_page: OpenPage, tmp_path: Path
) -> None:
    page = open_page(f"{own.url}/runbook?profile=sandbox&road=box-ccg&goal=people")
    settled(page)
    first = page.get_by_role("heading", level=3).first.inner_text()
    note(page, "Skip step", "we have it already")
    expect(page.get_by_text(COUNT).first).to_contain_text("1 of")
    settled(page)
    second = page.get_by_role("heading", level=3).first.inner_text()
    assert second != first
    page.reload()
    settled(page)
    assert counted(page)[0] == 1
    page.get_by_role("button", name="Save or resume").click()
    with page.expect_download() as download:
        page.get_by_role("button", name=re.compile("to resume later")).click()
    file = tmp_path / "run.json"
    download.value.save_as(file)
    record = json.loads(file.read_text())
    assert (record["road"], record["goal"], record["profile"]) == ("box-ccg", "people", "sandbox")
    secret = own.sandbox("/sandbox/credentials")["box"]["config"]["boxAppSettings"]["clientSecret"]
    assert secret not in file.read_text()

    other = open_page(f"{own.url}/runbook?road=box-jwt")
    settled(other)
    other.get_by_role("button", name="Save or resume").click()
    body = other.get_by_test_id("stPopoverBody")
    broken: FilePayload = {
        "name": "cut-off.json",
        "mimeType": "application/json",
        "buffer": file.read_bytes()[:200],
    }
    body.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(broken)
    expect(body.get_by_text("cut-off.json")).to_be_visible()
    settled(other)  # the file has arrived
    body.get_by_role("button", name="Resume from this file").click()
    expect(body.get_by_text("it may have been truncated")).to_be_visible()
    body.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(file)
    expect(body.get_by_text("run.json")).to_be_visible()
    settled(other)  # as above
    body.get_by_role("button", name="Resume from this file").click()
    expect(other).to_have_url(re.compile("road=box-ccg"))
    # The address changes before the page has begun to run: what it counts is what tells.
    expect(other.get_by_text(COUNT).first).to_contain_text(re.compile(r"\b1 of"))


def test_leaving_a_step_out_without_a_reason_is_reported(own: App, open_page: OpenPage) -> None:
    page = open_page(f"{own.url}/runbook?road=kloudless-import")
    settled(page)
    page.get_by_role("button", name="Skip step").first.click()
    box = page.get_by_test_id("stPopoverBody")
    box.get_by_role("button", name="Skip step").click()
    expect(page.get_by_text("A skipped step needs a reason")).to_be_visible()
    assert counted(page)[0] == 0


@dataclass(frozen=True, slots=True)
class Shown:
    """A fault, the step that it blocks, and what that step says."""

    name: str
    step: str
    title: str
    person: str


FAULTS = (
    Shown("app_not_authorized", "box.authorize", "isn't authorized in this enterprise", BOX_ADMIN),
    Shown("token_signature", "box.key.upload", "doesn't match the public key", "developer"),
    Shown("missing_scope_manage_groups", "box.app.scopes", "lacks a scope for this", "developer"),
    Shown("clock_fast", "box.network", "The clock of this machine is slow", "You"),
    Shown("no_report_right", "box.activity.read", "doesn't let this identity read", BOX_ADMIN),
)


def test_the_page_says_what_check_says(
    own: App, open_page: OpenPage, record_property: Record
) -> None:
    for fault in taken(record_property, "faults on Runbook", FAULTS, 2):
        settled(open_page(f"{own.url}/runbook"))  # the app starts its sandbox for its first page
        control = f"{sandbox_url(own)}/sandbox/faults"
        httpx.post(control, json={"name": fault.name}).raise_for_status()
        try:
            blocks_its_step(own, open_page, fault)
        finally:
            httpx.delete(control).raise_for_status()


def blocks_its_step(own: App, open_page: OpenPage, fault: Shown) -> None:
    page = open_page(f"{own.url}/runbook?profile=sandbox&road=box-jwt&step={fault.step}")
    settled(page)
    prove_everything(page)
    expect(page.get_by_text(re.compile(r"\d+ blocked")).first).to_be_visible()
    page.goto(f"{own.url}/runbook?profile=sandbox&road=box-jwt&step={fault.step}")
    settled(page)
    card = page.locator(".st-key-runbook-step")
    expect(card.get_by_text(fault.title).first).to_be_visible()
    expect(card.get_by_text(fault.person).first).to_be_visible()
    expect(card.get_by_text(re.compile("Blocked$")).first).to_be_visible()


def test_it_is_finished_in_every_look(own: App, open_page: OpenPage) -> None:
    page = open_page(f"{own.url}/runbook?road=kloudless-jwt")
    settled(page)
    finished(page)
