"""One request to a webhook address: checked in order, stored, answered. Never an exception.

Size before all of it is read, signature over the raw bytes, then its content, then the ledger, then
the response: 2xx means that it is durable. A rejected request is counted with its reason; none of
its body is stored. The ledger recognizes Box's retries and Kloudless's notifications without an id.
Source: Box developer documentation, webhooks; published receivers of Kloudless's webhooks.
"""

import asyncio
import logging
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from itertools import count
from typing import Final, TypedDict

import orjson
from starlette.types import Receive, Scope

from lib.activity.ingest.delivery_events import OWN_HEADER
from lib.activity.ingest.json_values import NotJson
from lib.activity.model.source import Source
from lib.box import signatures as box
from lib.core.errors import StoreError
from lib.core.signatures import SignatureVerdict
from lib.core.time_texts import time_of
from lib.kloudless import signatures as kloudless
from lib.settings.profiles import Profile
from lib.store.ledger.deliveries import FAILING, ReceivedDelivery, Reject
from lib.webhooks.receive.delivery_identity import (
    NoAccount,
    box_body_id,
    kloudless_account,
    short_id,
    shown,
    texts,
)
from lib.webhooks.receive.keeper import Busy, Keeper
from lib.webhooks.receive.quota import Full, Hold, Quota
from lib.webhooks.receive.refusals import REFUSAL_TEXTS, Refusal, of_signature
from lib.webhooks.signing.own_mark import KEPT, is_own, keys_for_marks

MAX_BYTES: Final = 1024 * 1024
"""The largest body. Box's deliveries have a few kilobytes."""
MAX_BUFFERED_BYTES: Final = 48 * 1024 * 1024
"""How much may be held of all bodies that are being read or wait to be stored."""
MAX_REQUESTS: Final = 2_000
BODY_S: Final = 20.0
RETRY_AFTER_S: Final = 5
_log = logging.getLogger(__name__)

Clock = Callable[[], datetime]


class Kind(StrEnum):
    """Who sends."""

    BOX = "box"
    KLOUDLESS = "kloudless"


@dataclass(frozen=True, slots=True)
class Answer:
    """What is answered, and after how many seconds."""

    status: int
    body: bytes
    media_type: str = "application/json"
    headers: tuple[tuple[bytes, bytes], ...] = ()
    delay_s: float = 0.0


@dataclass(slots=True)
class _Request:
    """One request while it is judged."""

    kind: Kind
    method: str
    headers: list[tuple[str, str]]
    profile: str = ""
    own: bool = False
    size: int | None = None
    age_s: float | None = None


class _Refused(Exception):  # a signal inside this module
    def __init__(self, reason: Refusal) -> None:
        super().__init__(reason)
        self.reason = reason


class Receiver:
    """Receives for the profiles that `profiles` finds by their key."""

    def __init__(
        self,
        profiles: Callable[[str], Profile | None],
        keeper: Keeper,
        *,
        clock: Clock = lambda: datetime.now(UTC),
        max_bytes: int = MAX_BYTES,
        quota: Quota | None = None,
        body_s: float = BODY_S,
    ) -> None:
        self._profiles = profiles
        self._keeper = keeper
        self._clock = clock
        self._max_bytes = max_bytes
        self._quota = quota or Quota(requests=MAX_REQUESTS, size=MAX_BUFFERED_BYTES)
        self._body_s = body_s

    async def receive(self, kind: Kind, key: str, scope: Scope, receive: Receive) -> Answer:
        """The answer to one request."""
        request = _Request(kind, scope["method"], texts(scope["headers"]))
        try:
            return await self._judge(request, key, receive)
        except _Refused as refused:
            return self._refuse(request, refused.reason)
        except (Busy, Full):
            return self._refuse(request, Refusal.BUSY)
        except Exception as error:  # noqa: BLE001  # the sender retries, the log has it
            if not isinstance(error, StoreError):
                _log.error("A delivery failed in this app: %s", type(error).__name__)
            return self._refuse(request, Refusal.UNAVAILABLE)

    async def _judge(self, request: _Request, key: str, receive: Receive) -> Answer:
        profile = self._profiles(key)
        if profile is None:
            raise _Refused(Refusal.UNKNOWN_PROFILE)
        request.profile = profile.key
        request.own = is_own(request.headers, keys_for_marks(profile))
        request.headers = [pair for pair in request.headers if pair[0] != OWN_HEADER]
        if request.own:  # the mark itself is no one's to read
            request.headers.insert(0, (OWN_HEADER, KEPT))
        if request.method != "POST":
            raise _Refused(Refusal.WRONG_METHOD)
        with self._quota.hold() as hold:
            return await self._accept(request, profile, receive, hold)

    async def _accept(
        self, request: _Request, profile: Profile, receive: Receive, hold: Hold
    ) -> Answer:
        body = await self._body(request, receive, hold)
        at = self._clock()
        verdict = _verdict(request, body, profile, at)
        request.age_s = verdict.age_s
        if verdict.reason is not None:
            raise _Refused(of_signature(verdict.reason))
        if not request.own:  # else it proves nothing of the sender's keys
            self._keeper.used(profile.key, request.kind, verdict, at)
        kept = await self._keeper.keep(
            _delivery(request, body, profile, verdict, at), own=request.own
        )
        if kept.answer == FAILING:
            return _json(FAILING, {"ok": False, "error": "A drill answers with 500."})
        if request.kind is Kind.KLOUDLESS and profile.kloudless is not None:
            reported = profile.kloudless.app_id.encode()
            return Answer(kept.answer, reported, "text/plain; charset=utf-8", delay_s=kept.delay_s)
        answer = {"ok": True, "repeat": kept.attempt > 1}
        return _json(kept.answer, answer, delay_s=kept.delay_s)

    async def _body(self, request: _Request, receive: Receive, hold: Hold) -> bytes:
        declared = next((value for name, value in request.headers if name == "content-length"), "")
        if declared.isdecimal() and (len(declared) > 15 or int(declared) > self._max_bytes):  # noqa: PLR2004  # digits that int() is quick with
            request.size = int(declared[:15])
            raise _Refused(Refusal.TOO_LARGE)
        try:
            async with asyncio.timeout(self._body_s):
                return await self._read(request, receive, hold)
        except TimeoutError as error:
            raise _Refused(Refusal.TOO_SLOW) from error

    async def _read(self, request: _Request, receive: Receive, hold: Hold) -> bytes:
        chunks: list[bytes] = []
        request.size = 0
        while True:
            message = await receive()
            if message["type"] != "http.request":
                raise _Refused(Refusal.CUT_OFF)
            chunk = message.get("body", b"")
            request.size += len(chunk)
            if request.size > self._max_bytes:
                raise _Refused(Refusal.TOO_LARGE)
            hold.take(len(chunk))
            chunks.append(chunk)
            if not message.get("more_body", False):
                return chunks[0] if len(chunks) == 1 else b"".join(chunks)

    def _refuse(self, request: _Request, reason: Refusal) -> Answer:
        reported = REFUSAL_TEXTS[reason]
        self._keeper.refused(
            Reject(
                at=self._clock(),
                profile=request.profile,
                kind=request.kind,
                reason=reason,
                status=reported.status,
                method=request.method[:20],
                size=request.size,
                headers=shown(request.headers),
                age_s=request.age_s,
            ),
            own=request.own,
        )
        extra: list[tuple[bytes, bytes]] = []
        if reason is Refusal.WRONG_METHOD:
            extra.append((b"allow", b"POST"))
        if reported.status == 503:  # noqa: PLR2004  # service unavailable
            extra.append((b"retry-after", str(RETRY_AFTER_S).encode()))
        if request.size is None or reason in _UNREAD:
            extra.append((b"connection", b"close"))  # nobody reads the rest of it
        return _json(
            reported.status,
            {"ok": False, "reason": reason, "error": reported.what},
            headers=tuple(extra),
        )


_UNREAD: Final = frozenset({Refusal.TOO_LARGE, Refusal.TOO_SLOW, Refusal.CUT_OFF, Refusal.BUSY})


def _verdict(request: _Request, body: bytes, profile: Profile, at: datetime) -> SignatureVerdict:
    if request.kind is Kind.KLOUDLESS:
        key = None if profile.kloudless is None else profile.kloudless.api_key
        return kloudless.verify(body, request.headers, key)
    credentials = profile.box
    keys = (
        box.SignatureKeys()
        if credentials is None
        else box.SignatureKeys(credentials.webhook_primary_key, credentials.webhook_secondary_key)
    )
    return box.verify(body, request.headers, keys, at=at)


def _delivery(
    request: _Request, body: bytes, profile: Profile, verdict: SignatureVerdict, at: datetime
) -> ReceivedDelivery:
    """What is kept of a genuine request. Raises _Refused for a body that says nothing."""
    of_kloudless = request.kind is Kind.KLOUDLESS
    reported = _of_kloudless(body, at) if of_kloudless else _of_box(body, request)
    return ReceivedDelivery(
        id=_new_id(at),
        profile=profile.key,
        kind=request.kind,
        source=Source.KLOUDLESS if of_kloudless else Source.BOX_WEBHOOK,
        body=body,
        headers=shown(request.headers),
        received_at=at,
        key=str(verdict.key),
        **reported,
    )


class _RefusalNote(TypedDict, total=False):
    """What a body and its headers tell of themselves."""

    body_id: str
    delivery_id: str | None
    account_id: str
    sent_at: datetime | None


def _of_box(body: bytes, request: _Request) -> _RefusalNote:
    given = dict(request.headers)
    try:
        body_id = box_body_id(body)
    except NotJson as error:
        raise _Refused(Refusal.NOT_JSON) from error
    return {
        "body_id": body_id,
        "delivery_id": short_id(given.get(box.DELIVERY_ID.lower())),
        "sent_at": time_of(given[box.TIMESTAMP.lower()]),
    }


def _of_kloudless(body: bytes, at: datetime) -> _RefusalNote:
    try:
        account = kloudless_account(body)
    except NoAccount as error:
        raise _Refused(Refusal.NO_ACCOUNT) from error
    if account is not None:
        return {"account_id": account}
    # a test names nothing: those of a minute count as one, since anybody may send one again
    return {"body_id": f"test-{at:%Y-%m-%dT%H:%M}"}


_numbers: Final = count(secrets.randbits(47))
"""Begins anywhere; asking the system for each would give up the event loop's turn each time."""


def _new_id(at: datetime) -> str:
    """The id of a delivery: when it came, in milliseconds, and a number; both in hexadecimal."""
    return f"{int(at.timestamp() * 1000):012x}{next(_numbers):012x}"


def _json(
    status: int,
    value: object,
    *,
    headers: tuple[tuple[bytes, bytes], ...] = (),
    delay_s: float = 0.0,
) -> Answer:
    return Answer(status, orjson.dumps(value), headers=headers, delay_s=delay_s)
