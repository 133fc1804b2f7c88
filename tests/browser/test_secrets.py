"""Secrets planted in a session, then used in every way the pages offer, turn up nowhere."""

import base64
import binascii
import json
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from hypothesis import given
from hypothesis import strategies as st
from playwright.sync_api import Browser, expect
from streamlit.proto.BackMsg_pb2 import BackMsg

from lib.core.redaction import Secret
from lib.credentials.calls import open_line, try_box, try_kloudless
from lib.credentials.profile_file import open_
from lib.http import Egress
from lib.settings.profiles import sandbox_profile
from tests.browser.conftest import settled
from tests.browser.secrets_walk import Scene, Walk, files_below, scene, settings_file
from tests.sandbox_oauth import sign_in
from tests.secrets_watch import Found, Watch, forms
from tests.slices import Record, slice_of, taken

pytestmark = pytest.mark.browser

PRIVATE_KEY_FILE = "Private key, encrypted"
BLOCK_FILE = "Download the block"
ENCRYPTED_FILE = "Download encrypted file"
DIAGNOSTICS_FILE = "Download diagnostics"
FAILING_CALLS = (
    ("token_signature", "In their words"),
    ("malformed_json", "What to do"),
    ("dropped_connection", "Box not reached"),
    ("server_error_500", "What to do"),
    ("kloudless_unauthorized", "Kloudless refused"),
)
FAILING_EXCHANGES = ("token_jti_used", "app_not_authorized", "token_client")
# Fields that are typed twice, or stay filled until a button beside them is pressed.
UNTIL_PRESSED = ("credentials.keep.", "credentials.jwt.new_")


def canary(name: str) -> str:
    """A secret that every escape has something to do with."""
    return f'{secrets.token_hex(8)} {name} "quoted" & <más>/ünï+%41_-* {secrets.token_hex(8)}'


@dataclass(slots=True)
class Journey:
    """A finished walk, and what was left on the server's side before and after “Forget now”."""

    scene: Scene
    walk: Walk
    watch: Watch
    stored: dict[str, bytes] = field(default_factory=dict)
    media: dict[str, bytes] = field(default_factory=dict)
    after: dict[str, int] = field(default_factory=dict)


@pytest.fixture(scope="module")
def journey(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[Journey]:
    """One walk for all tests of this module: enter, try, break, read, keep, forget."""
    with scene(tmp_path_factory.mktemp("secrets")) as running:
        context = browser.new_context(accept_downloads=True, timezone_id="UTC")
        context.set_default_timeout(30_000)
        watch = Watch()
        walk = Walk(context.new_page(), watch)
        done = Journey(running, walk, watch)
        walk.page.goto(f"{running.app.url}/credentials")
        settled(walk.page)
        enter_jwt(done)
        use_jwt(done)
        read_events(done)
        use_keys(done)
        use_accounts(done)
        walk.go("Health")
        walk.download(DIAGNOSTICS_FILE)
        walk.go("Credentials")
        keep(done)
        other_ways(done)
        for number, (kind, secret) in enumerate(running.proxy.secrets.items()):
            watch.add(f"on the wire {number} ({kind})", secret)
        done.stored = files_below(running.app.data)
        for path in walk.media:
            done.media[path] = httpx.get(f"{running.app.url}{path}", timeout=30).content
        walk.press("Forget now", shows="In use: Sandbox")
        for path in walk.media:
            done.after[path] = httpx.get(f"{running.app.url}{path}", timeout=30).status_code
        yield done
        context.close()


@contextmanager
def trouble(done: Journey, fault: str, **parameters: Any) -> Iterator[None]:
    """A fault for what this session uses; the app's own reading of its sandbox goes on."""
    sandbox = done.scene.sandbox
    kloudless = fault.startswith(("kloudless_", "upstream_"))
    known = sandbox.credentials()["kloudless"]["app_id"] if kloudless else ""
    client_id = known or str(app_of(done, "gcm")["client_id"])
    with sandbox.fault(fault, client_id=client_id, **parameters):
        yield


def app_of(done: Journey, name: str) -> dict[str, object]:
    """One of the apps that the sandbox's Box knows; not the one of the app's sandbox profile."""
    apps = done.scene.sandbox.get("/sandbox/apps")
    found: dict[str, object] = next(one for one in apps if one["name"] == name)
    return found


def enter_jwt(done: Journey) -> None:
    """A settings file, keys of webhooks, and a Kloudless application."""
    walk, watch = done.walk, done.watch
    config = app_of(done, "gcm")["config"]
    assert isinstance(config, dict)
    app = config["boxAppSettings"]
    watch.add("client secret", app["clientSecret"])
    passphrase = watch.add("passphrase", app["appAuth"]["passphrase"])
    pem = app["appAuth"]["privateKey"]
    key = load_pem_private_key(pem.encode(), passphrase.encode())
    assert isinstance(key, rsa.RSAPrivateKey)
    watch.add_key("private key", pem, key)
    walk.upload(0, "config.json", settings_file(config))
    expect(walk.page.get_by_text("filled in the fields below")).to_be_visible()
    walk.tab("Addresses and keys")
    walk.press("Use the sandbox's addresses")
    for label, name in (
        ("Webhook primary key", "box.webhook_primary_key"),
        ("Webhook secondary key", "box.webhook_secondary_key"),
    ):
        secret = watch.add(label, secrets.token_urlsafe(32))
        walk.type(label, secret, f"credentials.{name}")
    walk.tab("Kloudless application")
    kloudless = done.scene.sandbox.credentials()["kloudless"]
    walk.fill("Base address", f"{done.scene.proxy.url}/v1")
    walk.fill("Application ID", kloudless["app_id"])
    key_text = watch.add("Kloudless API key", kloudless["api_key"])
    walk.type("API key", key_text, "credentials.kloudless.api_key")
    for number, token in enumerate(kloudless["account_tokens"].values()):
        watch.add(f"Kloudless account token {number}", token)
    walk.look("everything entered")


def use_jwt(done: Journey) -> None:
    """A call that works, and calls that fail in several ways."""
    walk = done.walk
    walk.press("Try it", shows="Box answered: these credentials work")
    for fault, shows in slice_of(FAILING_CALLS, 2):
        with trouble(done, fault):
            walk.press("Try it", shows=shows)
    opened = walk.page.get_by_text(re.compile("What was sent"))
    for number in range(opened.count()):
        opened.nth(number).click()
    walk.look("what was sent")


def read_events(done: Journey) -> None:
    """Events, a chosen one in full, a read that fails, and every download."""
    walk = done.walk
    walk.go("Activity")
    walk.page.get_by_role("button", name="Read events").first.click()
    walk.page.get_by_role("button", name=re.compile("24 hours")).first.click()
    expect(walk.page.locator(".barlayer .point").first).to_be_visible(timeout=90_000)
    settled(walk.page)
    table = walk.page.get_by_test_id("stDataFrame").first
    table.scroll_into_view_if_needed()
    box = table.bounding_box()
    assert box is not None
    walk.page.mouse.click(box["x"] + 17, box["y"] + 53)
    settled(walk.page)
    walk.page.get_by_test_id("stPopover").get_by_role("button", name="Download").click()
    for name in ("CSV", "JSON Lines", "Parquet"):
        link = walk.page.get_by_role("link", name=re.compile(name))
        with walk.page.expect_download() as waiting:
            walk.runs(link.click)
        assert walk.keep(f"events as {name}", waiting.value)
    walk.page.keyboard.press("Escape")
    walk.look("events")
    with trouble(done, "no_report_right"):
        walk.page.get_by_role("button", name="Read events").first.click()
        walk.page.get_by_role("button", name=re.compile("7 days")).first.click()
        expect(walk.page.get_by_text("What to do").first).to_be_visible(timeout=60_000)
        walk.look("a read that failed")


def use_keys(done: Journey) -> None:
    """A key judged with a wrong passphrase and the right one, a new pair, exchanges that fail."""
    walk, watch = done.walk, done.watch
    walk.go("JWT key")
    walk.press("Exchange it for a token", shows="Box issued a token")
    for fault in slice_of(FAILING_EXCHANGES, 1):
        with trouble(done, fault, times=1):
            walk.press("Exchange it for a token", shows="In their words")
    with trouble(done, "clock_fast", offset=300):
        walk.press("Exchange it for a token", shows="Box issued a token")
    walk.tab("Check a key")
    config = app_of(done, "gcm")["config"]
    assert isinstance(config, dict)
    auth = config["boxAppSettings"]["appAuth"]
    walk.upload(0, "private_key.pem", auth["privateKey"].encode())
    wrong = watch.add("wrong passphrase", canary("wrong passphrase"))
    walk.type("Passphrase", wrong, "credentials.jwt.passphrase")
    expect(walk.page.get_by_text("The passphrase doesn't open this key.")).to_be_visible()
    walk.look("wrong passphrase")
    walk.type("Passphrase", auth["passphrase"], "credentials.jwt.passphrase")
    expect(walk.page.get_by_text("private_key.pem can sign for a Box app.")).to_be_visible()
    walk.tab("Generate a pair")
    chosen = watch.add("new passphrase", canary("new passphrase"))
    walk.type("Passphrase for the new key", chosen, "credentials.jwt.new_")
    walk.type("Repeat the passphrase", chosen, "credentials.jwt.new_")
    walk.press("Generate a pair", shows="A new key pair.")
    made = walk.download(PRIVATE_KEY_FILE).decode()
    key = load_pem_private_key(made.encode(), chosen.encode())
    assert isinstance(key, rsa.RSAPrivateKey)
    watch.add_key("new private key", made, key)
    walk.download("Public key")
    walk.look("a new pair")


def use_accounts(done: Journey) -> None:
    """Users, groups and Kloudless accounts, with one call that fails."""
    walk = done.walk
    walk.go("Accounts")
    expect(walk.page.get_by_text(re.compile(r"of \d+ users"))).to_be_visible()
    walk.tab("Groups")
    expect(walk.page.get_by_text(re.compile(r"of \d+ groups"))).to_be_visible()
    walk.tab("Kloudless accounts")
    expect(walk.page.get_by_text(re.compile(r"of \d+ accounts"))).to_be_visible()
    with trouble(done, "upstream_expired"):
        walk.runs(walk.page.get_by_role("button", name=re.compile(r"^Test \d+ account")).click)
        walk.look("accounts tried")


def keep(done: Journey) -> None:
    """The encrypted file, the block for the host, a wrong password, the right one."""
    walk, watch = done.walk, done.watch
    password = watch.add("password of the file", canary("password of the file"))
    walk.type("Password for the file", password, "credentials.keep.first")
    walk.type("Repeat the password", password, "credentials.keep.second")
    existing = walk.download(ENCRYPTED_FILE)
    walk.page.get_by_text("Show it without secrets").click()
    walk.download(BLOCK_FILE)
    walk.look("kept")
    walk.page.get_by_text("Open a saved file").click()
    wrong = watch.add("wrong password", canary("wrong password"))
    for text, shows in ((wrong, "doesn't open"), (password, "In use: This session")):
        walk.upload(-1, "mine.profile", existing)
        walk.type("Its password", text, "credentials.keep.open_password")
        walk.press("Open file", shows=shows)


def other_ways(done: Journey) -> None:
    """Client credentials, OAuth and a developer token, typed; a wrong one of each is refused."""
    walk, watch, sandbox = done.walk, done.watch, done.scene.sandbox
    ccg = app_of(done, "ccg")
    choose_auth(walk, "Client credentials")
    walk.fill("Client ID", str(ccg["client_id"]))
    wrong = watch.add("wrong client secret", secrets.token_hex(16))
    walk.type("Client secret", wrong, "credentials.box.client_secret")
    walk.press("Try it", shows="In their words")
    secret = watch.add("client secret (CCG)", str(ccg["client_secret"]))
    walk.type("Client secret", secret, "credentials.box.client_secret")
    walk.press("Try it", shows="Box answered: these credentials work")
    grant = sign_in(sandbox)
    choose_auth(walk, "OAuth 2.0")
    walk.fill("Client ID", grant.client_id)
    secret = watch.add("client secret (OAuth)", grant.client_secret)
    walk.type("Client secret", secret, "credentials.box.client_secret")
    refresh = watch.add("refresh token", grant.refresh_token)
    watch.add("access token", grant.access_token)
    walk.type("Refresh token", refresh, "credentials.box.refresh_token")
    walk.press("Try it", shows="Box answered: these credentials work")
    # The file that is kept has the token that works now; the typed one is spent.
    password = watch.add("second password", canary("second password"))
    for label, name in (("Password for the file", "first"), ("Repeat the password", "second")):
        walk.type(label, password, f"credentials.keep.{name}")
    kept = open_(walk.download(ENCRYPTED_FILE), password).box
    assert kept is not None
    assert kept.refresh_token is not None
    assert kept.refresh_token.reveal() in set(done.scene.proxy.secrets.values()) - {refresh}
    with sandbox.fault("token_refresh_invalid", client_id=grant.client_id):
        walk.press("Try it", shows="In their words")
    choose_auth(walk, "Developer token")
    wrong = watch.add("wrong developer token", secrets.token_urlsafe(24))
    walk.type("Developer token", wrong, "credentials.box.developer_token")
    walk.press("Try it", shows="What to do")
    token = watch.add("developer token", sandbox.credentials()["box"]["developer_token"])
    walk.type("Developer token", token, "credentials.box.developer_token")
    walk.press("Try it", shows="Box answered: these credentials work")


def choose_auth(walk: Walk, name: str) -> None:
    walk.tab("Box app")
    walk.runs(walk.page.get_by_role("radio", name=name, exact=True).click)


# -- what the walk proves ----------------------------------------------------------------------


def names(found: list[Found]) -> set[tuple[str, str, str]]:
    return {(one.name, one.form, one.where) for one in found}


def test_the_walk_had_every_kind_of_secret(journey: Journey, record_property: Record) -> None:
    taken(record_property, "failing calls with secrets", FAILING_CALLS, 2)
    taken(record_property, "failing exchanges with secrets", FAILING_EXCHANGES, 1)
    known = " ".join(journey.watch.names)
    for kind in (
        *("private key, d", "passphrase", "client secret", "developer token", "refresh token"),
        *("Kloudless API key", "Webhook primary key", "wrong passphrase", "password of the file"),
        *("(access_token", "(refresh_token", "(assertion"),
    ):
        assert kind in known
    assert len(journey.scene.proxy.secrets) > 12


def test_nothing_that_the_server_sent_to_the_browser_holds_a_secret(journey: Journey) -> None:
    assert len(journey.walk.received) > 100
    assert names(journey.watch.find(b"\n".join(journey.walk.received), "a frame")) == set()


def test_no_page_that_was_seen_holds_a_secret(journey: Journey) -> None:
    found = [one for where, text in journey.walk.pages for one in journey.watch.find(text, where)]
    assert names(found) == set()


def test_no_address_no_header_and_no_console_line_holds_a_secret(journey: Journey) -> None:
    text = "\n".join([*journey.walk.urls, *journey.walk.console])
    assert names(journey.watch.find(text, "an address")) == set()


def test_the_browser_sends_a_secret_only_from_the_field_it_was_typed_into(
    journey: Journey,
) -> None:
    for frame in journey.walk.sent:
        message = BackMsg.FromString(frame)
        for state in message.rerun_script.widget_states.widgets:
            widgets = journey.walk.typed.get(state.string_value, set())
            if any(widget in state.id for widget in widgets):
                state.string_value = ""
        assert names(journey.watch.find(message.SerializeToString(), "a frame")) == set()


def test_a_secret_leaves_the_browser_once_and_is_not_sent_again(journey: Journey) -> None:
    """A widget whose value is kept would send it with every later click."""
    for secret, widgets in journey.walk.typed.items():
        if any(widget.startswith(UNTIL_PRESSED) for widget in widgets):
            continue
        times = sum(secret.encode() in frame for frame in journey.walk.sent)
        assert 1 <= times <= 2, widgets


def test_no_log_holds_a_secret(journey: Journey) -> None:
    app = journey.scene.app.log.read_bytes()
    assert app
    served = json.dumps(journey.scene.sandbox.get("/sandbox/log"))
    assert "/oauth2/token" in served
    found = [
        *journey.watch.find(app, "the app's log"),
        *journey.watch.find(journey.scene.sandbox_log.read_bytes(), "the sandbox's log"),
        *journey.watch.find(served, "the sandbox's list of requests"),
    ]
    assert names(found) == set()
    assert b"Traceback" not in app


def test_no_journal_of_calls_holds_a_secret(journey: Journey) -> None:
    """The journal is kept in memory; this is what the pages' calls put into it."""
    profile = sandbox_profile(httpx.get(f"{journey.scene.proxy.url}/sandbox/credentials").json())
    assert profile.box is not None
    assert profile.kloudless is not None
    watch = Watch()
    for half in (profile.box, profile.kloudless):
        values = {one.name: getattr(half, one.name) for one in fields(half)}
        for name, value in values.items():
            if isinstance(value, Secret):
                watch.add(name, value.reveal())
    app = {"client_id": profile.box.client_id}
    line = open_line(Egress.for_profile(profile))
    with line.http:
        try_box(line, profile.box)
        try_kloudless(line, profile.kloudless)
        for fault in ("token_client", "malformed_json", "dropped_connection", "token_rejected"):
            with journey.scene.sandbox.fault(fault, **app):
                try_box(line, profile.box)
    for number, (kind, secret) in enumerate(journey.scene.proxy.secrets.items()):
        watch.add(f"on the wire {number} ({kind})", secret)
    assert len(line.journal.calls) >= 7
    assert names(watch.find(repr(line.journal.calls), "the journal")) == set()


def test_no_file_below_the_data_folder_holds_a_secret(journey: Journey) -> None:
    assert {"events.duckdb", "ledger.sqlite", "owner.json"} <= journey.stored.keys()
    later = files_below(journey.scene.app.data)
    found = [
        one
        for files in (journey.stored, later)
        for name, content in files.items()
        for one in journey.watch.find(name.encode() + b"\n" + content, name)
    ]
    assert names(found) == set()


def test_downloads_hold_no_secret_but_the_two_that_are_meant_to(journey: Journey) -> None:
    files = journey.walk.files
    own = {"new private key"}  # the file is that key, under its passphrase
    for name, content in files.items():
        found = {one for one in journey.watch.find(content, name) if one.form != "bytes"}
        if name == PRIVATE_KEY_FILE:
            found = {one for one in found if not one.name.startswith(tuple(own))}
        if name != BLOCK_FILE:
            assert names(list(found)) == set(), name
    block = {one.name for one in journey.watch.find(files[BLOCK_FILE], BLOCK_FILE)}
    assert {"client secret", "passphrase", "Kloudless API key"} <= block
    assert {"events as CSV", "events as JSON Lines", "events as Parquet"} <= files.keys()


def test_the_diagnostics_file_tells_what_failed_and_no_address_of_the_session(
    journey: Journey,
) -> None:
    text = journey.walk.files[DIAGNOSTICS_FILE].decode()
    assert "this session" in text  # its calls that failed are told, without whose they were
    config = app_of(journey, "gcm")["config"]
    assert isinstance(config, dict)
    known = (config["boxAppSettings"]["clientID"], config["enterpriseID"], journey.scene.proxy.url)
    assert [one for one in known if str(one) in text] == []


def test_media_addresses_hold_only_what_was_asked_for_and_end_with_forget_now(
    journey: Journey,
) -> None:
    asked = {journey.walk.files[BLOCK_FILE], journey.walk.files[PRIVATE_KEY_FILE]}
    assert journey.media
    for path, content in journey.media.items():
        if content not in asked:
            assert names(journey.watch.find(content, path)) == set()
    assert set(journey.after.values()) <= {404}


# -- the detector itself -----------------------------------------------------------------------


SECRET = 'Zq8v"L2wX/0pT4+rN6b é&<k>_-'


@pytest.mark.parametrize(
    "text",
    [
        SECRET,
        json.dumps({"a": SECRET}),
        json.dumps(json.dumps({"a": SECRET})),
        json.dumps({"a": SECRET}, ensure_ascii=False),
        quote(SECRET, safe=""),
        quote(SECRET),
        base64.b64encode(SECRET.encode()).decode(),
        base64.b64encode(f"x{SECRET}y".encode()).decode(),
        base64.b64encode(f"xy{SECRET}yz".encode()).decode(),
        base64.urlsafe_b64encode(f"{SECRET}:".encode()).decode(),
        binascii.hexlify(SECRET.encode()).decode(),
        binascii.hexlify(SECRET.encode()).decode().upper(),
        repr({"a": SECRET}),
        SECRET[:14],
    ],
)
def test_the_detector_finds_a_planted_secret(text: str) -> None:
    watch = Watch()
    watch.add("planted", SECRET)
    assert {one.name for one in watch.find(f"before {text} after", "here")} == {"planted"}
    assert watch.find("before something else after", "here") == []


@given(st.text(st.characters(codec="utf-8"), min_size=12, max_size=60), st.binary(max_size=7))
def test_base64_is_found_at_every_alignment(secret: str, before: bytes) -> None:
    watch = Watch()
    watch.add("planted", secret)
    text = base64.b64encode(before + secret.encode() + b"after")
    assert watch.find(text, "here")


def test_no_form_is_so_short_that_it_says_nothing() -> None:
    assert min(len(needle) for needle in forms(SECRET).values()) >= 8


def test_the_detector_finds_what_is_planted_where_the_walk_looked(journey: Journey) -> None:
    """Each surface as it was kept, with one secret more in it, is one that is told."""
    secret = journey.watch.value("passphrase").encode()
    for surface in (
        b"\n".join([*journey.walk.received, secret]),
        journey.scene.app.log.read_bytes() + base64.b64encode(b"k=" + secret + b";"),
        journey.stored["ledger.sqlite"] + binascii.hexlify(secret),
        journey.walk.files["events as CSV"] + secret,
    ):
        assert {one.name for one in journey.watch.find(surface, "here")} == {"passphrase"}


def test_a_secret_in_a_log_line_would_be_seen(journey: Journey, tmp_path: Path) -> None:
    log = tmp_path / "a.log"
    log.write_text(f"POST /oauth2/token client_secret={journey.watch.value('client secret')}\n")
    assert journey.watch.find(log.read_bytes(), "log")
