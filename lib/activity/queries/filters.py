"""Which events a question is about, and the SQL condition for it.

Every value goes in as a parameter; the column names come from the table below. An empty text as a
value means "unknown" (NULL).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final

from lib.activity.model import week_hours
from lib.activity.model.repeats import PERSONAL_TYPES, Uncounted
from lib.activity.model.week_hours import HOUR
from lib.core.errors import ConfigurationError, Who
from lib.store.events import dialect
from lib.store.events.texts import SEARCHED
from lib.store.times import naive_utc

FIELDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "type": "event_type",
        "category": "category",
        "actor": "actor_id",
        "kind": "actor_kind",
        "item": "item_id",
        "item_type": "item_type",
        "parent": "parent_id",
        "owner": "owner_id",
        "target": "target_id",
        "ip": "ip",
        "service": "service_id",
        "account": "account_id",
        "stream": "stream",
        "network": dialect.network("ip"),
        "file_type": dialect.file_type(dialect.ending("item_name", "item_type")),
    }
)
"""What can be included and excluded, and its column or expression. Names are those of links."""
PARTS: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "network": ("ip", dialect.network("part")),
        "file_type": (dialect.ending("item_name", "item_type"), dialect.file_type("part")),
    }
)
"""The cheap part of an expression, and the rest of it: counting by the part first costs less."""
KEY_COLUMNS: Final[Mapping[str, str]] = MappingProxyType({"item": "item_key"})
"""Fields whose values are compared by key; roll-ups have only that."""
HIDEABLE: Final = frozenset({"service", "app"})
"""The actor kinds behind the toggle for service and app users."""

_NOTHING: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Filters:
    """A choice of events of one profile: from `since` (inclusive) to `until` (exclusive), UTC.

    `source` None is the profile's source of record. `include` and `exclude` map names of `FIELDS`
    to values, and `HOUR` to hours of the week (`WeekHour.value`). `text` is looked for in names,
    logins and types, whatever the case. `hide` holds actor kinds that aren't counted (see
    `HIDEABLE`).
    """

    profile: str
    since: datetime
    until: datetime
    source: str | None = None
    include: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: _NOTHING)
    exclude: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: _NOTHING)
    text: str | None = None
    hide: frozenset[str] = frozenset()
    matches: "Matches | None" = None
    uncounted: tuple[Uncounted, ...] = ()
    """What other accounts tell as well, as `chosen` looks it up."""

    def between(self, since: datetime, until: datetime) -> "Filters":
        """The same choice in another period."""
        return replace(self, since=since, until=until)


@dataclass(frozen=True, slots=True)
class Matches:
    """What the searched columns of a source hold that has a text in it.

    By column, of those that have any: the values, or None where they are too many to be named.
    """

    source: str
    text: str
    values: Mapping[str, tuple[str, ...] | None]


@dataclass(frozen=True, slots=True)
class Condition:
    """A SQL condition and its parameters, in order."""

    sql: str
    parameters: tuple[Any, ...]

    def __and__(self, other: "Condition") -> "Condition":
        return Condition(f"{self.sql} AND {other.sql}", (*self.parameters, *other.parameters))


def column(name: str) -> str:
    """The column of a filter's name. Raises ConfigurationError for a name that isn't one."""
    found = FIELDS.get(name)
    if found is None:
        raise ConfigurationError(
            "Unknown filter.",
            cause=f"Filters: {', '.join(FIELDS)}.",
            fix="Use one of these.",
            who=Who.YOU,
        )
    return found


def condition(filters: Filters, source: str, *, hide: bool = True) -> Condition:
    """The condition for a choice; `hide` False counts the hidden actor kinds too."""
    found = Condition(
        "profile = ? AND source = ? AND occurred_at >= ? AND occurred_at < ?",
        (filters.profile, source, naive_utc(filters.since), naive_utc(filters.until)),
    )
    for name, values in filters.include.items():
        if values:
            found &= _among(name, values, filters)
    for name, values in filters.exclude.items():
        if values:
            among = _among(name, values, filters)
            found &= Condition(f"NOT coalesce({among.sql}, false)", among.parameters)
    if filters.uncounted:
        found &= _counted(filters.uncounted)
    if filters.text and (text := filters.text.strip()):
        found &= _having(text, filters.matches, source)
    if hide and filters.hide:
        found &= Condition(f"NOT {dialect.one_of('actor_kind')}", (sorted(filters.hide),))
    return found


def _counted(uncounted: tuple[Uncounted, ...]) -> Condition:
    """Not what another account is counted for; what only people's own streams tell stays."""
    span = "account_id = ? AND occurred_at >= ? AND occurred_at < ?"
    spans = " OR ".join(f"({span})" for _ in uncounted)
    personal = dialect.texts(sorted(PERSONAL_TYPES))
    return Condition(
        f"NOT (coalesce({spans}, false) AND event_type NOT IN ({personal}))",
        tuple(
            value
            for one in uncounted
            for value in (one.account_id, naive_utc(one.span.start), naive_utc(one.span.end))
        ),
    )


def _among(field: str, values: tuple[str, ...], filters: Filters) -> Condition:
    if field == HOUR:
        sql, hours = week_hours.condition(values, filters.since, filters.until)
        return Condition(sql, tuple(hours))
    known: list[Any] = [value for value in values if value]
    keyed = KEY_COLUMNS.get(field)
    name = keyed or column(field)
    if keyed:
        known = [dialect.key_of(value) for value in known]
    parts = []
    parameters: list[Any] = []
    if len(known) == 1:  # an equality prunes row groups, a list doesn't
        parts.append(dialect.is_key(name) if keyed else f"{name} = ?")
        parameters.extend(known)
    elif known:
        parts.append(dialect.one_of_keys(name) if keyed else dialect.one_of(name))
        parameters.append(known)
    if len(known) < len(values):
        parts.append(f"{name} IS NULL")
    return Condition("(" + " OR ".join(parts) + ")", tuple(parameters))


def _having(text: str, matches: Matches | None, source: str) -> Condition:
    """Events that have a text in one of the searched columns."""
    if matches is None or (matches.source, matches.text) != (source, text):
        matches = Matches(source, text, dict.fromkeys(SEARCHED))
    parts = [
        _has_text(name, text) if values is None else _has_value(name, values)
        for name, values in matches.values.items()
    ]
    if not parts:
        return Condition("false", ())
    sql = " OR ".join(part.sql for part in parts)
    return Condition(f"({sql})", tuple(value for part in parts for value in part.parameters))


def _has_text(name: str, text: str) -> Condition:
    sql, parameter = dialect.has_text(name, text)
    return Condition(sql, (parameter,))


def _has_value(name: str, values: tuple[str, ...]) -> Condition:
    if name == "item_name":
        return Condition(dialect.one_of_keys("name_key"), ([dialect.key_of(v) for v in values],))
    return Condition(dialect.one_of(name), (list(values),))
