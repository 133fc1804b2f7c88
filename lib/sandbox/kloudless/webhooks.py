"""Kloudless's webhooks: a signed POST that only says which account changed.

The signature is base64 of HMAC-SHA256 over the raw body with the API Key; the receiver answers
200 with the App ID as its whole body. Body, signature and answer were read in three independent
receivers (Kloudless contract 8); tries and pauses are a convention of this sandbox (15).
"""

import asyncio
import base64
import hashlib
import hmac
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import uuid4

from lib.sandbox.kloudless.model import Account
from lib.sandbox.kloudless.service import Kloudless

if TYPE_CHECKING:
    import httpx

HEADER = "X-Kloudless-Signature"
_OK = 200


def sign(api_key: str, body: bytes) -> str:
    """The value of `X-Kloudless-Signature` for a body; an empty body is signed like any other."""
    digest = hmac.new(api_key.encode(), body, hashlib.sha256).digest()
    return base64.b64encode(digest).decode()


@dataclass(frozen=True, slots=True)
class Notice:
    """What is POSTed: body and headers."""

    body: bytes
    headers: dict[str, str]


@dataclass(frozen=True, slots=True)
class Notified:
    """How a delivery went. `status` is the last answer's, None without one."""

    id: str
    url: str
    status: int | None
    accepted: bool
    tries: int


def notice(service: Kloudless, account: Account | None) -> Notice:
    """The delivery for an account's change; None: the test request that saves a webhook."""
    app = service.apps[account.app_id if account is not None else service.main_app]
    body = b"" if account is None else f"account={account.id}".encode()
    return Notice(
        body,
        {
            "Content-Type": "application/x-www-form-urlencoded",
            HEADER: sign(app.signing_key, body),
        },
    )


async def deliver(
    service: Kloudless,
    account: Account | None,
    url: str,
    http: "httpx.AsyncClient",
    *,
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> Notified:
    """Sends it until it is accepted, at most as often as the conventions say."""
    import httpx  # noqa: PLC0415  # the sandbox starts sooner without it

    rule = service.conventions
    sent = notice(service, account)
    app_id = account.app_id if account is not None else service.main_app
    status: int | None = None
    for number, wait in enumerate(rule.webhook_pauses_s, start=1):
        try:
            answer = await http.post(
                url, content=sent.body, headers=sent.headers, timeout=rule.webhook_timeout_s
            )
        except httpx.HTTPError:
            status = None
        else:
            status = answer.status_code
            if status == _OK and (
                not rule.webhook_checks_body or answer.content == app_id.encode()
            ):
                return Notified(str(uuid4()), url, status, accepted=True, tries=number)
        if number < len(rule.webhook_pauses_s):
            await pause(wait)
    tries = len(rule.webhook_pauses_s)
    return Notified(str(uuid4()), url, status, accepted=False, tries=tries)
