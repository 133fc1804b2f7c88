"""Where a text is: asked of the list of texts before events are searched for it."""

from dataclasses import replace
from typing import Final

from lib.activity.filters import Filters, Matches
from lib.store import dialect, texts
from lib.store.events import EventStore

NAMED: Final = 200
"""More values of one column than that aren't named: comparing texts is as quick then."""


def looked_up(events: EventStore, filters: Filters, source: str) -> Filters:
    """The choice, with where its text is, so that only these values are looked for."""
    text = (filters.text or "").strip()
    if not text:
        return filters
    has, parameter = dialect.has_text("text", text)
    found = events.rows(
        f"SELECT field, text FROM {texts.TABLE} WHERE profile = ? AND source = ? AND {has}"  # noqa: S608  # our own names
        f" QUALIFY row_number() OVER (PARTITION BY field) <= {NAMED + 1}",
        [filters.profile, source, parameter],
    )
    values: dict[str, tuple[str, ...] | None] = {}
    for name in texts.SEARCHED:
        of_field = tuple(str(value) for field, value in found if field == name)
        if of_field:
            values[name] = of_field if len(of_field) <= NAMED else None
    return replace(filters, matches=Matches(source, text, values))
