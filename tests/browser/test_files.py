"""Files in a real browser: from the service account's empty root to a shared link's address."""

import re
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Page, WebSocket, expect

from lib.box import connect
from lib.http import Egress, Journal
from lib.settings.profiles import sandbox_profile
from tests.browser.conftest import App, OpenPage, settled, wait_until
from tests.browser.looks import finished
from tests.slices import Record, taken

pytestmark = pytest.mark.browser
#: Both sides are asked one after the other, and each search looks through every name.
SLOW_MS = 30_000
VIEWS = ("Folders", "Recent+files", "Search")


@dataclass(frozen=True, slots=True)
class Sample:
    """A managed user, a folder of theirs, and a file in it that has a shared link."""

    user: str
    name: str
    folder: str
    file: str
    file_name: str
    address: str


@pytest.fixture(scope="module")
def sample(app: App) -> Sample:
    """Found by the product's own client, past the page."""
    wait_until((app.data / "sandbox.json").exists)
    profile = sandbox_profile(app.sandbox("/sandbox/credentials"))
    url = str(profile.box.api_url) if profile.box else ""
    egress = Egress.for_profile(profile, allowed_hosts=(), sandbox_url=url)
    user = str(app.sandbox("/sandbox/credentials")["box"]["users"]["managed"])
    with connect(profile, egress=egress, journal=Journal()) as client:
        seen = client.as_user(user)
        page = seen.search("a", limit=200, fields=("shared_link", "parent", "name"))
        found: dict[str, Any] = next(
            dict(one) for one in page.entries if one["type"] == "file" and one["shared_link"]
        )
        return Sample(
            user=user,
            name=str(seen.me()["name"]),
            folder=str(found["parent"]["id"]),
            file=str(found["id"]),
            file_name=str(found["name"]),
            address=str(found["shared_link"]["url"]),
        )


def click_cell(page: Page, row: int, *, x: int, table: int = 0) -> None:
    """Click into a row, counted from 0: the table is drawn on a canvas."""
    box = page.get_by_test_id("stDataFrame").nth(table).bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + x, box["y"] + 36 + 34 * row + 17)


def choose(page: Page, row: int, *, table: int = 0) -> None:
    """Tick the box of a row."""
    click_cell(page, row, x=17, table=table)
    page.wait_for_url(re.compile(r"item=(file|folder)-\d+"))
    settled(page)


def act_as(page: Page, name: str) -> None:
    """Choose a person by the beginning of their name."""
    page.get_by_role("button", name="Act as…").click()
    page.get_by_role("searchbox", name="Name or login starts with").fill(name)
    page.get_by_role("button", name=re.compile(rf"{re.escape(name)} ·")).click()
    page.wait_for_url(re.compile(r"as=\d+"))
    settled(page)


def test_from_an_empty_root_to_a_persons_files(
    app: App, sample: Sample, open_page: OpenPage
) -> None:
    page = open_page(f"{app.url}/files")
    settled(page)
    expect(page.get_by_text(re.compile(r"Both sides show the same \d+ items\."))).to_be_visible()
    page.goto(f"{app.url}/files?as=self")
    settled(page)
    empty = page.get_by_text("A service account's root is empty until something is shared with it.")
    expect(empty.first).to_be_visible()
    act_as(page, sample.name)
    expect(page.get_by_role("searchbox", name="Name or login starts with")).to_be_hidden()
    expect(page.get_by_text(re.compile(r"Both sides show the same \d+ items\."))).to_be_visible()
    assert f"as={sample.user}" in page.url

    click_cell(page, 1, x=65)  # “Open” of a folder
    page.wait_for_url(re.compile(r"folder=\d+"))
    settled(page)
    expect(page.get_by_role("button", name="All Files")).to_be_visible()
    choose(page, 0, table=1)  # on Kloudless's side, and both sides tell of it
    expect(page.get_by_role("heading", name="Details")).to_be_visible()
    expect(page.get_by_text("Kloudless ID")).to_be_visible()
    expect(page.get_by_text("Risk")).to_be_visible()
    page.get_by_role("button", name="Close").click()
    expect(page.get_by_role("heading", name="Details")).to_be_hidden()
    assert "item=" not in page.url
    page.get_by_role("button", name="All Files").click()
    expect(page.get_by_role("button", name="All Files")).to_be_hidden()
    page.go_back()
    page.wait_for_url(re.compile(r"folder=\d+"))


def test_a_search_and_recent_files_of_a_person(
    app: App, sample: Sample, open_page: OpenPage
) -> None:
    page = open_page(f"{app.url}/files?as={sample.user}")
    settled(page)
    page.get_by_role("tab", name="Search").click()
    page.get_by_role("searchbox", name="Search for").fill("plan")
    page.get_by_role("button", name="Search", exact=False).last.click()
    both = page.get_by_text(re.compile(r"on both of these pages"))
    expect(both).to_be_visible(timeout=SLOW_MS)
    assert "plan" not in page.url
    choose(page, 0)
    page.get_by_role("button", name="Show its parent folder").click()
    page.wait_for_url(re.compile(r"folder=\d+"))
    settled(page)
    expect(page.get_by_role("tab", name="Folders")).to_have_attribute("aria-selected", "true")
    page.get_by_role("tab", name="Recent files").click()
    expect(page.get_by_text("in the last 90 days")).to_be_visible(timeout=SLOW_MS)
    assert "Recent" in page.url


def test_each_panel_shows_its_request_without_a_token(
    app: App, sample: Sample, open_page: OpenPage
) -> None:
    page = open_page(f"{app.url}/files?as={sample.user}&folder={sample.folder}&quiet=true")
    settled(page)
    for request in page.get_by_text("Request and calls").all():
        request.click()
    direct = page.locator("code", has_text="$BOX_TOKEN").first
    through = page.locator("code", has_text="$KLOUDLESS_API_KEY").first
    expect(direct).to_contain_text(f"-H 'As-User: {sample.user}'")
    expect(direct).to_contain_text("-H 'Box-Notifications: off'")
    expect(through).to_contain_text('X-Kloudless-Raw-Headers: {"Box-Notifications":"off"}')
    expect(page.get_by_text("is no proof that your app may use it")).to_be_visible()
    page.locator("code", has_text="$BOX_TOKEN").first.hover()
    expect(page.get_by_role("button", name="Copy").first).to_be_visible()


def test_a_shared_links_address_reaches_the_browser_only_when_asked_for(
    app: App, sample: Sample, open_page: OpenPage
) -> None:
    page = open_page("about:blank")
    frames: list[bytes] = []

    def recorded(connection: WebSocket) -> None:
        connection.on(
            "framereceived",
            lambda payload: frames.append(
                payload if isinstance(payload, bytes) else payload.encode()
            ),
        )

    page.on("websocket", recorded)
    where = f"as={sample.user}&item=file-{sample.file}"
    page.goto(f"{app.url}/files?{where}")
    settled(page)
    reveal = page.get_by_role("button", name="Show the shared link")
    expect(reveal).to_be_visible()
    assert sample.address.encode() not in b"".join(frames)
    reveal.click()
    expect(page.get_by_text(sample.address)).to_be_visible(timeout=SLOW_MS)
    page.get_by_role("button", name="Refresh").first.click()
    expect(page.get_by_text(sample.address)).to_be_hidden()
    assert sample.address.encode() not in app.log.read_bytes()
    kept = [file for file in app.data.rglob("*") if file.is_file()]
    assert kept
    assert [file.name for file in kept if sample.address.encode() in file.read_bytes()] == []


def test_the_view_is_finished_in_every_look(
    app: App, sample: Sample, open_page: OpenPage, record_property: Record
) -> None:
    for view in taken(record_property, "looks of Files", VIEWS, 1):
        look_at(app, sample, open_page, view)


def look_at(app: App, sample: Sample, open_page: OpenPage, view: str) -> None:
    where = f"as={sample.user}&item=file-{sample.file}&files={view}"
    page = open_page(f"{app.url}/files?{where}&quiet=true")
    settled(page)
    expect(page.get_by_role("heading", name="Details")).to_be_visible(timeout=SLOW_MS)
    for request in page.get_by_text("Request and calls").all():
        request.click()
    finished(page)


def test_a_person_is_chosen_from_the_keyboard(
    app: App, sample: Sample, open_page: OpenPage
) -> None:
    page = open_page(f"{app.url}/files?side=Box")
    settled(page)
    page.get_by_role("button", name="Act as…").focus()
    page.keyboard.press("Enter")
    page.get_by_role("searchbox", name="Name or login starts with").focus()
    page.keyboard.type(sample.name)
    expect(
        page.get_by_role("button", name=re.compile(rf"{re.escape(sample.name)} ·"))
    ).to_be_visible()
    for _ in range(10):
        page.keyboard.press("Tab")
        if sample.name in page.evaluate("document.activeElement.innerText"):
            break
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(rf"as={sample.user}"))


def test_the_log_of_the_sandbox_has_no_write(app: App, sample: Sample, open_page: OpenPage) -> None:
    before = app.sandbox("/sandbox/log")[-1]["at"]
    page = open_page(f"{app.url}/files?as={sample.user}&item=file-{sample.file}&quiet=true")
    settled(page)
    page.get_by_role("button", name="Show the shared link").click()
    expect(page.get_by_text(sample.address)).to_be_visible(timeout=SLOW_MS)
    served = [one for one in app.sandbox("/sandbox/log") if one["at"] > before]
    assert any(one["path"] == f"/2.0/files/{sample.file}" for one in served)
    asked = {
        (one["method"], re.sub(r"/accounts/\d+", "", one["path"]).rstrip("/"))
        for one in served
        if one["method"] != "GET"
    }
    assert asked <= {
        ("POST", "/oauth2/token"),
        ("POST", "/v1/encode_raw_id"),
        ("POST", "/v1/raw"),
    }
