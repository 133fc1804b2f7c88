"""Credentials in a real browser: from a settings file to the first bar, and nothing comes back."""

import base64
import json
import re
import tomllib
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from playwright.sync_api import FilePayload, Page, WebSocket, expect

from tests.browser.conftest import App, OpenPage, settled
from tests.browser.looks import finished

pytestmark = pytest.mark.browser

PASSWORD = "four random words here"


def config_of(app: App) -> dict[str, Any]:
    """The settings file of the sandbox's app."""
    config: dict[str, Any] = app.sandbox("/sandbox/credentials")["box"]["config"]
    return config


def json_file(content: object, name: str = "config.json") -> FilePayload:
    return {"name": name, "mimeType": "application/json", "buffer": json.dumps(content).encode()}


def upload_settings(page: Page, config: dict[str, Any]) -> None:
    """Upload a settings file as a person does, and wait for its verdict."""
    page.get_by_test_id("stFileUploaderDropzoneInput").first.set_input_files(json_file(config))
    expect(page.get_by_text("filled in the fields below")).to_be_visible()
    settled(page)


def try_it(page: Page) -> None:
    page.get_by_role("button", name="Try it").click()
    expect(page.get_by_text("Box answered: these credentials work")).to_be_visible()
    settled(page)


def test_a_newcomer_walks_from_credentials_by_keyboard_to_accounts(
    app: App, open_page: OpenPage
) -> None:
    page = open_page(f"{app.url}/credentials")
    settled(page)
    page.get_by_role("textbox", name="Client ID").focus()
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.innerText").strip().endswith("Try it"):
            break
    page.keyboard.press("Enter")
    expect(page.get_by_text("Box answered: these credentials work")).to_be_visible()
    settled(page)
    page.get_by_test_id("stSidebarNav").get_by_role("link", name="JWT key").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("JWT key")
    page.get_by_role("button", name="Exchange it for a token").click()
    expect(page.get_by_text("Box issued a token")).to_be_visible()
    page.get_by_test_id("stSidebarNav").get_by_role("link", name="Accounts").click()
    expect(page.get_by_text(re.compile(r"1 to 25 of \d+ users"))).to_be_visible()


def test_a_settings_file_leads_to_the_first_bar_without_a_terminal(
    app: App, open_page: OpenPage
) -> None:
    page = open_page(f"{app.url}/credentials")
    settled(page)
    upload_settings(page, config_of(app))
    try_it(page)
    assert "session-" not in page.url
    page.get_by_test_id("stSidebarNav").get_by_role("link", name="Activity").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Activity")
    page.get_by_role("button", name="Read events").first.click()
    page.get_by_role("button", name=re.compile("24 hours")).first.click()
    expect(page.locator(".barlayer .point").first).to_be_visible(timeout=90_000)
    assert "session-" not in page.url


class Received:
    """Everything that the server sent to a page over its WebSockets."""

    def __init__(self, page: Page) -> None:
        self.frames: list[bytes] = []
        page.on("websocket", self._listen)

    def _listen(self, socket: WebSocket) -> None:
        socket.on("framereceived", lambda frame: self.frames.append(_bytes(frame)))

    def holds(self, secret: str) -> bool:
        forms = spellings(secret)
        return any(form in frame for frame in self.frames for form in forms)


def _bytes(frame: str | bytes) -> bytes:
    return frame.encode() if isinstance(frame, str) else frame


def spellings(secret: str) -> list[bytes]:
    """A secret as it is, and escaped for JSON, for a URL and in base64."""
    raw = secret.encode()
    return [
        raw,
        json.dumps(secret)[1:-1].encode(),
        quote(secret, safe="").encode(),
        base64.b64encode(raw)[: len(raw)],
    ]


def test_no_secret_comes_back_from_the_server(app: App, open_page: OpenPage) -> None:
    page = open_page("about:blank")
    received = Received(page)
    page.goto(f"{app.url}/credentials")
    settled(page)
    config = config_of(app)
    upload_settings(page, config)
    try_it(page)
    canary = "canary-Zq8vL2wX0pT4rN6b"
    secret = page.get_by_role("textbox", name="Client secret")
    secret.fill(canary)
    secret.press("Enter")
    expect(page.get_by_text("characters; those in Box's samples")).to_be_visible()
    page.get_by_role("button", name="Try it").click()
    expect(page.get_by_text("In their words")).to_be_visible()
    settled(page)
    auth = config["boxAppSettings"]["appAuth"]
    secrets = [canary, config["boxAppSettings"]["clientSecret"], auth["passphrase"]]
    secrets.append(auth["privateKey"].splitlines()[3])
    text = page.content()
    log = app.log.read_bytes()
    stored = b"".join(f.read_bytes() for f in app.data.rglob("*") if f.is_file())
    for one in secrets[:1] + secrets[2:]:
        assert not received.holds(one)
        assert not any(form in log for form in spellings(one))
        assert one not in text
        assert one not in page.url
    for form in spellings(canary):
        assert form not in stored


def test_an_encrypted_file_brings_the_credentials_back_after_a_reload(
    app: App, open_page: OpenPage, tmp_path: Path
) -> None:
    page = open_page(f"{app.url}/credentials")
    settled(page)
    config = config_of(app)
    upload_settings(page, config)
    for label in ("Password for the file", "Repeat the password"):
        field = page.get_by_role("textbox", name=label)
        field.fill(PASSWORD)
        field.press("Enter")
        settled(page)
    with page.expect_download() as download:
        page.get_by_role("button", name="Download encrypted file").click()
    file = tmp_path / "mine.profile"
    download.value.save_as(file)
    content = file.read_bytes()
    assert config["boxAppSettings"]["clientSecret"].encode() not in content

    page.reload()
    settled(page)
    expect(page.get_by_text("In use: Sandbox")).to_be_visible()
    page.get_by_text("Open a saved file").click()
    page.get_by_test_id("stFileUploaderDropzoneInput").last.set_input_files(file)
    field = page.get_by_role("textbox", name="Its password")
    field.fill("not the password")
    field.press("Enter")
    settled(page)
    page.get_by_role("button", name="Open file").click()
    expect(page.get_by_text("doesn't open")).to_be_visible()
    settled(page)
    page.get_by_test_id("stFileUploaderDropzoneInput").last.set_input_files(file)
    field = page.get_by_role("textbox", name="Its password")
    field.fill(PASSWORD)
    field.press("Enter")
    settled(page)
    page.get_by_role("button", name="Open file").click()
    expect(page.get_by_text("In use: This session")).to_be_visible()
    try_it(page)


def test_the_block_for_the_host_is_whole_only_in_the_download_and_all_is_forgotten_when_told(
    app: App, open_page: OpenPage, tmp_path: Path
) -> None:
    """And nobody else's session knows of it."""
    page = open_page(f"{app.url}/credentials")
    settled(page)
    config = config_of(app)
    upload_settings(page, config)
    page.get_by_text("Show it without secrets").click()
    expect(page.get_by_text("[profiles.acme.box]")).to_be_visible()
    assert config["boxAppSettings"]["clientSecret"] not in page.content()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download the block").click()
    file = tmp_path / "secrets-block.toml"
    download.value.save_as(file)
    block = tomllib.loads(file.read_text())["profiles"]["acme"]["box"]
    assert block["client_secret"] == config["boxAppSettings"]["clientSecret"]
    assert block["private_key"] == config["boxAppSettings"]["appAuth"]["privateKey"]
    settled(page)

    theirs = open_page(f"{app.url}/credentials")
    settled(theirs)
    theirs.get_by_role("combobox", name="Profile").click()
    expect(theirs.get_by_role("option")).to_have_count(1)

    expect(page.get_by_text("In use: This session")).to_be_visible()
    page.get_by_role("button", name="Forget now").click()
    expect(page.get_by_text("In use: Sandbox")).to_be_visible()
    expect(page.get_by_role("button", name="Forget now")).to_be_disabled()


@pytest.mark.parametrize("path", ["/credentials", "/jwt_key", "/accounts"])
def test_the_page_is_finished_in_every_look(app: App, open_page: OpenPage, path: str) -> None:
    page = open_page(app.url + path)
    settled(page)
    finished(page)
    if path == "/credentials":
        upload_settings(page, config_of(app))
        try_it(page)
        finished(page)


def test_a_reload_says_what_it_dropped_and_a_plain_link_says_nothing(
    app: App, open_page: OpenPage
) -> None:
    page = open_page(f"{app.url}/credentials")
    settled(page)
    gone = re.compile("No longer here: the credentials that were entered")
    field = page.get_by_role("textbox", name="Client ID")
    field.fill("a-client-id-0123456789")
    field.press("Enter")
    expect(page.get_by_role("button", name="Clear")).to_be_visible()
    expect(page.get_by_text(gone)).to_be_hidden()
    page.reload()
    expect(page.get_by_text(gone)).to_be_visible()
    assert "a-client-id" not in page.content()

    stranger = open_page(page.url)
    settled(stranger)
    expect(stranger.get_by_text(gone)).to_be_hidden()

    page.reload()  # not seen yet: said again
    expect(page.get_by_text(gone)).to_be_visible()
    page.get_by_role("button", name="Dismiss").click()
    expect(page.get_by_text(gone)).to_be_hidden()
    page.reload()
    settled(page)
    expect(page.get_by_text(gone)).to_be_hidden()
