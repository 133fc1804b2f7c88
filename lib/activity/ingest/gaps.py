"""What may be missing although reading goes on: silence, a position that grows old, a difference.

Each is data, with a sentence for people and what to do, for whoever shows coverage or watches it.
Nothing is claimed where there isn't enough to tell.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from statistics import median
from typing import Final

from lib.activity.ingest.pairing import sentence
from lib.activity.ingest.stream_comparison import latest
from lib.activity.model.coverage import coverage
from lib.activity.model.source import Source
from lib.box.events import KEPT, Stream
from lib.core.errors import Who
from lib.store import Stores
from lib.store.ledger.ledger import Ledger
from lib.store.ledger.missing import Missing
from lib.store.spans import Span
from lib.store.times import naive_utc

QUIET: Final = timedelta(hours=1)
"""Silence that is shorter is nothing."""
USUAL: Final = 20
"""So many events must be usual in a time before its silence means something."""
MARGIN: Final = timedelta(days=3)
"""A position that has less left of the sender's retention is near its end."""
_WEEK: Final = timedelta(days=7)
_WEEKS: Final = 4
_ENOUGH: Final = 2


class GapKind(StrEnum):
    """What kind of gap it is."""

    SILENT = "silent"
    NEAR_END = "near_end"
    LEFT_OUT = "left_out"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Gap:
    """One gap: since when, how large (events, or hours left), a sentence, what to do and who."""

    kind: GapKind
    since: datetime
    size: int
    sentence: str
    fix: str
    who: Who


def gaps(stores: Stores, profile: str, now: datetime) -> list[Gap]:
    """The gaps of a profile's live stream, worst first. Raises StoreError."""
    found = (
        near_end(stores, profile, now),
        silence(stores, profile, now),
        left_out(stores, profile),
    )
    return [*missing_of(stores.ledger, profile), *(gap for gap in found if gap is not None)]


def missing_of(ledger: Ledger, profile: str) -> list[Gap]:
    """What the event store lacks of what was read or received, oldest first. Raises StoreError."""
    return [_missing(one) for one in ledger.missing.of(profile)]


def _missing(one: Missing) -> Gap:
    """The event store lacks what was read or received once."""
    fix = "No action is needed: the next reading brings it back."
    if not one.readable:
        fix = "Restore a backup of both stores that has it, or import it from a file."
    return Gap(
        GapKind.MISSING,
        one.from_at,
        one.events or 0,
        sentence(one),
        fix,
        Who.THIS_APP if one.readable else Who.YOU,
    )


def silence(stores: Stores, profile: str, now: datetime) -> Gap | None:
    """The stream is read up to now, but nothing came for longer than is usual at this time."""
    events, source = stores.events, Source.BOX_STREAM
    facts = next((s for s in events.sources(profile) if s.source == source), None)
    known = coverage(events, profile, source, now)
    complete = known.complete_to
    if facts is None or complete is None or now - complete > QUIET:
        return None
    quiet = Span(facts.newest + timedelta(microseconds=1), complete)
    if quiet.start >= quiet.end or quiet.length < QUIET:
        return None
    before = []
    for week in range(1, _WEEKS + 1):
        then = Span(quiet.start - week * _WEEK, quiet.end - week * _WEEK)
        if quiet.length < _WEEK and known.covers(then.start, then.end):
            counted = events.rows(
                "SELECT count(*) FROM events WHERE profile = ? AND source = ?"
                " AND occurred_at >= ? AND occurred_at < ?",
                [profile, source, naive_utc(then.start), naive_utc(then.end)],
            )
            before.append(int(counted[0][0]))
    if len(before) < _ENOUGH or median(before) < USUAL:
        return None
    usual = int(median(before))
    hours = quiet.length / timedelta(hours=1)
    return Gap(
        GapKind.SILENT,
        facts.newest,
        usual,
        f"The live stream responds, but no events arrived for {hours:.0f} hours. In the weeks"
        f" before, about {usual:,} events arrived in that time.",
        "Check on Health whether the app still has its permissions, and in Box whether people are"
        " working.",
        Who.BOX_ADMIN,
    )


def near_end(stores: Stores, profile: str, now: datetime) -> Gap | None:
    """The stored position is so old that Box may soon not know what follows it."""
    stored = stores.ledger.inbox.position(profile, Source.BOX_STREAM, Stream.ADMIN_LOGS_STREAMING)
    if stored is None:
        return None
    kept = KEPT[Stream.ADMIN_LOGS_STREAMING]
    left = kept - (now - stored.at)
    if left > MARGIN:
        return None
    hours = max(0, int(left / timedelta(hours=1)))
    reported = f"In {hours} hours" if hours else "By now"
    return Gap(
        GapKind.NEAR_END,
        stored.at,
        hours,
        f"The live stream hasn't been read to its end since then. {reported} Box no longer keeps"
        " the events that follow.",
        "Keep the app running until it has caught up. Events that the stream lost are read from"
        " the history.",
        Who.YOU,
    )


def left_out(stores: Stores, profile: str) -> Gap | None:
    """The history of a day had events that the live stream hadn't brought."""
    found = latest(stores.ledger, profile)
    if found is None or not found.left_out:
        return None
    return Gap(
        GapKind.LEFT_OUT,
        found.day.start,
        found.left_out,
        f"On {found.day.start:%Y-%m-%d} (UTC) the live stream missed {found.left_out:,} of"
        f" {found.history:,} events. They were added from the history.",
        "No action is needed now. If it happens again, read the days around it once more.",
        Who.THIS_APP,
    )
