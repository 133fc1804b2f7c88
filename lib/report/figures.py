"""The charts of a report as boxes and texts, which every form of it draws alike.

A span that wasn't read is a gray box with a label, never a plain zero. Each drawing has an
alternative text; the numbers are in a table beside it.
"""

import unicodedata
from dataclasses import dataclass
from typing import Final

from lib.activity.model.coverage import Extent
from lib.core import palette
from lib.report.report import WEEKDAYS, Report, ReportRanking, clock_time, shown_series

COLOURS: Final = tuple(tone.light for tone in (*palette.SERIES, palette.GREY))
INK: Final = "#39434f"
UNREAD: Final = "#e3e7ec"
WIDTH: Final = 720.0
_SERIES_HEIGHT: Final = 230.0
_LEFT: Final = 58.0
_UNREAD: Final = (Extent.UNREAD, Extent.PARTIAL, Extent.LOST, Extent.DROPPED, Extent.THINNED)
_ROW: Final = 19.0
_NAME: Final = 250.0
_LONGEST: Final = 44
_SHADES: Final = tuple(tone.light for tone in palette.SHADES)


@dataclass(frozen=True, slots=True)
class Box:
    """A filled rectangle."""

    x: float
    y: float
    width: float
    height: float
    colour: str


@dataclass(frozen=True, slots=True)
class Words:
    """A line of text; `anchor` is start, middle or end, `y` its base line."""

    x: float
    y: float
    text: str
    anchor: str = "start"
    size: float = 10.0


@dataclass(frozen=True, slots=True)
class Drawing:
    """A picture; `alt` says in words what it shows."""

    width: float
    height: float
    alt: str
    parts: tuple[Box | Words, ...]


def clean(text: str, longest: int | None = None) -> str:
    """A foreign text that can't disguise itself: what doesn't print becomes a mark."""
    safe = "".join(c if c.isprintable() else "\ufffd" for c in unicodedata.normalize("NFC", text))
    return safe if longest is None or len(safe) <= longest else safe[: longest - 1] + "…"


def over_time(report: Report) -> Drawing:
    """Events over time, stacked by category."""
    bars = report.bars
    highest = max((bar.total for bar in bars), default=0)
    top, bottom = 12.0, _SERIES_HEIGHT - 42
    space = WIDTH - _LEFT
    step = space / max(1, len(bars))
    parts: list[Box | Words] = []
    for tick in _ticks(highest):
        y = bottom - (bottom - top) * tick / max(1, highest)
        parts.append(Box(_LEFT, y, space, 0.4, "#cfd6de"))
        parts.append(Words(_LEFT - 6, y + 3, f"{tick:,}", "end"))
    unread = 0
    for n, bar in enumerate(bars):
        x = _LEFT + n * step
        if bar.extent in _UNREAD:
            unread += 1
            parts.append(Box(x, top, step, bottom - top, UNREAD))
        y = bottom
        for place, count in enumerate(bar.events):
            height = (bottom - top) * count / max(1, highest)
            if height:
                y -= height
                parts.append(Box(x + step * 0.06, y, step * 0.88, height, COLOURS[min(place, 7)]))
    parts += _dates(report, step, bottom)
    parts += _legend(report, unread)
    total = sum(bar.total for bar in bars)
    alt = f"{total:,} events per {report.size}, stacked by category; highest: {highest:,}."
    return Drawing(WIDTH, _SERIES_HEIGHT, alt, tuple(parts))


def ranking(found: ReportRanking) -> Drawing:
    """The values of a ranking as bars."""
    highest = max((row.events for row in found.rows), default=0)
    parts: list[Box | Words] = []
    for n, row in enumerate(found.rows):
        y = 4 + n * _ROW
        parts.append(Words(_NAME - 8, y + 11, clean(row.label, _LONGEST), "end"))
        length = (WIDTH - _NAME - 70) * row.events / max(1, highest)
        parts.append(Box(_NAME, y + 1, max(1.0, length), _ROW - 6, COLOURS[0]))
        parts.append(Words(_NAME + length + 6, y + 11, f"{row.events:,}"))
    first = ", ".join(f"{clean(row.label, _LONGEST)} {row.events:,}" for row in found.rows[:3])
    return Drawing(WIDTH, 8 + _ROW * len(found.rows), f"{found.title}: {first}.", tuple(parts))


def week(report: Report) -> Drawing:
    """Events by weekday and hour, darker for more."""
    highest = max(map(max, report.heat), default=0)
    side = (WIDTH - _LEFT - 20) / 24
    parts: list[Box | Words] = []
    for day, hours in enumerate(report.heat):
        y = 14 + day * 20.0
        parts.append(Words(_LEFT + 10, y + 13, WEEKDAYS[day][:3], "end"))
        for hour, count in enumerate(hours):
            level = 0 if not count else 1 + min(3, 4 * count // (highest + 1))
            parts.append(Box(_LEFT + 20 + hour * side, y, side - 1.5, 18, _SHADES[level]))
    parts += [
        Words(_LEFT + 20 + (hour + 0.5) * side, 10, f"{hour:02}", "middle", 9)
        for hour in range(0, 24, 3)
    ]
    day, hour = max(
        ((d, h) for d in range(7) for h in range(24)), key=lambda at: report.heat[at[0]][at[1]]
    )
    most = f"most ({highest:,}) on {WEEKDAYS[day]} at {hour:02}:00" if highest else "no events"
    alt = f"Events by weekday and hour; {most}."
    return Drawing(WIDTH, 158, alt, tuple(parts))


def _ticks(highest: int) -> list[int]:
    if highest < 4:  # noqa: PLR2004  # fewer than the lines
        return list(range(highest + 1))
    raw = highest / 4
    power = 10 ** (len(str(int(raw))) - 1)
    step = next(int(m * power) for m in (1, 2, 2.5, 5, 10) if m * power >= raw)
    return list(range(0, highest + 1, max(1, step)))


def _dates(report: Report, step: float, bottom: float) -> list[Words]:
    bars = report.bars
    every = max(1, -(-len(bars) * 62 // int(WIDTH - _LEFT)))
    pattern = "%m-%d %H:%M" if report.size == "hour" else "%Y-%m-%d"
    return [
        Words(
            _LEFT + n * step,
            bottom + 13,
            clock_time(bar.start, report.scope.timezone, pattern),
            "start",
            9,
        )
        for n, bar in enumerate(bars)
        if n % every == 0 and _LEFT + n * step < WIDTH - 50
    ]


def _legend(report: Report, unread: int) -> list[Box | Words]:
    names = [(COLOURS[min(n, 7)], shown_series(name)) for n, name in enumerate(report.series)]
    if unread:
        names.append((UNREAD, "not read"))
    parts: list[Box | Words] = []
    x, y = _LEFT, _SERIES_HEIGHT - 10
    for colour, name in names:
        parts.append(Box(x, y - 8, 9, 9, colour))
        parts.append(Words(x + 13, y, clean(name, 24)))
        x += 24 + 6 * min(24, len(name))
    return parts
