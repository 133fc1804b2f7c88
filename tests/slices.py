"""The part of a long walk that a run takes; `make soak` takes the whole (`BOX_RUNBOOK_WHOLE=1`).

Nothing is drawn by lot: the parts follow each other day by day, so that each comes up again within
days. `BOX_RUNBOOK_ROUND` is the number of the day; with the one that a run printed, the same parts
run again.
"""

import os
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Final, TypeVar

Part = TypeVar("Part")
Record = Callable[[str, object], None]
"""pytest's `record_property`: what is said of a test reaches the end of the run."""
ROUND: Final = "BOX_RUNBOOK_ROUND"
WHOLE: Final = "BOX_RUNBOOK_WHOLE"
PROPERTY: Final = "slice"


def begin_round() -> None:
    """Settle the round, once for a run: its workers inherit it, past midnight too."""
    os.environ.setdefault(ROUND, str(datetime.now(UTC).date().toordinal()))


def slice_of(parts: Sequence[Part], count: int) -> tuple[Part, ...]:
    """The parts of this round in their order: `count` of them, or all where the whole is asked."""
    if os.environ.get(WHOLE) == "1" or count >= len(parts):
        return tuple(parts)
    first = int(os.environ[ROUND]) * count
    places = sorted((first + step) % len(parts) for step in range(count))
    return tuple(parts[place] for place in places)


def taken(record: Record, what: str, parts: Sequence[Part], count: int) -> tuple[Part, ...]:
    """The same, and the end of the run says which parts of `what` it took."""
    part = slice_of(parts, count)
    if len(part) < len(parts):
        names = ", ".join(getattr(one, "name", str(one)) for one in part)
        record(PROPERTY, f"{what}: {len(part)} of {len(parts)} ({names})")
    return part
