"""Signs a delivery as the real sender would and sends it: to test a receiver, or to replay.

The address must be https or on this machine; names that resolve to private ranges are refused
unless the host listed them. No redirect to another host is followed, and nothing is retried: the
caller wants to see the first response.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit
from uuid import uuid4

import httpx
import orjson

from lib.activity.ingest.json_values import NotJson, loads, mapping, text
from lib.box import signatures as box
from lib.core.errors import ConfigurationError, Who
from lib.core.redaction import Secret
from lib.http import Egress, Journal, Policy, RetryPolicy, build_client
from lib.kloudless import signatures as kloudless

ANSWER_BYTES: Final = 64_000
_PATIENCE: Final = Policy(
    read_s=60.0,
    max_response_bytes=ANSWER_BYTES,
    retry=RetryPolicy(attempts=1, page_attempts=1, network_retries=0),
    budget=None,
)
_PORTS: Final = {"http": 80, "https": 443}
_LOOPBACK: Final = ("localhost", "127.0.0.1", "::1")
_OK: Final = 200
_REFUSED_FROM: Final = 300


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A signed delivery, ready to be sent."""

    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Sent:
    """How it was answered. `reason` is what a receiver of ours said, None where it accepted."""

    status: int
    reason: str | None

    @property
    def ok(self) -> bool:
        """Whether it was accepted."""
        return self.reason is None


def box_delivery(body: bytes, keys: box.SignatureKeys, at: datetime) -> Outgoing:
    """A delivery of Box, signed for `at` with the keys that there are, under a new delivery id."""
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "Box-WH-Client/0.1",
        box.DELIVERY_ID: str(uuid4()),
        **box.sign(body, at.isoformat(timespec="seconds"), keys),
    }
    return Outgoing(headers, body)


def kloudless_delivery(body: bytes, api_key: Secret) -> Outgoing:
    """A delivery of Kloudless; without a body it is the request by which an address is tested."""
    form = not body.lstrip().startswith(b"{")
    kind = "application/x-www-form-urlencoded" if form else "application/json"
    return Outgoing({"Content-Type": kind, **kloudless.sign(body, api_key)}, body)


def sample_body(trigger: str, at: datetime) -> bytes:
    """A body such as Box sends for a trigger, about an item that doesn't exist."""
    kind = "folder" if trigger.startswith(("FOLDER.", "COLLABORATION.")) else "file"
    when = at.isoformat(timespec="seconds")
    person = {"type": "user", "id": "1", "name": "Box Runbook", "login": "runbook@example.com"}
    source = {"id": "1", "type": kind, "name": f"A {kind} that only tries the webhook"}
    if trigger.startswith("COLLABORATION."):
        source = {"id": "1", "type": "collaboration", "item": source, "accessible_by": person}  # type: ignore[dict-item]
    return orjson.dumps(
        {
            "type": "webhook_event",
            "id": str(uuid4()),
            "created_at": when,
            "trigger": trigger,
            "webhook": {"id": "1", "type": "webhook"},
            "created_by": person,
            "source": source,
            "additional_info": [],
        }
    )


def post(
    outgoing: Outgoing,
    url: str,
    *,
    app_id: str | None = None,
    allowed_hosts: tuple[str, ...] = (),
) -> Sent:
    """Send it. With an `app_id`, only the response that Kloudless expects is accepted.

    Raises ConfigurationError for an address that may not be sent to, Unreachable without answer.
    """
    egress = _egress(url, allowed_hosts)
    with build_client(egress, Journal(), policy=_PATIENCE) as http:
        answer = http.post(url, content=outgoing.body, headers=dict(outgoing.headers))
    return Sent(answer.status_code, _reason(answer, app_id))


def _egress(url: str, allowed_hosts: tuple[str, ...]) -> Egress:
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").rstrip("."), parts.port
        httpx.URL(url)
    except (ValueError, httpx.InvalidURL) as error:
        raise _wrong_address("It isn't a valid URL.") from error
    local = host in _LOOPBACK
    if not host or parts.scheme not in _PORTS or (parts.scheme == "http" and not local):
        raise _wrong_address("It is neither an https address nor on this machine.")
    if parts.username or parts.password:
        raise _wrong_address("It contains a user name or password.")
    origin = (host, port or _PORTS[parts.scheme])
    return Egress(
        hosts=frozenset({host}),
        origins=frozenset({origin}) if local else frozenset(),
        allowed_hosts=allowed_hosts,
        box=False,
    )


def _wrong_address(cause: str) -> ConfigurationError:
    return ConfigurationError(
        "A delivery can't be sent to that address.",
        cause=cause,
        fix="Use an https address, or http://127.0.0.1 with the port of a local receiver.",
        who=Who.YOU,
    )


def _reason(answer: httpx.Response, app_id: str | None) -> str | None:
    status = answer.status_code
    if _OK <= status < _REFUSED_FROM:
        wrong = app_id is not None and (status != _OK or answer.text.strip() != app_id)
        return "wrong_answer" if wrong else None
    said = mapping(_json(answer.content))
    return text(said.get("reason")) or f"status_{status}"


def _json(body: bytes) -> Any:
    try:
        return loads(body)[0]
    except NotJson:
        return None
