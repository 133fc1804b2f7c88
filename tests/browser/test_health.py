"""Health in a real browser: healthy, broken with cause and person named, and resolved again."""

import contextlib
import json
import os
import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import (
    PHONE,
    ROOT,
    WIDE,
    App,
    OpenPage,
    running_app,
    settled,
    wait_until,
)
from tests.browser.looks import finished
from tests.diagnostics_file import document, people
from tests.sandbox_server import SandboxServer, running_sandbox
from tests.wire_server import WireServer, wire_server

pytestmark = pytest.mark.browser

# A busy machine draws late; what is wrong stays wrong for as long.
PATIENT = 30_000
SMALL = ("--days", "5", "--events-per-day", "50", "--users", "12", "--no-rate-limits")


@dataclass(frozen=True, slots=True)
class Watched:
    """An app whose incidents end one second after their cause, its sandbox, and who is told."""

    app: App
    sandbox: SandboxServer
    receiver: WireServer

    def break_it(self, name: str) -> None:
        """Switch a fault on for the app that the page checks."""
        client_id = self.sandbox.credentials()["box"]["config"]["boxAppSettings"]["clientID"]
        self.sandbox.post("/sandbox/faults", {"name": name, "client_id": client_id})


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    with running_sandbox(*SMALL) as sandbox, wire_server() as receiver:
        env = {
            "BOX_RUNBOOK_SANDBOX": sandbox.url,
            "BOX_RUNBOOK__HEALTH__CALM": "1s",
            "BOX_RUNBOOK__HEALTH__EVERY": "1d",
            "BOX_RUNBOOK__ALERTS__URL": f"{receiver.url}/services/canary-2b7e",
            "BOX_RUNBOOK__ALERTS__AFTER": "0s",
            "BOX_RUNBOOK__ACCESS__ALLOWED_HOSTS": "127.0.0.1",
        }
        data = tmp_path_factory.mktemp("health") / "data"
        with running_app(data, env=env) as app:
            yield Watched(app, sandbox, receiver)


def last_run(app: App) -> int:
    """When the newest verdict was kept, as the ledger has it; 0 before the first."""
    with (
        contextlib.suppress(sqlite3.OperationalError),  # the app hasn't made its tables yet
        contextlib.closing(sqlite3.connect(app.data / "ledger.sqlite")) as ledger,
    ):
        return int(ledger.execute("SELECT max(at) FROM latest_verdicts").fetchone()[0] or 0)
    return 0


def check(page: Page, app: App) -> None:
    """Press “Check now” and wait until the run is kept and the page has it."""
    before = last_run(app)
    page.get_by_role("button", name="Check now").click()
    wait_until(lambda: last_run(app) > before)
    settled(page)
    expect(page.locator(".st-key-health-progress")).to_be_hidden(timeout=PATIENT)
    settled(page)


def test_a_fault_is_named_with_its_person_and_ends_when_it_is_gone(
    watched: Watched, open_page: OpenPage
) -> None:
    page = open_page(f"{watched.app.url}/health")
    settled(page)
    check(page, watched.app)
    glance = page.locator(".st-key-health-glance")
    expect(glance).to_contain_text("No failures", timeout=PATIENT)

    watched.break_it("app_not_authorized")
    check(page, watched.app)
    expect(glance).to_contain_text("The app isn't authorized in this enterprise.", timeout=PATIENT)
    expect(glance).to_contain_text("Responsible: the Box admin", timeout=PATIENT)
    expect(glance).to_contain_text("Admin Console", timeout=PATIENT)
    incidents = page.locator("[class*=st-key-incident-]")
    mine = incidents.filter(has_text="token.app_not_authorized").first
    expect(mine).to_contain_text("A Box admin can do this.", timeout=PATIENT)

    mine.get_by_role("button", name="Hand over").click()
    drawer = page.get_by_role("dialog")
    expect(drawer).to_contain_text("For a Box admin: the Box integration", timeout=PATIENT)
    expect(drawer).to_contain_text("unauthorized_client", timeout=PATIENT)
    page.keyboard.press("Escape")
    expect(drawer).to_be_hidden(timeout=PATIENT)

    watched.sandbox.clear_faults()
    check(page, watched.app)
    expect(glance).to_contain_text("No failures", timeout=PATIENT)
    page.wait_for_timeout(1_100)  # the calm period of this app, on the app's own clock
    check(page, watched.app)
    page.get_by_role("radio", name="Resolved").click()
    expect(incidents.filter(has_text="token.app_not_authorized").first).to_contain_text(
        "Resolved 2"
    )
    said = [seen.json["text"] for seen in watched.receiver.requests]
    mine_said = [text for text in said if "isn't authorized in this enterprise" in text]
    assert any(text.startswith("*New incident: Sandbox*") for text in mine_said)
    assert any(text.startswith("*Resolved: Sandbox*") for text in mine_said)


def test_a_cause_is_muted_by_keyboard_and_the_diagnostics_file_has_it_and_nobodys_name(
    watched: Watched, open_page: OpenPage, tmp_path: Path
) -> None:
    page = open_page(f"{watched.app.url}/health")
    settled(page)
    watched.break_it("app_not_authorized")
    check(page, watched.app)
    mine = page.locator("[class*=st-key-incident-]").filter(has_text="token.app_not_authorized")
    opener = mine.first.get_by_role("button", name="Mute")
    opener.focus()
    page.keyboard.press("Enter")
    page.get_by_role("textbox", name="Reason").fill("Ada re-authorizes it <b>today</b>")
    page.keyboard.press("Tab")
    page.get_by_role("button", name="Mute this cause").press("Enter")
    expect(page.get_by_text("1 muted")).to_be_visible(timeout=PATIENT)
    page.get_by_role("radio", name="Muted").click()
    page.wait_for_url("**incidents=Muted**")
    expect(page.get_by_text("Ada re-authorizes it <b>today</b>")).to_be_visible(timeout=PATIENT)
    page.get_by_role("button", name="Unmute").click()
    expect(page.get_by_text("0 muted")).to_be_visible(timeout=PATIENT)
    settled(page)
    diagnosed(watched, page, tmp_path)


def diagnosed(watched: Watched, page: Page, tmp_path: Path) -> None:
    """The file of the page, and that of the command: what broke, and nobody's name."""
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Download diagnostics").click()
    watched.sandbox.clear_faults()
    assert re.fullmatch(
        r"box-runbook-diagnostics-\d{8}-\d{4}\.md", waiting.value.suggested_filename
    )
    by_page, by_command = Path(waiting.value.path()), tmp_path / "by-command.md"
    done = subprocess.run(
        [sys.executable, "-m", "lib", "diagnostics", "--json", "--out", str(by_command)],
        cwd=ROOT,
        env={**os.environ, "BOX_RUNBOOK_DATA": str(watched.app.data)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(done.stdout)["missing"] == []
    for file in (by_page, by_command):
        found = document(file)
        assert found["made_by"] == "the running app"
        assert found["missing"] == []
        assert found["runs"]["listens on"] == "loopback"
        assert found["runs"]["browser sessions"] >= 1
        assert found["checks"]["sandbox"]["counts"]["failed"] >= 1
        refused = [one for one in found["calls"] if one.get("error_code") == "unauthorized_client"]
        assert refused[0]["path"] == "/oauth2/token"
        assert refused[0]["host"] == "loopback"
        text = file.read_text(encoding="utf-8")
        secrets = {"canary-2b7e", watched.sandbox.url, watched.receiver.url, str(watched.app.data)}
        assert [one for one in secrets | people(watched.sandbox) if one in text] == []


def test_a_test_alert_arrives_and_the_address_is_not_on_the_page(
    watched: Watched, open_page: OpenPage
) -> None:
    page = open_page(f"{watched.app.url}/health?view=Alerts")
    settled(page)
    expect(page.get_by_text("127.0.0.1 (the address itself is a secret)")).to_be_visible(
        timeout=PATIENT
    )
    before = len(watched.receiver.requests)
    page.get_by_role("button", name="Send a test").click()
    reported = page.get_by_text(re.compile(r"Last test 2.*: 127\.0\.0\.1 accepted it\."))
    expect(reported).to_be_visible(timeout=PATIENT)
    assert "*Test: Sandbox*" in watched.receiver.requests[before].json["text"]
    assert "canary-2b7e" not in page.content()
    assert "canary-2b7e" not in watched.app.log.read_text()


def test_evidence_stays_open_times_are_the_visitors_and_every_tab_is_finished(
    watched: Watched, open_page: OpenPage
) -> None:
    page = open_page(f"{watched.app.url}/health?view=Over+time", zone="Asia/Tokyo")
    settled(page)
    check(page, watched.app)
    expect(page.locator(".st-key-health-glance")).to_contain_text("(Asia/Tokyo)", timeout=PATIENT)
    expect(page.locator(".st-key-health-strips").get_by_text("time, Asia/Tokyo")).to_be_visible(
        timeout=PATIENT
    )
    for view in ("Checks", "Over time", "Speed and limits", "Alerts"):
        page.get_by_role("tab", name=view).click()
        settled(page)
        finished(page)
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]  # a plain dict will do
    page.get_by_test_id("stMain").evaluate("one => one.scrollTo(0, 0)")  # a click scrolled it
    expect(page.get_by_role("button", name="Check now")).to_be_in_viewport()

    page.set_viewport_size(WIDE)  # type: ignore[arg-type]  # as above
    page.get_by_role("tab", name="Checks").click()
    line = page.locator(".st-key-line-box-identity")
    settled(page)
    line.get_by_role("button", name="Evidence").click()
    drawer = page.get_by_role("dialog")
    expect(drawer).to_contain_text("GET /2.0/users/me", timeout=PATIENT)
    expect(drawer).to_contain_text("box.identity: passed", timeout=PATIENT)
