"""What has been read of the events that a choice asks for."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from lib.activity.model.coverage import Coverage, coverage
from lib.activity.queries.filters import Filters
from lib.store.events.events import EventStore
from lib.store.events.retention import ALL, marks
from lib.store.spans import Span, subtract

_EVER: Final = datetime(1970, 1, 1, tzinfo=UTC)


def coverage_for(events: EventStore, filters: Filters, source: str, now: datetime) -> Coverage:
    """The coverage of a source for a choice: time is whole only where no chosen type was dropped.

    A type that is kept for less long than the others may be told apart: `Extent.THINNED`.
    """
    marked = marks(events, filters.profile, source)
    known = coverage(events, filters.profile, source, now, marked)
    types = filters.include.get("type")
    asked = [at for kind, at in marked.items() if kind != ALL and (not types or kind in types)]
    if not asked:
        return known
    gone = max(asked)
    whole = (left for span in known.spans for left in subtract(span, [Span(_EVER, gone)]))
    return replace(known, spans=tuple(whole), thinned=gone)
