"""Where a text is: asked of the list of texts before events are searched for it."""

from dataclasses import replace
from typing import Final

from lib.activity.queries.filters import Filters, Matches
from lib.store.events import dialect, texts
from lib.store.events.events import EventStore

NAMED: Final = 200
"""More values of one column than that aren't named: comparing texts is as quick then."""


def looked_up(events: EventStore, filters: Filters, source: str) -> Filters:
    """The choice, with where its text is, so that only these values are looked for."""
    text = (filters.text or "").strip()
    if not text:
        return filters
    has, parameter = dialect.has_text("text", text)
    of_field = (
        f"(SELECT field, text FROM {texts.TABLE} WHERE profile = ? AND source = ? AND field = ?"  # noqa: S608  # our own names
        f" AND {has} LIMIT {NAMED + 1})"  # what is frequent is soon found often enough
    )
    found = events.rows(
        " UNION ALL ".join([of_field] * len(texts.SEARCHED)),
        [value for name in texts.SEARCHED for value in (filters.profile, source, name, parameter)],
    )
    values: dict[str, tuple[str, ...] | None] = {}
    for name in texts.SEARCHED:
        named = tuple(str(value) for field, value in found if field == name)
        if named:
            values[name] = named if len(named) <= NAMED else None
    return replace(filters, matches=Matches(source, text, values))
