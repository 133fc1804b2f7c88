"""What was read, in words and as shades on a time axis."""

from datetime import datetime, tzinfo

from lib.activity.model.coverage import Coverage, Extent
from lib.activity.model.source import Source
from lib.core.texts import when
from lib.ui.components import words
from lib.ui.components.charts.series_chart import Shade


def shades(coverage: Coverage, since: datetime, until: datetime, zone: tzinfo) -> list[Shade]:
    """The spans of a period that a chart must not draw as zero, in wall-clock times of `zone`."""
    found: list[Shade] = []
    if coverage.source == Source.IMPORT:
        return found  # nobody knows what files leave out: shading all of it tells nothing
    for gap in coverage.gaps(since, until):
        extent = coverage.extent(gap.start, gap.end)
        settling = extent is Extent.SETTLING
        found.append(
            Shade(
                wall(gap.start, zone),
                wall(gap.end, zone),
                words.COVERAGE.get(extent, words.NOT_READ),
                settling,
            )
        )
    return found


def edges(
    axis: tuple[datetime, datetime], since: datetime, until: datetime, zone: tzinfo
) -> list[Shade]:
    """What lies on an axis of whole buckets outside of the period that is counted."""
    start, end = wall(since, zone), wall(until, zone)
    return [Shade(axis[0], start, "", settling=True), Shade(end, axis[1], "", settling=True)]


def sentence(coverage: Coverage, since: datetime, until: datetime, zone: tzinfo) -> str:
    """How complete a period is: `Complete from … to …`, or what is missing."""
    if coverage.source == Source.IMPORT:
        return words.IMPORTED
    if coverage.complete_to is None:
        return words.NOTHING_READ
    gaps = coverage.gaps(since, until)
    open_gaps = [g for g in gaps if coverage.extent(g.start, g.end) is not Extent.SETTLING]
    end = when(min(coverage.complete_to, until), zone)
    if not open_gaps:
        return words.complete_to(end)
    lost = sum((g.length for g in coverage.lost(since, until)), start=until - until)
    missing = sum((g.length for g in open_gaps), start=until - until)
    share = max(0.0, 1 - missing / (until - since))
    if any(coverage.extent(gap.start, gap.end) is Extent.THINNED for gap in open_gaps):
        return words.partly_kept(share, end)
    return words.partly_read(share, end, lost=bool(lost))


def wall(instant: datetime, zone: tzinfo) -> datetime:
    """The wall-clock time in a zone, without it: what an axis shows."""
    return instant.astimezone(zone).replace(tzinfo=None)
