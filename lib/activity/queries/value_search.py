"""Which values of a filter a typed text means, among everything that is kept.

A list of the busiest ends somewhere, and somebody is always behind its end. Here a person, an item
or any other value is found by its name, its login or its id, however seldom it is and whenever it
was, whatever the case and with or without accents.
"""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final

from lib.activity.queries.display_names import names
from lib.activity.queries.filters import FIELDS, Condition, Filters, column, condition
from lib.activity.queries.source_of_record import chosen_source, counted, sources
from lib.activity.queries.text_search import NAMED
from lib.store.events import dialect, texts
from lib.store.events.events import EventStore

MOST: Final = 12
"""So many are listed: who sees more types more."""
_CALLED: Final = {
    "actor": ("actor_name", "actor_login"),
    "item": ("item_name",),
    "parent": ("parent_name",),
    "owner": ("owner_login",),
    "target": ("target_login",),
    "service": ("service_name",),
    "type": ("event_type",),
}
"""The columns with what the values of a field are called; each is in the list of texts."""
_AFTER: Final = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Match:
    """A value that fits: what it is called, a person's login or an item's type, its events."""

    value: str
    label: str
    detail: str | None
    events: int

    def is_called(self, text: str) -> bool:
        """Whether the text is exactly its id, its name or its login."""
        requested = text.strip().casefold()
        return requested in {one.casefold() for one in (self.value, self.label, self.detail) if one}


@dataclass(frozen=True, slots=True)
class Matches:
    """What a text means: the nearest values, of these the busiest first; and how many in all."""

    text: str
    found: tuple[Match, ...] = ()
    total: int = 0

    @property
    def meant(self) -> Match | None:
        """The only one, or the only one that is called exactly so; None where one has to choose."""
        exact = [one for one in self.found if one.is_called(self.text)]
        if len(exact) == 1:
            return exact[0]
        return self.found[0] if self.total == 1 else None


def find(events: EventStore, filters: Filters, by: str, text: str, *, limit: int = MOST) -> Matches:
    """The values of a field whose name or login has the text in it, or whose id it is.

    Of `filters` only the profile and the source count: what is looked for may be of another time.
    """
    text = " ".join(text.split())
    source = chosen_source(events, filters)
    kept = next((s for s in sources(events, filters.profile) if s.source == source), None)
    if not text or kept is None:
        return Matches(text)
    ever = Filters(filters.profile, kept.oldest, kept.newest + _AFTER, source=source)
    where = condition(counted(events, ever, source), source)
    fits, nearness = _fits(events, ever, source, by, text), _nearness(by, text)
    found = events.rows(
        "SELECT value, any_value(keyed), count(*) AS n, count(*) OVER () FROM ("  # noqa: S608
        f"SELECT {column(by)} AS value, {_key(by)} AS keyed, {nearness.sql} AS far FROM events"
        f" WHERE {where.sql} AND ({fits.sql}))"
        " WHERE value IS NOT NULL GROUP BY value ORDER BY min(far), n DESC, value LIMIT ?",
        [*nearness.parameters, *where.parameters, *fits.parameters, limit],
    )
    reported = names(events, ever, source, by, [keyed for _, keyed, _, _ in found])
    listed = []
    for value, keyed, n, _ in found:
        named = reported.get(keyed)
        label = named.label if named else str(value)
        listed.append(Match(str(value), label, named.detail if named else None, int(n)))
    return Matches(text, tuple(listed), int(found[0][3]) if found else 0)


def _key(by: str) -> str:
    return "item_key" if by == "item" else column(by)


def _nearness(by: str, text: str) -> Condition:
    """How far the text is from what a value is called: all of it, the start of a word, within."""
    called = [f"' ' || {dialect.plain(name)}" for name in (column(by), *_CALLED.get(by, ()))]
    requested = f"' ' || {dialect.plain('?')}"
    whole = " OR ".join(f"{name} = {requested}" for name in called)
    start = " OR ".join(f"contains({name}, {requested})" for name in called)
    sql = f"CASE WHEN {whole} THEN 0 WHEN {start} THEN 1 ELSE 2 END"
    return Condition(sql, (text,) * (2 * len(called)))


def _fits(events: EventStore, ever: Filters, source: str, by: str, text: str) -> Condition:
    """Events whose value of the field is meant."""
    called = _CALLED.get(by)
    if called is None:  # what isn't called anything: addresses, types of files
        return _has(FIELDS[by], text)
    parts = [Condition(f"{column(by)} = ?", (text,))]
    for name in called:
        has = _has("text", text)
        listed = events.rows(
            f"SELECT text FROM {texts.TABLE} WHERE profile = ? AND source = ? AND field = ?"  # noqa: S608
            f" AND {has.sql} LIMIT ?",
            [ever.profile, source, name, *has.parameters, NAMED + 1],
        )
        if len(listed) > NAMED:
            parts.append(_has(name, text))
        elif listed:
            parts.append(_among(name, [str(one) for (one,) in listed]))
    return Condition(
        " OR ".join(f"({part.sql})" for part in parts),
        tuple(value for part in parts for value in part.parameters),
    )


def _has(name: str, text: str) -> Condition:
    """Every word of the text, in any order: `müller anna` means Anna Müller."""
    words = tuple(text.split())
    has = f"contains({dialect.plain(name)}, {dialect.plain('?')})"
    return Condition(" AND ".join([has] * len(words)), words)


def _among(name: str, values: list[str]) -> Condition:
    if name == "item_name":
        keys: list[Any] = [dialect.key_of(one) for one in values]
        return Condition(dialect.one_of_keys("name_key"), (keys,))
    return Condition(dialect.one_of(name), (values,))


def known(
    events: EventStore, filters: Filters, by: str, values: tuple[str, ...]
) -> dict[str, Match]:
    """What chosen values are called, by anything that is kept; unknown ones are absent."""
    source = chosen_source(events, filters)
    kept = next((s for s in sources(events, filters.profile) if s.source == source), None)
    if not values or kept is None:
        return {}
    ever = replace(Filters(filters.profile, kept.oldest, kept.newest + _AFTER), source=source)
    asked = [dialect.key_of(one) for one in values] if by == "item" else list(values)
    reported = names(events, ever, source, by, asked)
    return {
        named.value: Match(named.value, named.label, named.detail, 0) for named in reported.values()
    }
