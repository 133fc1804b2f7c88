"""The request for a shell: a real shell reads it as what was sent, and no credential is in it."""

import subprocess
from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lib.files.curl import curl, curls
from lib.files.source import FileSide
from lib.http import Call, Exchange

#: A function in the place of the program tells what the shell made of the line.
SHOW = "curl() { printf '%s\\0' \"$@\"; }\n"


def exchange(
    url: str, *, method: str = "GET", scheme: str = "Bearer", headers: Mapping[str, str] = {}
) -> Exchange:
    parts = urlsplit(url)
    at = datetime(2026, 11, 1, tzinfo=UTC)
    call = Call(at, method, parts.netloc, parts.path, 200, 1.0, (), 1, None)
    return Exchange(url, scheme, call, headers)


def shell(line: str, **variables: str) -> list[str]:
    """The words that a shell hands to curl."""
    done = subprocess.run(
        ["/bin/sh", "-c", SHOW + line],
        capture_output=True,
        check=True,
        env={"BOX_TOKEN": "", "KLOUDLESS_API_KEY": "", **variables},
    )
    assert done.stderr == b""
    return done.stdout.decode().split("\0")[:-1]


def test_a_shell_puts_the_token_in_its_place() -> None:
    line = curl(exchange("https://api.box.com/2.0/folders/0?fields=id%2Cname"), FileSide.BOX)
    assert line.splitlines()[0] == "curl 'https://api.box.com/2.0/folders/0?fields=id,name' \\"
    assert "$BOX_TOKEN" in line
    assert shell(line, BOX_TOKEN="t0k en") == [
        "https://api.box.com/2.0/folders/0?fields=id,name",
        "-H",
        "Authorization: Bearer t0k en",
    ]


def test_kloudless_has_a_key_of_its_own_or_a_token() -> None:
    url = "https://kloudless.example/v1/accounts/1/storage/recent/"
    assert "APIKey $KLOUDLESS_API_KEY" in curl(exchange(url, scheme="APIKey"), FileSide.KLOUDLESS)
    assert "Bearer $KLOUDLESS_TOKEN" in curl(exchange(url), FileSide.KLOUDLESS)


def test_a_call_without_a_credential_names_none() -> None:
    assert "Authorization" not in curl(exchange("https://x.example/", scheme=""), FileSide.BOX)


def test_the_pass_through_call_is_a_post_with_its_headers() -> None:
    headers = {
        "X-Kloudless-Raw-URI": "/2.0/users/me?fields=id",
        "X-Kloudless-Raw-Headers": '{"Box-Notifications":"off"}',
    }
    line = curl(
        exchange("https://k.example/v1/accounts/1/raw/", method="POST", headers=headers),
        FileSide.KLOUDLESS,
    )
    assert shell(line)[:2] == ["-X", "POST"]
    assert 'X-Kloudless-Raw-Headers: {"Box-Notifications":"off"}' in shell(line)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.text(), st.text(alphabet=st.characters(codec="ascii", exclude_characters="\0")))
def test_whatever_is_searched_for_arrives_as_it_was_sent(words: str, header: str) -> None:
    words = words.encode("utf-8", "replace").decode()
    sent = httpx.Request("GET", "https://api.box.com/2.0/search", params={"query": words})
    line = curl(exchange(str(sent.url), headers={"As-User": header}), FileSide.BOX)
    reported = shell(line, BOX_TOKEN="t")
    url = next(word for word in reported if word.startswith("https://"))
    assert dict(parse_qsl(urlsplit(url).query, keep_blank_values=True)) == {"query": words}
    assert reported[-1] == f"As-User: {header}"


@pytest.mark.parametrize(
    "name", ["$(touch /tmp/x)", "`id`", "'; id; '", "a\nb", "[1-9]{a,b}", "\\"]
)
def test_nothing_in_a_request_is_run_or_changed_by_the_shell(name: str) -> None:
    line = curl(exchange("https://api.box.com/", headers={"As-User": name}), FileSide.BOX)
    assert shell(line)[-1] == f"As-User: {name}"


def test_curl_takes_brackets_in_an_address_as_they_are() -> None:
    line = curl(exchange("https://api.box.com/2.0/search?query={1}&x=[a]"), FileSide.BOX)
    assert shell(line)[0] == "--globoff"


def test_each_question_is_shown_once_and_no_call_that_led_to_it() -> None:
    asked = exchange("https://api.box.com/2.0/folders/0")
    seen = [
        exchange("https://api.box.com/oauth2/token", method="POST", scheme=""),
        exchange("https://k.example/v1/accounts/1/encode_raw_id/", method="POST"),
        asked,
        asked,
    ]
    assert curls(seen, FileSide.BOX) == (curl(asked, FileSide.BOX),)
