"""One row in the columns that all sources share, from the parts that a sender's event has."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from lib.activity.ingest.json_values import (
    from_datetime,
    made_id,
    microseconds,
    text,
)
from lib.activity.model.directory import Directory
from lib.activity.model.event import (
    NORMALISER,
)
from lib.activity.model.source import RECORDS, Source

Row = tuple[Any, ...]
Json = Any
NO_TIME: Final = "no usable time"
NO_TYPE: Final = "no event type"


@dataclass(frozen=True, slots=True)
class Context:
    """What is known about a body before it is read.

    `delivery` is what stands for a delivery's own id and time where its body has none: Box's
    alarms have reduced bodies, whose shape was never published. `identity_key` is the store's, for
    the ids of people and items without one.
    """

    profile: str
    source: str
    received_at: datetime
    stream: str | None = None
    enterprise_id: str | None = None
    account_id: str | None = None
    directory: Directory = field(default_factory=Directory)
    delivery: tuple[str, datetime] | None = None
    identity_key: bytes = b""


class UnusableEventError(Exception):
    """An event of which no row can be made; its text is the reason."""


Item = tuple[str | None, str | None, str | None, str | None, str | None, str | None, str | None]
"""item_type, item_id, item_name, parent_id, parent_name, owner_id, owner_login"""


def event_row(  # noqa: PLR0913  # one argument for each part of an event
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
    """The row of an event; raises UnusableEventError without a time."""
    at = microseconds(occurred)
    if at is None:
        raise UnusableEventError(NO_TIME)
    actor_id, login = text(actor.get("id")), text(actor.get("login"))
    account = account or context.account_id
    if not RECORDS[Source(context.source)].unique_ids:
        event_id = made_id(account, at, event_type, item[1], actor_id)
    elif event_id is None:
        event_id = made_id(
            account, at, event_type, item[1], actor_id or login, target[0] or target[1], ip
        )
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
