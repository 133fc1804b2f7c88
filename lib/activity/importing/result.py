"""What came of a file of events, or would come of it: counts, reasons, and how it was understood.

Every row of a file is in `rows` or in `refused_count`; nothing else happens to one.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from lib.activity.importing.column_mapping import Columns
from lib.activity.importing.file_format import Shape
from lib.activity.importing.times import DateOrder
from lib.activity.ingest.json_values import to_datetime
from lib.activity.model.event import COLUMNS
from lib.store.ledger.inbox import EntryKind

_TYPE, _ID, _SOURCE, _AT = (
    COLUMNS.index(n) for n in ("event_type", "event_id", "source", "occurred_at")
)
MAX_REFUSED: Final = 10_000
"""So many refusals are listed; more are only counted."""
SAMPLE: Final = 20
"""So many rows are kept to be shown before an import."""
MAX_IDS: Final = 1_000_000
"""Beyond so many rows repeats inside a file aren't counted any more."""

Line = tuple[int, EntryKind, bytes]
"""The number of a row, what it is, and its JSON."""


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """A row that isn't in: its line in the file (from 1; Parquet: its row) and why."""

    line: int
    reason: str


@dataclass(slots=True)
class ImportResult:
    """What came of a file. `refused` lists at most MAX_REFUSED rows, `problems` counts all.

    `words` counts how the file's types were taken (as it says it, as we keep it); `notes` counts
    what is worth knowing of rows that are in; `above` the lines above the header; `repeated` the
    rows that say the same as another of the file (None: too many to tell). `sample` has the first
    rows as they are kept, in the order of `event.COLUMNS`, each once.
    """

    run_id: int
    rows: int = 0
    refused: list[RefusedRow] = field(default_factory=list)
    refused_count: int = 0
    problems: Counter[str] = field(default_factory=Counter)
    types: Counter[str] = field(default_factory=Counter)
    sources: Counter[str] = field(default_factory=Counter)
    words: Counter[tuple[str, str]] = field(default_factory=Counter)
    notes: Counter[str] = field(default_factory=Counter)
    above: int = 0
    repeated: int | None = 0
    oldest: datetime | None = None
    newest: datetime | None = None
    shape: Shape | None = None
    columns: Columns | None = None
    order: DateOrder | None = None
    sample: list[tuple[Any, ...]] = field(default_factory=list, repr=False)
    seen: set[int] = field(default_factory=set, repr=False)

    def refuse(self, line: int, reason: str) -> None:
        """Note a row that can't be taken."""
        self.refused_count += 1
        self.problems[reason] += 1
        if len(self.refused) < MAX_REFUSED:
            self.refused.append(RefusedRow(line, reason))

    def take(self, row: tuple[Any, ...]) -> None:
        """Note a row that is taken; it has the order of `event.COLUMNS`."""
        identity, at = (row[_SOURCE], row[_ID]), to_datetime(row[_AT])
        self.rows += 1
        self.types[row[_TYPE]] += 1
        self.sources[row[_SOURCE]] += 1
        self.oldest = at if self.oldest is None else min(self.oldest, at)
        self.newest = at if self.newest is None else max(self.newest, at)
        if self.repeated is None:
            return
        key = hash(identity)
        if key in self.seen:
            self.repeated += 1
            return
        if len(self.sample) < SAMPLE:
            self.sample.append(row)
        if len(self.seen) < MAX_IDS:
            self.seen.add(key)
        else:
            self.repeated = None
            self.seen.clear()
