"""The same folder on two sides: what is on both, on one, or differs.

Items match by kind and Box ID, else by kind and name. An item counts as missing on a side only when
that side was read completely: on one page of many it may just come later.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from lib.core.texts import plural
from lib.files.rows import FILE, ItemRow
from lib.files.source import Listing


class Presence(StrEnum):
    """How the other side has a row."""

    SAME = "same"
    DIFFERS = "differs"
    MISSING = "missing"
    UNKNOWN = "unknown"  # not on the page that was read


@dataclass(frozen=True, slots=True)
class RowComparison:
    """One row compared with the other side: `fields` are the differing ones."""

    found: Presence
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Comparison:
    """Verdicts on the rows of both sides, in their order."""

    left: tuple[RowComparison, ...]
    right: tuple[RowComparison, ...]
    whole: bool

    def count(self, side: Sequence[RowComparison], found: Presence) -> int:
        """How many rows of a side have this verdict."""
        return sum(one.found is found for one in side)

    @property
    def differences(self) -> int:
        """Rows that are missing on a side, or differ."""
        missing = self.count(self.left, Presence.MISSING) + self.count(self.right, Presence.MISSING)
        return missing + self.count(self.left, Presence.DIFFERS)


def compare(left: Listing, right: Listing) -> Comparison:
    """Both listings of one folder, row by row."""
    return Comparison(
        left=_verdicts(left.rows, right),
        right=_verdicts(right.rows, left),
        whole=left.whole and right.whole,
    )


def in_both(left: Listing, right: Listing) -> int:
    """How many rows of two pages are on both."""
    found = _Index(right.rows)
    return sum(found.get(row) is not None for row in left.rows)


def words(comparison: Comparison, left: str, right: str) -> str:
    """The comparison in one sentence; `left` and `right` name the sides."""
    same = comparison.count(comparison.left, Presence.SAME)
    parts = [
        f"{plural(number, 'item')} only {name}"
        for number, name in (
            (comparison.count(comparison.left, Presence.MISSING), left),
            (comparison.count(comparison.right, Presence.MISSING), right),
        )
        if number
    ]
    differing = comparison.count(comparison.left, Presence.DIFFERS)
    if differing:
        parts.append(f"{plural(differing, 'item')} with different details")
    if parts:
        return f"{'; '.join(parts)}. The same on both: {plural(same, 'item')}."
    if comparison.whole:
        if not same:
            return "Neither side shows anything in this folder."
        return f"Both sides show the same {plural(same, 'item')}."
    return (
        f"The same on both: {plural(same, 'item')}. Only the beginning of the folder "
        "was read; the rest isn't compared."
    )


class _Index:
    """Rows by kind and id, and by kind and name."""

    def __init__(self, rows: Iterable[ItemRow]) -> None:
        self._ids: dict[tuple[str, str], ItemRow] = {}
        self._names: dict[tuple[str, str], ItemRow] = {}
        for row in rows:
            if row.id:
                self._ids[row.kind, row.id] = row
            self._names[row.kind, row.name] = row

    def get(self, row: ItemRow) -> ItemRow | None:
        """The same item; by its name only where one of the two has no id."""
        if row.id and (row.kind, row.id) in self._ids:
            return self._ids[row.kind, row.id]
        named = self._names.get((row.kind, row.name))
        return named if named is not None and not (row.id and named.id) else None


def _verdicts(rows: Iterable[ItemRow], other: Listing) -> tuple[RowComparison, ...]:
    index = _Index(other.rows)
    return tuple(_verdict(row, index.get(row), whole=other.whole) for row in rows)


def _verdict(row: ItemRow, twin: ItemRow | None, *, whole: bool) -> RowComparison:
    if twin is None:
        return RowComparison(Presence.MISSING if whole else Presence.UNKNOWN)
    fields = tuple(
        name for name, (mine, theirs) in _differences(row, twin).items() if mine != theirs
    )
    return RowComparison(Presence.DIFFERS if fields else Presence.SAME, fields)


def _differences(row: ItemRow, twin: ItemRow) -> Mapping[str, tuple[object, object]]:
    """What both sides report. A folder's size is a sum that changes by itself, so it is omitted."""
    pairs: dict[str, tuple[object, object]] = {
        "name": (row.name, twin.name),
        "modified": (_second(row.modified_at), _second(twin.modified_at)),
        "owner": (row.owner_login, twin.owner_login),
    }
    if row.kind == FILE:
        pairs["size"] = (row.size, twin.size)
    return {name: pair for name, pair in pairs.items() if None not in pair and "" not in pair}


def _second(instant: datetime | None) -> datetime | None:
    return instant.replace(microsecond=0) if instant is not None else None
