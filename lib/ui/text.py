"""Texts for people: escaping what others wrote, numbers, times."""

import hashlib
import re
from datetime import datetime, timedelta, tzinfo
from typing import Final

_MARKDOWN: Final = re.compile(r"([\\`*_{}\[\]()#+\-!|~<>$:&^=@.])")
#: Where Markdown would begin a link of its own: an address in a name is text, nobody clicks it.
_LINK: Final = re.compile(r"(?i)(:)(?=//)|(www)(?=\.)|(@)(?=\w)")
_WORD_JOINER: Final = "\u2060"
_MINUTE_S: Final = 60
_HOUR_S: Final = 3600
_DAY_S: Final = 86400
_MONTH_DAYS: Final = 30
_YEAR_DAYS: Final = 365


def short_digest(text: str) -> str:
    """Twelve characters that stand for a text, in the key of a widget."""
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def md(text: str) -> str:
    """A text of somebody else, so that Markdown shows it as it is: file names are hostile."""
    plain = _LINK.sub(lambda found: found[0] + _WORD_JOINER, " ".join(text.split()))
    return _MARKDOWN.sub(r"\\\1", plain)


#: Characters that turn the reading direction around, and those that control a terminal.
_DISGUISE: Final = re.compile("[\u202a-\u202e\u2066-\u2069\x00-\x1f\x7f-\x9f]")
_REPLACED: Final = "\ufffd"


def undisguised(text: str) -> str:
    """A text of somebody else with a mark in place of what would show it otherwise than it is.

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


def when(moment: datetime, zone: tzinfo) -> str:
    """`2026-11-01 14:05` in the given zone."""
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M}"


def ago(moment: datetime, now: datetime) -> str:
    """`just now`, `5 minutes ago`, `3 hours ago`, `2 days ago`, `3 months ago`, `2 years ago`."""
    seconds = max(0, int((now - moment).total_seconds()))
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
