"""The JWT key page as a person uses it, over the real sandbox."""

import json
import subprocess
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from lib.box.key_inspection import generate_key_pair
from tests.sandbox_server import SandboxServer
from tests.unit.ui.credentials.credentials_app import go, page_app, texts

__all__ = ["page_app"]

PASSPHRASE = "canary passphrase 41"


def button(app: AppTest, label: str) -> None:
    next(one for one in app.button if one.label == label).click().run()


def enter(app: AppTest, label: str, text: str) -> None:
    next(one for one in app.text_input if one.label == label).set_value(text).run()


def upload(app: AppTest, name: str, content: bytes) -> None:
    app.file_uploader[0].set_value((name, content, "application/octet-stream")).run()


def test_the_key_in_use_is_judged_and_its_assertion_passes(page_app: AppTest) -> None:
    app = go(page_app, "jwt_key")
    shown = texts(app)
    assert not app.exception
    assert "The key in use** can sign" in shown
    assert "box_sub_type" in shown
    assert "error" not in shown.partition("alg")[2].partition("exp")[0]


def test_an_exchange_gives_a_token_that_is_never_shown(page_app: AppTest) -> None:
    app = go(page_app, "jwt_key")
    button(app, "Exchange it for a token")
    shown = texts(app)
    assert "Box issued a token" in shown
    assert "clock agrees with Box's" in shown
    assert "eyJ" not in shown


def test_every_refusal_of_the_sandbox_is_shown_with_cause_and_fix(page_app: AppTest) -> None:
    app = go(page_app, "jwt_key")
    chosen = app.selectbox(key="jwt.practice")
    assert len(chosen.options) > 20
    for name in ("token_signature", "app_not_authorized"):
        app.selectbox(key="jwt.practice").set_value(name)
        button(app, "Exchange it for a token")
        shown = texts(app)
        assert "What to do" in shown
        assert "In their words" in shown


def test_a_wrong_clock_is_named_and_corrected(page_app: AppTest, sandbox: SandboxServer) -> None:
    app = go(page_app, "jwt_key")
    with sandbox.fault("clock_fast", offset=300):
        button(app, "Exchange it for a token")
    shown = texts(app)
    assert "A second assertion was made on Box's clock" in shown
    assert "s behind Box's" in shown
    assert "Box issued a token" in shown


def test_a_key_with_a_wrong_passphrase_is_named(page_app: AppTest) -> None:
    pair = generate_key_pair(PASSPHRASE)
    app = go(page_app, "jwt_key")
    upload(app, "private_key.pem", pair.private_pem.reveal().encode())
    assert "needs" in texts(app) or "passphrase" in texts(app)
    enter(app, "Passphrase", "wrong")
    assert "doesn't open this key" in texts(app)
    enter(app, "Passphrase", PASSPHRASE)
    shown = texts(app)
    assert "private_key.pem** can sign" in shown
    assert pair.fingerprint_sha256 in shown
    assert PASSPHRASE not in shown
    assert "BEGIN ENCRYPTED" not in shown.replace("“BEGIN ENCRYPTED PRIVATE KEY”", "")


def test_a_public_key_of_another_pair_is_named(page_app: AppTest) -> None:
    pair, other = generate_key_pair(PASSPHRASE), generate_key_pair(PASSPHRASE)
    app = go(page_app, "jwt_key")
    upload(app, "private_key.pem", pair.private_pem.reveal().encode())
    enter(app, "Passphrase", PASSPHRASE)
    area = next(one for one in app.text_area if one.label == "Public key that Box has")
    area.set_value(other.public_pem).run()
    assert "private_key.pem** can't be used" in texts(app)
    next(one for one in app.text_area if one.label == "Public key that Box has").set_value(
        pair.public_pem
    ).run()
    assert "private_key.pem** can sign" in texts(app)


def test_a_pair_needs_the_same_passphrase_twice(page_app: AppTest) -> None:
    app = go(page_app, "jwt_key")
    for first, second, word in (
        ("", "", "Enter a passphrase"),
        ("short", "short", "at least 8"),
        (PASSPHRASE, "another one", "differ"),
    ):
        next(o for o in app.text_input if o.label == "Passphrase for the new key").set_value(first)
        next(o for o in app.text_input if o.label == "Repeat the passphrase").set_value(second)
        button(app, "Generate a pair")
        assert word in texts(app)
        assert "A new key pair" not in texts(app)


@pytest.mark.needs("openssl")
def test_openssl_opens_the_pair_that_was_made(page_app: AppTest, tmp_path: Path) -> None:
    app = go(page_app, "jwt_key")
    next(o for o in app.text_input if o.label == "Passphrase for the new key").set_value(PASSPHRASE)
    next(o for o in app.text_input if o.label == "Repeat the passphrase").set_value(PASSPHRASE)
    button(app, "Generate a pair")
    shown = texts(app)
    assert "A new key pair" in shown
    assert PASSPHRASE not in shown
    public = next(str(c.value) for c in app.code if "BEGIN PUBLIC" in str(c.value))
    assert not any("PRIVATE" in str(code.value) for code in app.code)
    file = tmp_path / "public_key.pem"
    file.write_text(public)
    der = subprocess.run(
        ["openssl", "pkey", "-pubin", "-in", str(file), "-outform", "DER"],
        check=True,
        capture_output=True,
    ).stdout
    digest = subprocess.run(
        ["openssl", "dgst", "-sha256"], input=der, check=True, capture_output=True
    ).stdout.decode()
    assert digest.split()[-1] in shown


@pytest.mark.parametrize("user", ["12345", "not-a-number"])
def test_a_user_that_box_does_not_know_is_refused_with_a_cause(
    page_app: AppTest, user: str
) -> None:
    app = go(page_app, "jwt_key")
    app.segmented_control(key="jwt.subject_type").set_value("user").run()
    app.text_input(key="jwt.subject.user").set_value(user).run()
    button(app, "Exchange it for a token")
    assert "What to do" in texts(app)


def test_a_settings_file_is_judged_by_the_key_in_it(
    page_app: AppTest, sandbox: SandboxServer
) -> None:
    config = sandbox.credentials()["box"]["config"]
    app = go(page_app, "jwt_key")
    upload(app, "config.json", json.dumps(config).encode())
    shown = texts(app)
    assert "config.json** can sign" in shown
    assert config["boxAppSettings"]["appAuth"]["passphrase"] not in shown


def test_a_key_is_compared_with_the_one_in_use(page_app: AppTest) -> None:
    app = go(page_app, "jwt_key")
    upload(app, "private_key.pem", generate_key_pair(PASSPHRASE).private_pem.reveal().encode())
    enter(app, "Passphrase", PASSPHRASE)
    assert "private_key.pem** can sign" in texts(app)
    app.toggle(key="jwt.compare").set_value(True).run()
    assert "private_key.pem** can't be used" in texts(app)
