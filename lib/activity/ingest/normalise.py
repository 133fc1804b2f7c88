"""From what a sender sent to event rows: tolerant of everything, and it never blocks.

`normalise` takes one inbox body and gives rows (tuples in the order of `event.COLUMNS`, times as
microseconds) and refusals. The shapes of `source` are told apart by their keys, as Box's events
need. Unknown types and fields pass through; the raw JSON stays beside the columns.
Sources: Box API reference (events, webhooks), Kloudless API reference (activity).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from lib.activity.ingest.json_values import (
    NotJson,
    dumps,
    from_datetime,
    loads,
    made_id,
    mapping,
    microseconds,
    size,
    text,
    tidy,
)
from lib.activity.ingest.own_columns import agreed_category, nonsense
from lib.activity.model.directory import Directory
from lib.activity.model.event import (
    COLUMNS,
    KLOUDLESS_TYPES,
    NORMALISER,
    OTHER,
    categories,
    category_of,
    trigger_category,
)
from lib.activity.model.source import RECORDS, Api, Source
from lib.store.ledger.inbox import EntryKind

Row = tuple[Any, ...]
Json = Any

NO_TIME: Final = "no usable time"
NO_TYPE: Final = "no event type"
NOT_OBJECT: Final = "not a JSON object"
NOT_PAGE: Final = "not a page of events"


@dataclass(frozen=True, slots=True)
class Context:
    """What is known about a body before it is read.

    `delivery` is what stands for a delivery's own id and time where its body has none: Box's
    alarms have reduced bodies, whose shape was never published.
    """

    profile: str
    source: str
    received_at: datetime
    stream: str | None = None
    enterprise_id: str | None = None
    account_id: str | None = None
    directory: Directory = field(default_factory=Directory)
    delivery: tuple[str, datetime] | None = None


@dataclass(frozen=True, slots=True)
class UnusablePart:
    """A part of a body that can't be an event: why, and the bytes."""

    reason: str
    raw: bytes


@dataclass(slots=True)
class Normalised:
    """The rows of a body, and what was refused."""

    rows: list[Row] = field(default_factory=list)
    refused: list[UnusablePart] = field(default_factory=list)


class _Refused(Exception):  # a signal inside this module
    pass


def normalise(kind: EntryKind, body: bytes, context: Context) -> Normalised:
    """The event rows of one inbox body, whatever it holds. Never raises for what is in it."""
    result = Normalised()
    make = _own_row if kind is EntryKind.ROWS else _MAKERS[kind, Source(context.source)]
    for piece in _pieces(kind, body):
        if isinstance(piece, UnusablePart):
            result.refused.append(piece)
            continue
        value, plain = piece
        raw = dumps(value, plain=plain)
        if type(value) is not dict:
            result.refused.append(UnusablePart(NOT_OBJECT, raw.encode()))
            continue
        try:
            result.rows.append(make(value if plain else tidy(value), raw, context))
        except _Refused as refused:
            result.refused.append(UnusablePart(str(refused), raw.encode()))
    return result


def _pieces(kind: EntryKind, body: bytes) -> Iterator[tuple[Json, bool] | UnusablePart]:
    if kind in (EntryKind.ROWS, EntryKind.EVENTS):
        for line in body.split(b"\n"):
            if line.strip():
                yield _piece(line)
        return
    whole = _piece(body)
    if isinstance(whole, UnusablePart) or kind is EntryKind.DELIVERY:
        yield whole
        return
    value, plain = whole
    entries = _entries(value)
    if entries is None:
        yield UnusablePart(NOT_PAGE, body)
        return
    for entry in entries:
        yield entry, plain


def _piece(body: bytes) -> tuple[Json, bool] | UnusablePart:
    try:
        return loads(body)
    except NotJson as error:
        return UnusablePart(str(error), body)


def _entries(value: Json) -> list[Json] | None:
    page = mapping(value)
    entries = page.get("entries", page.get("objects"))
    return entries if type(entries) is list else None


def page_entries(body: bytes) -> list[Json]:
    """The entries of a page, for counting; empty when it isn't one."""
    piece = _piece(body)
    return [] if isinstance(piece, UnusablePart) else _entries(piece[0]) or []


def _box_event(event: dict[str, Json], raw: str, context: Context) -> Row:
    event_type = text(event.get("event_type"))
    if event_type is None:
        raise _Refused(NO_TYPE)
    actor = mapping(event.get("created_by"))
    details = mapping(event.get("additional_details"))
    source = mapping(event.get("source"))
    return _row(
        context,
        raw,
        event_id=text(event.get("event_id")),
        occurred=event.get("created_at"),
        event_type=event_type,
        category=categories().get(event_type, OTHER),
        actor=actor,
        action_by=text(mapping(event.get("action_by")).get("id")),
        item=box_item(source),
        target=_box_target(event, source, details, actor),
        ip=text(event.get("ip_address")),
        session=text(event.get("session_id")),
        service=(text(details.get("service_id")), text(details.get("service_name"))),
        size_bytes=size(details.get("size", source.get("size"))),
    )


Item = tuple[str | None, str | None, str | None, str | None, str | None, str | None, str | None]
"""item_type, item_id, item_name, parent_id, parent_name, owner_id, owner_login"""
_NO_ITEM: Final[Item] = (None,) * 7


def box_item(source: dict[str, Json]) -> Item:
    """The item of a `source`, by the keys it has."""
    if not source:
        return _NO_ITEM
    kind: str | None
    if "item_id" in source:
        kind, key, name = text(source.get("item_type")), "item_id", "item_name"
    elif "file_id" in source:
        kind, key, name = "file", "file_id", "file_name"
    elif "folder_id" in source:
        kind, key, name = "folder", "folder_id", "folder_name"
    elif "barrier_id" in source:
        kind, key, name = "barrier", "barrier_id", ""
    elif source.get("type") in _PEOPLE or "group_id" in source or "id" not in source:
        return _NO_ITEM
    else:
        kind, key, name = text(source.get("type")), "id", "name"
    parent = mapping(source.get("parent"))
    owner = mapping(source.get("owned_by"))
    return (
        kind,
        text(source.get(key)),
        text(source.get(name)),
        text(parent.get("id")),
        text(parent.get("name")),
        text(owner.get("id")),
        text(owner.get("login")),
    )


_PEOPLE: Final = ("user", "group")


def _box_target(
    event: dict[str, Json],
    source: dict[str, Json],
    details: dict[str, Json],
    actor: dict[str, Json],
) -> tuple[str | None, str | None]:
    """The collaborator, user or group that was acted on: its id and login."""
    other = mapping(event.get("accessible_by"))
    if other.get("id") is not None:
        return text(other.get("id")), text(other.get("login"))
    if source.get("type") in _PEOPLE:
        user_id = text(source.get("id"))
        if user_id is not None and user_id == text(actor.get("id")):
            return None, None  # signing in is nothing done to oneself
        return user_id, text(source.get("login"))
    for holder in (source, details):
        for key in ("user_id", "group_id"):
            if key in holder:
                return text(holder.get(key)), text(holder.get("login"))
    return None, None


def _delivery(event: dict[str, Json], raw: str, context: Context) -> Row:
    """An event of a Box webhook's envelope; its id stays the same over retries."""
    trigger = text(event.get("trigger"))
    if trigger is None:
        raise _Refused(NO_TYPE)
    source = mapping(event.get("source"))
    target = mapping(source.get("accessible_by")) or mapping(source.get("assigned_to"))
    inner = mapping(source.get("item"))
    own_id, occurred = text(event.get("id")), event.get("created_at")
    if context.delivery is not None:
        own_id = own_id or context.delivery[0]
        if microseconds(occurred) is None:
            occurred = context.delivery[1].isoformat()
    return _row(
        context,
        raw,
        event_id=own_id,
        occurred=occurred,
        event_type=trigger,
        category=trigger_category(trigger),
        actor=mapping(event.get("created_by")),
        action_by=None,
        item=box_item(inner or source),
        target=(text(target.get("id")), text(target.get("login"))),
        ip=None,
        session=None,
        service=(None, None),
        size_bytes=size(source.get("size")),
    )


def _kloudless_event(event: dict[str, Json], raw: str, context: Context) -> Row:
    """An event of Kloudless's activity list. Its `id` isn't unique, so one is made of the rest."""
    event_type = text(event.get("type"))
    if event_type is None:
        raise _Refused(NO_TYPE)
    resource = mapping(event.get("metadata"))
    parent, owner = mapping(resource.get("parent")), mapping(resource.get("owner"))
    item_id = text(resource.get("id"))
    if item_id is None and event_type == "delete":
        item_id = text(event.get("id"))
    account = text(event.get("account")) or context.account_id
    return _row(
        context,
        raw,
        event_id=text(event.get("id")),
        occurred=event.get("modified") or resource.get("modified"),
        event_type=event_type,
        category="content" if event_type in KLOUDLESS_TYPES else category_of(event_type),
        actor=_kloudless_actor(event, resource),
        action_by=None,
        item=(
            text(resource.get("type")),
            item_id,
            text(resource.get("name")),
            text(parent.get("id")),
            text(parent.get("name")),
            text(owner.get("id")),
            text(owner.get("email")),
        ),
        target=(None, None),
        ip=text(event.get("ip")),
        session=None,
        service=(None, None),
        size_bytes=size(resource.get("size")),
        account=account,
    )


def _kloudless_actor(event: dict[str, Json], resource: dict[str, Json]) -> dict[str, Json]:
    user_id = text(event.get("user_id"))
    last = mapping(resource.get("last_modifier"))
    if user_id is not None and text(last.get("id")) != user_id:
        return {"id": user_id}
    return {"id": last.get("id"), "login": last.get("email"), "name": last.get("name")}


def _row(  # noqa: PLR0913  # one argument for each part of an event
    context: Context,
    raw: str,
    *,
    event_id: str | None,
    occurred: Json,
    event_type: str,
    category: str,
    actor: dict[str, Json],
    action_by: str | None,
    item: Item,
    target: tuple[str | None, str | None],
    ip: str | None,
    session: str | None,
    service: tuple[str | None, str | None],
    size_bytes: int | None,
    account: str | None = None,
) -> Row:
    at = microseconds(occurred)
    if at is None:
        raise _Refused(NO_TIME)
    actor_id, login = text(actor.get("id")), text(actor.get("login"))
    account = account or context.account_id
    if event_id is None or not RECORDS[Source(context.source)].unique_ids:
        event_id = made_id(account, at, event_type, item[1], actor_id)
    return (
        event_id,
        context.source,
        context.profile,
        context.stream,
        context.enterprise_id,
        account,
        at,
        from_datetime(context.received_at),
        event_type,
        category,
        actor_id,
        login,
        text(actor.get("name")),
        context.directory.kind(actor_id, login),
        action_by,
        *item,
        *target,
        ip,
        session,
        *service,
        size_bytes,
        NORMALISER,
        raw,
    )


_TIMES: Final = frozenset({"occurred_at", "received_at"})
_NUMBERS: Final = frozenset({"size_bytes", "normaliser"})


def _own_row(values: dict[str, Json], raw: str, context: Context) -> Row:
    """A row of our own columns (an export), under the profile of the context.

    Without an id it gets one; without a source it is an import. Its category follows its type.
    """
    del raw
    reason = nonsense(values)
    if reason is not None:
        raise _Refused(reason)
    row: dict[str, Json] = {
        name: microseconds(values.get(name))
        if name in _TIMES
        else size(values.get(name))
        if name in _NUMBERS
        else text(values.get(name))
        for name in COLUMNS
    }
    if row["occurred_at"] is None:
        raise _Refused(NO_TIME)
    if row["event_type"] is None:
        raise _Refused(NO_TYPE)
    row["profile"] = context.profile
    if row["source"] is None:
        row["source"] = Source.IMPORT
    if row["received_at"] is None:
        row["received_at"] = from_datetime(context.received_at)
    if row["normaliser"] is None:
        row["normaliser"] = NORMALISER
    row["category"] = agreed_category(row["source"], row["event_type"], row["category"])
    if row["actor_kind"] is None:
        row["actor_kind"] = context.directory.kind(row["actor_id"], row["actor_login"])
    if row["event_id"] is None:
        row["event_id"] = made_id(
            row["account_id"],
            row["occurred_at"],
            row["event_type"],
            row["item_id"],
            row["actor_id"],
        )
    return tuple(row[name] for name in COLUMNS)


_MAKERS: Final[dict[tuple[EntryKind, Source], Callable[[dict[str, Json], str, Context], Row]]] = {
    **{
        (kind, source): _kloudless_event if record.api is Api.KLOUDLESS else _box_event
        for kind in (EntryKind.PAGE, EntryKind.EVENTS)
        for source, record in RECORDS.items()
    },
    **{(EntryKind.DELIVERY, source): _delivery for source in Source},
}
