"""What values are called: people, items, folders and apps by their newest event, types by name."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from lib.activity.ingest.derived_ids import is_derived
from lib.activity.model.event_names import event_name
from lib.activity.queries import group_counts
from lib.activity.queries.filters import KEY_COLUMNS, Condition, Filters, column, condition
from lib.store.events import dialect
from lib.store.events.events import EventStore

NO_FOLDER: Final = "no folder"
# What names a value of a top list: (label, detail).
_LABELS: Final = {
    "actor": ("actor_name", "actor_login"),
    "item": ("item_name", "item_type"),
    "parent": ("parent_name", None),
    "owner": ("owner_login", None),
    "target": ("target_login", None),
    "service": ("service_name", None),
}


class Named(NamedTuple):
    """A value, the newest name known for it (itself where there is none), and its newest detail."""

    value: str
    label: str
    detail: str | None


def distinguished(found: dict[Any, Named]) -> dict[Any, Named]:
    """The same names; those that several values share are followed by the login, else the id.

    So that no sentence, chart or report shows two people or items under one name.
    """
    often = Counter(one.label for one in found.values())
    logins = Counter((one.label, one.detail) for one in found.values())

    def apart(one: Named) -> Named:
        if often[one.label] == 1:
            return one
        unique = one.detail and logins[one.label, one.detail] == 1
        return one._replace(label=f"{one.label} ({one.detail if unique else one.value})")

    return {key: apart(one) for key, one in found.items()}


def names(
    events: EventStore, filters: Filters, source: str, by: str, requested: Sequence[Any]
) -> dict[Any, Named]:
    """What the values of a field are called by any event of the period.

    `wanted` are values as `counted.by_value` gives them: of items their keys, of which one that no
    event has any more is absent.
    """
    if by == "type":
        return {value: _type_named(str(value)) for value in requested}
    label, detail = _LABELS.get(by, (None, None))
    keyed = KEY_COLUMNS.get(by)
    found = {} if keyed else {value: Named(str(value), str(value), None) for value in requested}
    if label is None or not requested:
        return found
    value = keyed or column(by)
    one_of = dialect.one_of_keys(value) if keyed else dialect.one_of(value)
    anything = Filters(filters.profile, filters.since, filters.until)
    # first when, then what: names of all events of the values take several times as long to read
    instants: dict[Any, datetime] = {}
    missing = list(requested)
    for part in group_counts.stretches(anything):
        where = condition(part, source)
        newest = events.rows(
            f"SELECT {value}, max(occurred_at) FROM events WHERE {where.sql} AND {one_of}"  # noqa: S608
            f" AND {label} IS NOT NULL GROUP BY ALL",
            [*where.parameters, missing],
        )
        instants |= dict(newest)
        missing = [one for one in requested if one not in instants]
        if not missing:
            break
    reported = f"{dialect.latest(label)}, {dialect.latest(detail) if detail else 'NULL'}"
    for values, where in (
        (list(instants), _at(anything, source, list(instants.values()))),
        (missing, condition(anything, source)),  # nobody names them
    ):
        if values:
            rows = events.rows(
                f"SELECT {value}, any_value({column(by)}), {reported} FROM events"  # noqa: S608
                f" WHERE {where.sql} AND {one_of} GROUP BY ALL",
                [*where.parameters, values],
            )
            found |= {one: Named(text, name or text, more) for one, text, name, more in rows}
    return distinguished(_with_folders(events, anything, source, found) if keyed else found)


def _with_folders(
    events: EventStore, filters: Filters, source: str, found: dict[Any, Named]
) -> dict[Any, Named]:
    """Items without an id of their own have the folder as detail where they share a name."""
    often = Counter(one.label for one in found.values())
    asked = [one.value for one in found.values() if often[one.label] > 1 and is_derived(one.value)]
    if not asked:
        return found
    where = condition(filters, source)
    folders = dict(
        events.rows(
            f"SELECT item_id, any_value(parent_name) FROM events WHERE {where.sql}"  # noqa: S608
            f" AND {dialect.one_of('item_id')} GROUP BY item_id",
            [*where.parameters, asked],
        )
    )
    return {
        key: one._replace(detail=folders.get(one.value, one.detail) or NO_FOLDER)
        if one.value in asked
        else one
        for key, one in found.items()
    }


def _type_named(event_type: str) -> Named:
    """The readable name of an event type, with the raw one as its detail."""
    name = event_name(event_type)
    return Named(event_type, name, None if name == event_type else event_type)


def _at(filters: Filters, source: str, instants: Sequence[datetime]) -> Condition:
    """The events of a few moments."""
    low, high = min(instants, default=None), max(instants, default=None)
    return condition(filters, source) & Condition(
        "occurred_at BETWEEN ? AND ? AND list_contains(?::TIMESTAMP[], occurred_at)",
        (low, high, list(instants)),
    )
