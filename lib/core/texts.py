"""Texts for people: escaping what others wrote, numbers, times."""

import hashlib
import re
from datetime import datetime, timedelta, tzinfo
from typing import Final

_MARKDOWN: Final = re.compile(r"([\\`*_{}\[\]()#+\-!|~<>$:&^=@.])")
#: What Streamlit's Markdown makes something else of after escapes are undone: the beginning of a
#: link, a short code of an emoji or an icon, an arrow or a dash in ASCII.
_MAGIC: Final = re.compile(
    r"(?i)www(?=\.)|@|:(?=//|material/|[\w+-]+:)"
    r"|(?<!\S)(?:<->|->|<-|--|>=|<=|~=)(?!\S)"
)
#: Markup without content. It parts a text in two, so that nothing is found across it, and adds no
#: character to what is shown, read out or copied.
_NOTHING: Final = ":small[]"
_MINUTE_S: Final = 60
_HOUR_S: Final = 3600
_DAY_S: Final = 86400
_MONTH_DAYS: Final = 30
_YEAR_DAYS: Final = 365


def short_digest(text: str) -> str:
    """Twelve characters that stand for a text, in the key of a widget."""
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def md(text: str) -> str:
    """A text from outside, escaped so that Markdown shows it as it is: file names are hostile.

    Nothing in it becomes a link, and what is copied from the page is the text itself.
    """
    plain = " ".join(text.split())
    parts, end = [], 0
    for found in _MAGIC.finditer(plain):
        parts += [_escaped(plain[end : found.start()]), _parted(found[0])]
        end = found.end()
    return "".join((*parts, _escaped(plain[end:])))


def _escaped(text: str) -> str:
    return _MARKDOWN.sub(r"\\\1", text)


def _parted(magic: str) -> str:
    """The same without its effect. An arrow is taken apart: half of one is another."""
    if magic[0] in "<->=~":
        return _NOTHING.join(_escaped(mark) for mark in magic)
    return _escaped(magic) + _NOTHING


#: Characters that turn the reading direction around, and those that control a terminal.
_DISGUISE: Final = re.compile("[\u202a-\u202e\u2066-\u2069\x00-\x1f\x7f-\x9f]")
_REPLACED: Final = "\ufffd"


def undisguised(text: str) -> str:
    """A text from outside, with a mark in place of characters that would disguise it.

    A name that turns its direction around can hide its ending; a line break can hide the rest.
    """
    return _DISGUISE.sub(_REPLACED, text)


def disguises(text: str) -> tuple[str, ...]:
    """Those characters, as `U+202E`, each once."""
    return tuple(dict.fromkeys(f"U+{ord(one):04X}" for one in _DISGUISE.findall(text)))


def number(value: int) -> str:
    """An integer with thin separators: 12,345."""
    return f"{value:,}"


def plural(value: int, one: str, many: str | None = None) -> str:
    """`1 event`, `12,345 events`."""
    return f"{number(value)} {one if value == 1 else many or one + 's'}"


def when(instant: datetime, zone: tzinfo) -> str:
    """`2026-11-01 14:05` in the given zone."""
    return f"{instant.astimezone(zone):%Y-%m-%d %H:%M}"


def ago(instant: datetime, now: datetime) -> str:
    """`just now`, `5 minutes ago`, `3 hours ago`, `2 days ago`, `3 months ago`, `2 years ago`."""
    seconds = max(0, int((now - instant).total_seconds()))
    if seconds < _MINUTE_S:
        return "just now"
    if seconds < _HOUR_S:
        return plural(seconds // _MINUTE_S, "minute") + " ago"
    if seconds < _DAY_S:
        return plural(seconds // _HOUR_S, "hour") + " ago"
    days = seconds // _DAY_S
    if days < 2 * _MONTH_DAYS:
        return plural(days, "day") + " ago"
    if days < 2 * _YEAR_DAYS:
        return plural(days // _MONTH_DAYS, "month") + " ago"
    return plural(days // _YEAR_DAYS, "year") + " ago"


def span(length: timedelta) -> str:
    """`7 days`, `24 hours`, `30 minutes`."""
    seconds = int(length.total_seconds())
    if seconds % _DAY_S == 0 and seconds > _DAY_S:
        return plural(seconds // _DAY_S, "day")
    if seconds >= _HOUR_S:
        return plural(round(seconds / _HOUR_S), "hour")
    return plural(max(1, round(seconds / _MINUTE_S)), "minute")


def size_words(size: int | None) -> str:
    """“1.4 GB” in units of 1000; “unknown” when not reported."""
    if size is None:
        return "unknown"
    amount = float(size)
    for unit in ("bytes", "kB", "MB", "GB", "TB"):
        if amount < 1000 or unit == "TB":  # noqa: PLR2004  # the step between units
            return f"{amount:,.0f} {unit}" if unit == "bytes" else f"{amount:,.1f} {unit}"
        amount /= 1000
    return "unknown"


def short(label: str, length: int = 60) -> str:
    """A name that fits a button."""
    text = " ".join(label.split())
    return text if len(text) <= length else text[: length - 1] + "…"
