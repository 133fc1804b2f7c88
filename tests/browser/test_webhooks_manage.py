"""Webhooks made, judged, delivered and compared in a real browser, as a newcomer would do it."""

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import App, OpenPage, running_app, settled, wait_until
from tests.sandbox_server import SandboxServer, running_sandbox

pytestmark = pytest.mark.browser

SMALL = ("--days", "3", "--users", "12", "--events-per-day", "60", "--no-rate-limits")


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[tuple[App, SandboxServer]]:
    """An app over a small sandbox of its own, in which things happen when they are made to."""
    with running_sandbox(*SMALL, until=None) as sandbox:
        env = {"BOX_RUNBOOK_SANDBOX": sandbox.url}
        with running_app(tmp_path / "data", env=env) as app:
            wait_until(lambda: app.get("/healthz").status_code == 200)
            yield app, sandbox


def admin(sandbox: SandboxServer) -> dict[str, str]:
    """The enterprise's admin, who owns folders."""
    box = sandbox.credentials()["box"]
    answer = httpx.get(
        f"{sandbox.url}/2.0/users/{box['users']['admin']}",
        headers={"Authorization": f"Bearer {box['developer_token']}"},
    )
    found: dict[str, str] = answer.raise_for_status().json()
    return found


def choose(page: Page, label: str, text: str) -> None:
    """Choose the first option that holds a text."""
    page.get_by_role("combobox", name=re.compile(label)).click()
    page.get_by_role("option", name=re.compile(text)).first.click()
    settled(page)


def add_owner(page: Page, login: str) -> None:
    page.get_by_role("button", name="Another owner").click()
    choose(page, "Person", re.escape(login))
    page.get_by_role("button", name="List theirs too").click()
    expect(page.get_by_text(re.compile("a person · 0 webhooks"))).to_be_visible()
    page.keyboard.press("Escape")
    settled(page)


def test_a_newcomer_makes_a_webhook_and_sees_what_it_delivers(
    demo: tuple[App, SandboxServer], open_page: OpenPage
) -> None:
    app, sandbox = demo
    page = open_page(f"{app.url}/webhooks?part=Management")
    settled(page)
    expect(page.get_by_text("No webhooks yet")).to_be_visible()
    owner = admin(sandbox)
    add_owner(page, owner["login"])
    page.get_by_text("New webhook").click()
    settled(page)
    choose(page, "Owner", re.escape(owner["name"]))
    address = page.get_by_role("textbox", name="Address")
    address.fill("http://10.0.0.8/hook")
    expect(page.get_by_text("Box delivers over https only")).to_be_visible()
    expect(page.get_by_role("button", name="Make the webhook")).to_be_disabled()
    address.fill("https://runbook.example/webhooks/box/sandbox")
    expect(page.get_by_text("Box delivers over https only")).to_be_hidden()
    settled(page)
    page.get_by_role("button", name="Make the webhook").click()
    expect(page.get_by_text(re.compile("Made a webhook on folder"))).to_be_visible()
    expect(page.get_by_text(re.compile("a person · 1 webhook"))).to_be_visible()
    settled(page)
    sent: list[dict[str, object]] = []
    while not sent:  # what happens is drawn by lot, and not all of it in that folder
        sent = sandbox.post("/sandbox/emit", {"count": 60})["deliveries"]
    assert {one["status"] for one in sent} == {200}
    page.get_by_role("tab", name="Reconciliation").click()
    expect(page.get_by_test_id("stMetric").first).to_be_visible()
    settled(page)
    expect(page.get_by_text("What webhooks can never carry")).to_be_visible()
