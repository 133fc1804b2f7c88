"""Rows of Box's events and of its webhooks' deliveries.

The shapes of `source` are told apart by their keys, as Box's events need. Sources: Box API
reference (events, webhooks).
"""

from typing import Final

from lib.activity.ingest.event_row import (
    NO_TYPE,
    Context,
    Item,
    Json,
    Row,
    UnusableEventError,
    event_row,
)
from lib.activity.ingest.json_values import (
    address,
    mapping,
    mapping_or_text,
    microseconds,
    size,
    text,
)
from lib.activity.model.event import (
    OTHER,
    categories,
    trigger_category,
)


def box_event(event: dict[str, Json], raw: str, context: Context) -> Row:
    """An event of Box's streams."""
    event_type = text(event.get("event_type"))
    if event_type is None:
        raise UnusableEventError(NO_TYPE)
    actor = mapping(event.get("created_by"))
    details = mapping_or_text(event.get("additional_details"))
    source = mapping(event.get("source"))
    return event_row(
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
        ip=address(event.get("ip_address")),
        session=text(event.get("session_id")),
        service=(text(details.get("service_id")), text(details.get("service_name"))),
        size_bytes=size(details.get("size", source.get("size"))),
    )


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


def box_delivery(event: dict[str, Json], raw: str, context: Context) -> Row:
    """An event of a Box webhook's envelope; its id stays the same over retries."""
    trigger = text(event.get("trigger"))
    if trigger is None:
        raise UnusableEventError(NO_TYPE)
    source = mapping(event.get("source"))
    target = mapping(source.get("accessible_by")) or mapping(source.get("assigned_to"))
    inner = mapping(source.get("item"))
    own_id, occurred = text(event.get("id")), event.get("created_at")
    if context.delivery is not None:
        own_id = own_id or context.delivery[0]
        if microseconds(occurred) is None:
            occurred = context.delivery[1].isoformat()
    return event_row(
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
