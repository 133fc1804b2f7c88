"""Webhook deliveries: what Box and Kloudless would POST to a receiver when something happens.

Box signs body and timestamp with two keys (Box API reference, 6.4 and 6.5); Kloudless names only
the account and signs with the application's API key (Kloudless reference, 8). The sandbox sends
to loopback addresses only.
"""

import asyncio
import base64
import hashlib
import hmac
import http.client
import ipaddress
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

from lib.sandbox import box, kloudless
from lib.sandbox.state import State

TIMEOUT_S = 30
AWAY = timedelta(seconds=1200)  # the age that the official SDK's own tests call old and future
TRIGGERS: Mapping[str, str] = {
    "UPLOAD": "FILE.UPLOADED",
    "DOWNLOAD": "FILE.DOWNLOADED",
    "PREVIEW": "FILE.PREVIEWED",
    "DELETE": "FILE.TRASHED",
    "UNDELETE": "FILE.RESTORED",
    "COPY": "FILE.COPIED",
    "MOVE": "FILE.MOVED",
    "RENAME": "FILE.RENAMED",
    "LOCK": "FILE.LOCKED",
    "UNLOCK": "FILE.UNLOCKED",
    "SHARE": "SHARED_LINK.CREATED",
    "UNSHARE": "SHARED_LINK.DELETED",
    "ITEM_SHARED_UPDATE": "SHARED_LINK.UPDATED",
    "COLLABORATION_INVITE": "COLLABORATION.CREATED",
    "COLLABORATION_ACCEPT": "COLLABORATION.ACCEPTED",
    "COLLABORATION_REMOVE": "COLLABORATION.REMOVED",
    "COLLABORATION_ROLE_CHANGE": "COLLABORATION.UPDATED",
}
FOLDER_TRIGGERS: Mapping[str, str] = {
    "UPLOAD": "FOLDER.CREATED",
    "DOWNLOAD": "FOLDER.DOWNLOADED",
    "DELETE": "FOLDER.TRASHED",
    "UNDELETE": "FOLDER.RESTORED",
    "COPY": "FOLDER.COPIED",
    "MOVE": "FOLDER.MOVED",
    "RENAME": "FOLDER.RENAMED",
}
DELETED, NO_SESSION = "WEBHOOK.DELETED", "NO_ACTIVE_SESSION"
REDUCED = (DELETED, NO_SESSION)  # no item is touched; the whole of these bodies was never published
DEFAULT_TYPES = ("UPLOAD", "DOWNLOAD", "PREVIEW")


class NotLoopback(ValueError):
    """An address that is not on this machine."""


class Kind(StrEnum):
    """Who would send it."""

    BOX = "box"
    KLOUDLESS = "kloudless"


class Signature(StrEnum):
    """How a delivery is signed: rightly, or wrong in one way.

    A Kloudless signature has one key and no time: for it only `wrong` differs from `good`.
    """

    GOOD = "good"
    WRONG = "wrong"
    SWAPPED = "swapped"
    OLD = "old"
    FUTURE = "future"


@dataclass(frozen=True, slots=True)
class Target:
    """One receiver. `client_id` is the app whose keys sign, None the first one's."""

    kind: Kind
    url: str
    webhook_id: str = "1"
    client_id: str | None = None


@dataclass(frozen=True, slots=True)
class EmitRequest:
    """What `/sandbox/emit` was asked for.

    `attempts` above 1 repeats each delivery as a retry. `trigger` makes every event's delivery to
    a Box receiver bear that trigger, such as NO_ACTIVE_SESSION or WEBHOOK.DELETED. `mark` goes
    along in the header `Box-Runbook-Sent`: whoever orders knows its own deliveries by it.
    """

    count: int
    event_type: str | None
    targets: tuple[Target, ...]
    signature: Signature = Signature.GOOD
    attempts: int = 1
    trigger: str | None = None
    mark: str = ""

    def shares(self) -> list[tuple[str | None, int]]:
        """How many events of which type: Box receivers get types that webhooks exist for."""
        if self.event_type is not None or all(t.kind is not Kind.BOX for t in self.targets):
            return [(self.event_type, self.count)]
        kinds = len(DEFAULT_TYPES)
        return [
            (event_type, (self.count + kinds - 1 - place) // kinds)
            for place, event_type in enumerate(DEFAULT_TYPES)
            if (self.count + kinds - 1 - place) // kinds
        ]


@dataclass(frozen=True, slots=True)
class Sent:
    """The outcome of one delivery: its id, the receiver and the status, None without answer."""

    id: str
    url: str
    status: int | None

    def as_dict(self) -> dict[str, Any]:
        """The shape of `/sandbox/emit`."""
        return {"id": self.id, "url": self.url, "status": self.status}


@dataclass(frozen=True, slots=True)
class _Parcel:
    id: str
    url: str
    headers: Mapping[str, str]
    body: bytes


def loopback(url: str) -> str:
    """The address itself if it is http(s) on this machine; raises NotLoopback otherwise."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        local = host == "localhost" or ipaddress.ip_address(host).is_loopback
        local = local and parts.scheme == "http" and parts.port != 0  # a wrong port raises
    except ValueError:
        local = False
    if not local:
        raise NotLoopback("Deliveries go to http addresses of this machine only.")
    return url


def trigger_of(event: Mapping[str, Any]) -> str | None:
    """Box's webhook trigger for an event of the admin log, None when webhooks have none."""
    source = event.get("source") or {}
    event_type = str(event.get("event_type"))
    if source.get("item_type", source.get("type")) == "folder":
        return FOLDER_TRIGGERS.get(event_type) or _unless_file(TRIGGERS.get(event_type))
    return TRIGGERS.get(event_type)


def _unless_file(trigger: str | None) -> str | None:
    return None if trigger is None or trigger.startswith("FILE.") else trigger


def box_headers(
    body: bytes, keys: tuple[str, str], now: datetime, signature: Signature
) -> dict[str, str]:
    """The headers that Box sends with a delivery, signed as `signature` says."""
    at = now
    if signature is Signature.OLD:
        at = now - AWAY
    elif signature is Signature.FUTURE:
        at = now + AWAY
    timestamp = at.isoformat(timespec="seconds")
    primary, secondary = keys
    if signature is Signature.SWAPPED:
        primary, secondary = secondary, primary
    elif signature is Signature.WRONG:
        primary, secondary = f"not-{primary}", f"not-{secondary}"
    message = body + timestamp.encode()
    return {
        "Content-Type": "application/json",
        "User-Agent": "Box-WH-Client/0.1",
        "BOX-DELIVERY-ID": str(uuid4()),
        "BOX-DELIVERY-TIMESTAMP": timestamp,
        "BOX-SIGNATURE-PRIMARY": _mac(primary, message),
        "BOX-SIGNATURE-SECONDARY": _mac(secondary, message),
        "BOX-SIGNATURE-VERSION": "1",
        "BOX-SIGNATURE-ALGORITHM": "HmacSHA256",
    }


def _mac(key: str, message: bytes) -> str:
    return base64.b64encode(hmac.new(key.encode(), message, hashlib.sha256).digest()).decode()


def _additional_info(event: Mapping[str, Any], trigger: str) -> Any:
    if trigger == DELETED:
        return {"reason": "auto_cleanup"}
    details = event.get("additional_details") or {}
    parent = (event.get("source") or {}).get("parent") or {}
    if trigger.endswith(".RENAMED"):
        return {"old_name": str(details.get("old_name", "Untitled"))}
    if trigger.endswith((".MOVED", ".COPIED")):
        after = {"id": str(parent.get("id", "0")), "type": "folder"}
        return {"before": {"id": "0", "type": "folder"}, "after": after}
    return []


def _box_body(state: State, event: Mapping[str, Any], trigger: str, webhook_id: str) -> bytes:
    envelope = {
        "type": "webhook_event",
        "id": str(uuid4()),
        "created_at": event["created_at"],
        "trigger": trigger,
        "webhook": {"id": webhook_id, "type": "webhook"},
        "created_by": event.get("created_by"),
        "source": {} if trigger in REDUCED else box.webhook_source(state, event),
        "additional_info": _additional_info(event, trigger),
    }
    # Box sends ASCII with \uXXXX escapes: the bytes that are signed are the bytes that are sent.
    return json.dumps(envelope, ensure_ascii=True, separators=(",", ":")).encode()


def _box_parcels(
    state: State, events: Iterable[Mapping[str, Any]], order: EmitRequest
) -> Iterator[_Parcel]:
    for event in events:
        trigger = order.trigger or trigger_of(event)
        if trigger is None:
            continue
        targets = [t for t in order.targets if t.kind is Kind.BOX]
        for hook in box.webhooks_watching(state, event, trigger):
            if hook.address in state.routes:
                where = state.routes[hook.address]
                targets.append(Target(Kind.BOX, where, hook.id, hook.client_id))
        for target in targets:
            keys = box.webhook_keys(state, target.client_id)
            body = _box_body(state, event, trigger, target.webhook_id)
            for _ in range(order.attempts):
                headers = box_headers(body, keys, state.now(), order.signature)
                yield _Parcel(headers["BOX-DELIVERY-ID"], target.url, headers, body)


def _kloudless_parcels(
    state: State, events: list[dict[str, Any]], order: EmitRequest
) -> Iterator[_Parcel]:
    urls = [target.url for target in order.targets if target.kind is Kind.KLOUDLESS]
    if not urls or not events:
        return
    key = str(kloudless.credentials(state)["api_key"])
    if order.signature is Signature.WRONG:
        key = f"not-{key}"
    for account in kloudless.affected_accounts(state, events):
        body = f"account={account}".encode()
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "X-Kloudless-Signature": kloudless.sign(key, body),
        }
        for url in urls:
            for _ in range(order.attempts):
                yield _Parcel(str(uuid4()), url, headers, body)


def _post(parcel: _Parcel) -> Sent:
    parts = urlsplit(parcel.url)
    path = parts.path or "/"
    if parts.query:
        path = f"{path}?{parts.query}"
    connection = http.client.HTTPConnection(
        parts.hostname or "", parts.port or 80, timeout=TIMEOUT_S
    )
    try:
        connection.request("POST", path, body=parcel.body, headers=dict(parcel.headers))
        return Sent(parcel.id, parcel.url, connection.getresponse().status)
    except (OSError, http.client.HTTPException):
        return Sent(parcel.id, parcel.url, None)
    finally:
        connection.close()


async def deliver(state: State, events: list[dict[str, Any]], order: EmitRequest) -> list[Sent]:
    """Sends what the order and the registered webhooks ask for, one after the other."""
    parcels = [*_box_parcels(state, events, order), *_kloudless_parcels(state, events, order)]
    if order.mark:
        extra = {"Box-Runbook-Sent": order.mark}
        parcels = [replace(one, headers={**one.headers, **extra}) for one in parcels]
    return [await asyncio.to_thread(_post, parcel) for parcel in parcels]
