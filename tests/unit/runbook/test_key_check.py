"""The check of the private key: each thing that can be wrong with it, told by its own cause.

The keys are made by the openssl program where it makes them, so that they are what people have.
"""

import subprocess
from dataclasses import replace
from functools import cache

import pytest

from lib.core.causes import all_causes
from lib.core.redaction import Secret
from lib.http import Egress
from lib.runbook.checks.check_context import CheckContext
from lib.runbook.checks.running import run
from lib.runbook.checks.verdict import Verdict
from lib.settings.profiles import BoxAuth, BoxCredentials, Profile, ProfileKind

pytestmark = pytest.mark.needs("openssl")

PASS = "pass phrase of a test"
BOX = BoxCredentials(
    auth=BoxAuth.JWT,
    client_id="c" * 32,
    client_secret=Secret("s" * 32),
    public_key_id="abcd1234",
    enterprise_id="1234567",
)


def openssl(*words: str, given: str = "") -> str:
    done = subprocess.run(
        ["openssl", *words], input=given, capture_output=True, text=True, check=True
    )
    return done.stdout


@cache
def plain(bits: int = 2048) -> str:
    return openssl("genrsa", str(bits))


@cache
def encrypted() -> str:
    return openssl(
        "pkcs8", "-topk8", "-v2", "aes-256-cbc", "-passout", f"pass:{PASS}", given=plain()
    )


@cache
def certificate() -> str:
    return openssl(
        *("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "/dev/null"),
        *("-subj", "/CN=acme.example", "-days", "2"),
    )


def checked(key: str | None, passphrase: str | None = PASS) -> Verdict:
    box = replace(BOX, private_key=Secret.of(key or ""), passphrase=Secret.of(passphrase or ""))
    profile = Profile("acme", "Acme", ProfileKind.CONFIGURED, box=box)
    with CheckContext(profile, egress=Egress()) as context:
        verdicts = {one.id: one for one in run(context, ["box.settings", "box.key.readable"])}
    return verdicts["box.key.readable"]


def rows() -> list[tuple[str, str, str, str | None]]:
    """Cause, status, key, passphrase."""
    key = encrypted()
    lines = key.splitlines()
    return [
        ("passphrase_wrong", "failed", key, "another"),
        ("passphrase_missing", "failed", key, None),
        ("public_not_private", "failed", openssl("rsa", "-pubout", given=plain()), None),
        ("certificate_not_private", "failed", certificate(), None),
        ("not_rsa", "failed", openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout"), None),
        ("truncated", "failed", "\n".join(lines[: len(lines) // 2]), PASS),
        ("not_a_key", "failed", "this is my key", None),
        ("too_large", "failed", "x" * 2_000_000, None),
        ("unsupported_format", "failed", openssh(), None),
        ("too_small", "warning", openssl("genrsa", "1024"), None),
        ("unencrypted", "warning", plain(), None),
        ("passphrase_unneeded", "warning", plain(), PASS),
        ("escaped_newlines", "warning", key.replace("\n", "\\n"), PASS),
        ("crlf", "warning", key.replace("\n", "\r\n"), PASS),
        ("bom", "warning", "\ufeff" + key, PASS),
        ("extra_text", "warning", f"Here it is:\n{key}", PASS),
    ]


def openssh() -> str:
    body = "b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAA"
    return f"-----BEGIN OPENSSH PRIVATE KEY-----\n{body}\n-----END OPENSSH PRIVATE KEY-----\n"


@pytest.mark.parametrize("place", range(16))
def test_what_is_wrong_with_a_key_is_reported_by_its_own_cause(place: int) -> None:
    code, status, key, passphrase = rows()[place]
    verdict = checked(key, passphrase)
    assert (verdict.cause, verdict.status.value) == (f"key.{code}", status)
    assert verdict.fix
    assert verdict.who is not None
    for secret in (PASS, *key.splitlines()):
        if len(secret) > 20:
            assert secret not in str(verdict.to_record())


def test_a_good_key_passes_and_shows_its_fingerprint() -> None:
    verdict = checked(encrypted())
    assert verdict.status.value == "passed"
    assert len(verdict.evidence.compared["fingerprint"]) == 64


def test_every_row_about_keys_is_met_here_or_where_two_keys_are_compared() -> None:
    met = {code for code, *_ in rows()}
    known = {one.id.removeprefix("key.") for one in all_causes() if one.id.startswith("key.")}
    # A missing key is told as a missing setting; mismatches are told where a second file is given.
    assert known - met == {"empty", "public_mismatch", "config_mismatch"}
