"""What the Webhooks page says: addresses, words, and requests to take along."""

import json
import subprocess
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.core.redaction import HIDDEN
from lib.ui.webhooks import words
from lib.webhooks.log.curl import as_curl, as_jsonl
from lib.webhooks.log.delivery_filter import VERDICTS
from lib.webhooks.log.log import Logged, Opened
from lib.webhooks.receive.addresses import address

AT = datetime(2026, 11, 1, 12, tzinfo=UTC)
ONE = Logged("0" * 24, AT, "box", "accepted", 200)


@pytest.mark.parametrize(
    "base, kind, word",
    [
        ("http://app.acme.example", "box", "https only"),
        ("https://app.acme.example:8443", "box", "port 8443"),
        ("https://hooks.box.com", "box", "box.com"),
        ("https://localhost", "kloudless", "from outside"),
        ("https://10.1.2.3", "box", "from outside"),
        ("https://[fd00::1]", "box", "from outside"),
        ("https://runbook", "kloudless", "from outside"),
        ("https://acme.streamlit.app", "kloudless", "receive"),
        ("https://[::1", "box", "valid"),
    ],
)
def test_what_speaks_against_an_address_is_said(base: str, kind: str, word: str) -> None:
    found = address(base, kind, "acme")
    assert found is not None
    assert any(word in problem for problem in found.problems)


@pytest.mark.parametrize("base", ["https://app.acme.example", "https://notbox.com"])
def test_nothing_speaks_against_a_public_address(base: str) -> None:
    found = address(base, "box", "acme")
    assert found is not None
    assert found.problems == ()
    assert found.url == f"{base}/webhooks/box/acme"
    assert address("", "box", "acme") is None


def test_every_verdict_has_words_and_a_mark() -> None:
    assert set(words.VERDICTS) == set(VERDICTS)
    assert {words.verdict(one)[0] for one in VERDICTS} == {"✓", "↻", "→", "✗"}


@pytest.mark.parametrize(
    "seconds, said",
    [(None, ""), (0.0234, "23 ms"), (-0.4, "-400 ms"), (1.44, "1.4 s"), (185, "3 min 5 s"),
     (-185, "-3 min 5 s"), (7_800, "2 h 10 min"), (90_000, "1 d 1 h")],
)  # fmt: skip
def test_seconds_are_reported_shortly(seconds: float | None, said: str) -> None:
    assert words.seconds(seconds) == said


def test_attempts_are_reported_of_how_many() -> None:
    logged = Logged("1", AT, "box", "repeated", 200, attempt=2)
    assert words.attempt(logged, 3) == "2 of 3"
    assert words.attempt(ONE, 3) == ""
    assert words.length(timedelta(0)) == "0 s"


BODIES = st.binary(max_size=60) | st.text(max_size=60).map(str.encode)


@pytest.mark.needs("bash")
@given(BODIES.filter(lambda body: b"\0" not in body), st.text(max_size=20))
def test_a_shell_gets_exactly_the_body_and_runs_nothing_else(body: bytes, value: str) -> None:
    headers = {"x-note": value.replace("\0", ""), "box-signature-primary": HIDDEN, "host": "a"}
    command = as_curl(Opened(ONE, headers, body), "acme")
    assert "$BOX_SIGNATURE_PRIMARY" in command
    assert HIDDEN not in command
    # curl is a function that writes the last of what it was given
    shell = f'curl() {{ printf %s "${{@: -1}}"; }}\n{command}'
    done = subprocess.run(["bash", "-c", shell], capture_output=True, check=True)
    assert done.stdout == body


def test_a_line_of_json_says_everything_but_signatures() -> None:
    found = Opened(ONE, {"box-signature-primary": HIDDEN}, b'{"id":"\xc3\xbc"}')
    said = json.loads(as_jsonl(found))
    assert said["id"] == ONE.id
    assert said["verdict"] == "accepted"
    assert said["received_at"] == "2026-11-01T12:00:00+00:00"
    assert said["body"] == '{"id":"ü"}'
    assert as_jsonl(found).count(b"\n") == 1
    assert json.loads(as_jsonl(Opened(ONE, {}, b"\xff")))["body_base64"] == "/w=="
    assert json.loads(as_jsonl(Opened(ONE, {}, None)))["body"] is None
