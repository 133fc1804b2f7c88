"""Deliveries of webhooks as rows of the event store, beside the events that they become.

What a delivery says is read out of its body; how it came is what the receiver wrote beside it
(`lib.store.ledger.delivery_writes`). A body that can't be read still has its row. Nothing here
verifies.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import orjson
import pyarrow as pa

from lib.activity.ingest.box_rows import box_item
from lib.activity.ingest.json_values import (
    NotJson,
    from_datetime,
    loads,
    mapping,
    microseconds,
    text,
    tidy,
)
from lib.store.events.schema import DELIVERIES
from lib.store.ledger.inbox import EntryKind, InboxEntry

ACCEPTED: Final = "accepted"
REPEATED: Final = "repeated"
OWN: Final = "own"
"""Sent by this app itself: a test, a replay, generated events. It says nothing of Box."""
OWN_HEADER: Final = "box-runbook-sent"
"""The header that marks these; the receiver keeps it only where its mark holds."""
Values = dict[str, Any]


def how_it_came(entry: InboxEntry) -> Values | None:
    """What the receiver wrote beside a delivery; None if nobody noted it."""
    if entry.kind is not EntryKind.DELIVERY or entry.meta is None:
        return None
    meta: Values = orjson.loads(entry.meta)
    return meta


def delivery_of(entry: InboxEntry, meta: Values, body: bytes, stored_at: datetime) -> Values:
    """The row of a delivery in the columns of `DELIVERIES`."""
    said = _said(body) if meta["kind"] == "box" else {}
    source = mapping(said.get("source"))
    item_type, item_id, item_name, *_ = box_item(mapping(source.get("item")) or source)
    actor = mapping(said.get("created_by"))
    return {
        "id": meta["id"],
        "profile": entry.profile,
        "kind": meta["kind"],
        "body_id": meta["body_id"],
        "delivery_id": meta["delivery_id"],
        "trigger": text(said.get("trigger")),
        "webhook_id": text(mapping(said.get("webhook")).get("id")),
        "item_type": item_type,
        "item_id": item_id,
        "item_name": item_name,
        "actor_id": text(actor.get("id")),
        "actor_login": text(actor.get("login")),
        "actor_name": text(actor.get("name")),
        "account_id": entry.account_id,
        "occurred_at": microseconds(said.get("created_at")),
        "sent_at": microseconds(meta["sent_at"]),
        "received_at": from_datetime(entry.received_at),
        "stored_at": from_datetime(stored_at),
        "size": entry.size,
        "verdict": _verdict(meta),
        "key": meta["key"],
        "attempt": meta["attempt"],
        "answer": meta["answer"],
        "headers": orjson.dumps(meta["headers"]).decode(),
        "body": body,
    }


def is_own(meta: Values) -> bool:
    """Whether this app itself sent a delivery."""
    return OWN_HEADER in meta["headers"]


def _verdict(meta: Values) -> str:
    if is_own(meta):
        return OWN
    return ACCEPTED if meta["attempt"] == 1 else REPEATED


def stands_for(entry: InboxEntry, meta: Values) -> tuple[str, datetime]:
    """What stands for the id and time of a delivery whose body has none."""
    sent_at = meta["sent_at"]
    at = entry.received_at if sent_at is None else datetime.fromisoformat(sent_at)
    return str(meta["body_id"]), at


def table_of(rows: Sequence[Values]) -> pa.Table:
    """An Arrow table of rows."""
    # a column at a time: from_pylist takes three times as long
    columns = {name: [row[name] for row in rows] for name in DELIVERIES.names}
    return pa.Table.from_pydict(columns, schema=DELIVERIES)


def _said(body: bytes) -> dict[str, Any]:
    try:
        value, plain = loads(body)
    except NotJson:
        return {}
    return mapping(value if plain else tidy(value))
