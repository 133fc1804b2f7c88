"""JWT key in a real browser: wrong passphrases, mismatches, and a pair that openssl opens."""

import subprocess
from pathlib import Path

import pytest
from playwright.sync_api import FilePayload, Page, expect

from lib.box.key_inspection import KeyPair, generate_key_pair
from tests.browser.conftest import App, OpenPage, settled

pytestmark = pytest.mark.browser

PASSPHRASE = "canary passphrase 7X"


@pytest.fixture(scope="module")
def pair() -> KeyPair:
    return generate_key_pair(PASSPHRASE)


def opened(app: App, open_page: OpenPage, tab: str) -> Page:
    page = open_page(f"{app.url}/jwt_key")
    settled(page)
    page.get_by_role("tab", name=tab).click()
    return page


def upload_key(page: Page, pair: KeyPair) -> None:
    file: FilePayload = {
        "name": "private_key.pem",
        "mimeType": "application/x-pem-file",
        "buffer": pair.private_pem.reveal().encode(),
    }
    page.get_by_test_id("stFileUploaderDropzoneInput").first.set_input_files(file)
    expect(page.get_by_text("private_key.pem can't be used.")).to_be_visible()
    settled(page)


def enter_passphrase(page: Page, text: str) -> None:
    field = page.get_by_role("textbox", name="Passphrase", exact=True)
    field.fill(text)
    field.press("Enter")


def test_a_wrong_passphrase_and_the_public_key_of_another_pair_are_named(
    app: App, open_page: OpenPage, pair: KeyPair
) -> None:
    page = opened(app, open_page, "Check a key")
    upload_key(page, pair)
    enter_passphrase(page, "not the one")
    expect(page.get_by_text("The passphrase doesn't open this key.")).to_be_visible()
    settled(page)
    enter_passphrase(page, PASSPHRASE)
    expect(page.get_by_text("private_key.pem can sign for a Box app.")).to_be_visible()
    expect(page.get_by_text(pair.fingerprint_sha256)).to_be_visible()
    settled(page)
    html = page.content()
    assert PASSPHRASE not in html
    assert pair.private_pem.reveal().splitlines()[2] not in html
    assert PASSPHRASE.encode() not in app.log.read_bytes()

    page.get_by_text("Compare with a public key").click()
    area = page.get_by_role("textbox", name="Public key that Box has")
    area.fill(generate_key_pair("another one").public_pem)
    area.press("Control+Enter")
    expect(page.get_by_text("private_key.pem can't be used.")).to_be_visible()


def test_a_key_that_box_does_not_know_is_refused_with_cause_and_fix(
    app: App, open_page: OpenPage, pair: KeyPair
) -> None:
    page = opened(app, open_page, "Check a key")
    upload_key(page, pair)
    enter_passphrase(page, PASSPHRASE)
    expect(page.get_by_text("private_key.pem can sign for a Box app.")).to_be_visible()
    settled(page)
    page.get_by_role("button", name="Use it in my credentials").first.click()
    settled(page)
    page.get_by_test_id("stSidebarNav").get_by_role("link", name="Credentials").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Credentials")
    config = app.sandbox("/sandbox/credentials")["box"]["config"]
    for label, text in (
        ("Client ID", config["boxAppSettings"]["clientID"]),
        ("Client secret", config["boxAppSettings"]["clientSecret"]),
        ("Public key ID", config["boxAppSettings"]["appAuth"]["publicKeyID"]),
        ("Enterprise ID", config["enterpriseID"]),
    ):
        settled(page)
        field = page.get_by_role("textbox", name=label, exact=True)
        field.fill(text)
        field.press("Enter")
    expect(page.get_by_text("Complete, and in use")).to_be_visible()
    settled(page)
    page.get_by_role("button", name="Try it").click()
    expect(page.get_by_text("Signature verification error").first).to_be_visible()
    expect(page.get_by_text("What to do")).to_be_visible()
    expect(page.get_by_text("Request ID", exact=True).first).to_be_visible()


@pytest.mark.needs("openssl")
def test_openssl_opens_the_pair_that_was_downloaded(
    app: App, open_page: OpenPage, tmp_path: Path
) -> None:
    page = opened(app, open_page, "Generate a pair")
    media: list[str] = []
    page.on("request", lambda one: media.append(one.url) if "/media/" in one.url else None)
    page.get_by_role("textbox", name="Passphrase for the new key").fill(PASSPHRASE)
    page.get_by_role("textbox", name="Repeat the passphrase").fill(PASSPHRASE)
    page.get_by_role("button", name="Generate a pair").click()
    expect(page.get_by_text("A new key pair.")).to_be_visible(timeout=30_000)
    settled(page)
    assert media == []
    assert "BEGIN ENCRYPTED PRIVATE KEY-----\n" not in page.content()
    with page.expect_download() as download:
        page.get_by_role("button", name="Private key, encrypted").click()
    file = tmp_path / "private_key.pem"
    download.value.save_as(file)
    answer = subprocess.run(
        ["openssl", "rsa", "-in", str(file), "-check", "-noout", "-passin", "stdin"],
        input=PASSPHRASE.encode() + b"\n",
        capture_output=True,
        check=True,
    )
    assert b"RSA key ok" in answer.stdout + answer.stderr


def test_a_refusal_can_be_practised_with_the_sandbox(app: App, open_page: OpenPage) -> None:
    page = open_page(f"{app.url}/jwt_key")
    settled(page)
    choice = page.get_by_role("combobox", name="Simulate an error")
    choice.click()
    choice.fill("enterprise admin")
    page.get_by_role("option", name="not authorized by the enterprise admin").click()
    settled(page)
    page.get_by_role("button", name="Exchange it for a token").click()
    expect(page.get_by_text("A Box admin can do this.").first).to_be_visible()
    expect(page.get_by_text("In their words")).to_be_visible()
