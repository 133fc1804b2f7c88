"""An answer that quotes the request: what was sent never comes back as somebody else's words."""

from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import unquote_plus

import pytest

from lib.box import BoxClient
from lib.box.tokens.auth import Token, fixed_token
from lib.core.errors import ApiError
from lib.core.redaction import Secret
from lib.credentials.calls import open_line, try_box
from lib.http import Egress
from lib.kloudless import KloudlessClient
from lib.settings.profiles import BoxAuth, BoxCredentials, sandbox_profile
from tests.sandbox_server import SandboxServer
from tests.secrets_watch import Watch
from tests.wire_server import Reply, Seen, WireServer, as_json, wire_server

CLIENT_SECRET = "canary/client+secret.0123456789abcdef"
REFRESH_TOKEN = "canary-refresh-token-0123456789abcdef"


@pytest.fixture
def server() -> Iterator[WireServer]:
    with wire_server() as running:
        yield running


def quoting(seen: Seen) -> Reply:
    """A gateway's answer with the values of the form and the credential of the header in it."""
    values = " | ".join(seen.form.values()) if seen.body else ""
    text = f"not allowed: {values} {unquote_plus(seen.body.decode())} {dict(seen.headers)}"
    return as_json({"error": "invalid_request", "error_description": text}, 400)


def test_an_error_that_quotes_the_token_shows_no_token(server: WireServer) -> None:
    token, url = "canaryaccesstoken0123456789", f"http://127.0.0.1:{server.port}"
    watch = Watch()
    watch.add("token", token)
    server.answer = lambda seen: as_json(
        {"code": "bad", "message": f"you sent {token}", "error_code": token, **dict(seen.query)},
        400,
    )
    line = open_line(Egress(origins=frozenset({("127.0.0.1", server.port)})))
    source = fixed_token(Token(Secret(token), None), "somebody")
    with line.http, pytest.raises(ApiError) as box:
        BoxClient(line.http, source, api_url=url).me()
    line = open_line(Egress(origins=frozenset({("127.0.0.1", server.port)})))
    with line.http, pytest.raises(ApiError) as kloudless:
        KloudlessClient(line.http, f"{url}/v1", "app", api_key=Secret(token)).accounts()
    for caught in (box.value, kloudless.value):
        assert "you sent" in caught.message
        assert watch.find(repr(vars(caught)) + str(caught), "the error") == []


@pytest.mark.parametrize("auth", [BoxAuth.JWT, BoxAuth.CCG, BoxAuth.OAUTH])
def test_a_refusal_that_quotes_the_request_shows_no_secret(
    server: WireServer, sandbox: SandboxServer, auth: BoxAuth
) -> None:
    profile = sandbox_profile(sandbox.credentials())
    assert profile.box is not None
    url = f"http://127.0.0.1:{server.port}"
    box: BoxCredentials = replace(
        profile.box,
        auth=auth,
        client_secret=Secret(CLIENT_SECRET),
        refresh_token=Secret(REFRESH_TOKEN),
        api_url=url,
    )
    watch = Watch()
    watch.add("client secret", CLIENT_SECRET)
    watch.add("refresh token", REFRESH_TOKEN)
    server.answer = quoting
    line = open_line(Egress(origins=frozenset({("127.0.0.1", server.port)})))
    with line.http:
        outcome = try_box(line, box)
    for seen in server.requests:
        if "assertion" in seen.form:
            watch.add("assertion", seen.form["assertion"])
    assert outcome.fault is not None
    assert "not allowed" in outcome.fault.said
    assert watch.find(repr(outcome), "the outcome") == []
