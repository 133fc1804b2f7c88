"""Rows of Kloudless's events. Source: Kloudless API reference (activity)."""

from lib.activity.ingest.event_row import NO_TYPE, Context, Json, Row, UnusableEventError, event_row
from lib.activity.ingest.json_values import (
    address,
    mapping,
    size,
    text,
)
from lib.activity.model.event import (
    KLOUDLESS_TYPES,
    category_of,
)


def kloudless_event(event: dict[str, Json], raw: str, context: Context) -> Row:
    """An event of Kloudless's activity list. Its `id` isn't unique, so one is made of the rest."""
    event_type = text(event.get("type"))
    if event_type is None:
        raise UnusableEventError(NO_TYPE)
    resource = mapping(event.get("metadata"))
    parent, owner = mapping(resource.get("parent")), mapping(resource.get("owner"))
    item_id = text(resource.get("id"))
    if item_id is None and event_type == "delete":
        item_id = text(event.get("id"))
    account = text(event.get("account")) or context.account_id
    return event_row(
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
        ip=address(event.get("ip")),
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
