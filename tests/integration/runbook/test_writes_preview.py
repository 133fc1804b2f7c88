"""What is shown before a check writes is what goes over the wire, call by call."""

import json
import re
from collections.abc import Mapping

import pytest

from lib.core.redaction import Secret
from lib.http import Egress
from lib.runbook.checks.check_context import CheckContext
from lib.runbook.checks.registry import by_id
from lib.runbook.checks.writes import WRITING, planned
from lib.settings.profiles import BoxAuth, BoxCredentials, Profile, ProfileKind
from tests.wire_server import Reply, Seen, as_json, wire_server

OWN = {"host", "accept", "accept-encoding", "connection", "user-agent", "content-length"}
"""What every call has, whatever it does."""


@pytest.mark.parametrize("check_id", WRITING)
def test_a_permitted_write_is_what_was_shown_before(check_id: str) -> None:
    with wire_server() as wire:
        wire.answer = _answer
        box = BoxCredentials(
            BoxAuth.DEVELOPER_TOKEN, developer_token=Secret("not-shown"), api_url=wire.url
        )
        profile = Profile("acme", "Acme", ProfileKind.CONFIGURED, box=box)
        with CheckContext(
            profile, egress=Egress(origins=frozenset({("127.0.0.1", wire.port)})), allow_writes=True
        ) as context:
            by_id(check_id).probe(context)
    shown = planned(check_id, box)
    assert len(shown) == len(wire.requests) == 2
    for call, seen in zip(shown, wire.requests, strict=True):
        assert call.method == seen.method
        assert call.url.replace("<its id>", "77") == wire.url + seen.path
        assert "not-shown" not in call.text
        assert _headers(call.headers) == _headers(seen.headers)
        if call.body is None:
            assert seen.body == b""
        else:
            name = str(seen.json["name"])
            assert re.fullmatch(r"box-runbook check [0-9a-f]{8}", name)
            reported = json.dumps(call.body).replace("<8 random characters>", name[-8:])
            assert json.loads(reported) == seen.json


def _answer(seen: Seen) -> Reply:
    return as_json({"id": "77"}, 201) if seen.method == "POST" else Reply(204, b"")


def _headers(found: Mapping[str, str]) -> dict[str, str]:
    """The headers that matter; of the token only that there is one."""
    lower = {name.lower(): value for name, value in found.items()}
    lower["authorization"] = lower["authorization"].split()[0]
    return {name: value for name, value in lower.items() if name not in OWN}
