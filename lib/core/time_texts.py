"""Times as text: RFC 3339, the one form that files, addresses and APIs get from us.

Source: RFC 3339, section 5.6.
"""

from datetime import UTC, datetime, tzinfo


def rfc3339(instant: datetime, timespec: str = "auto") -> str:
    """The time in UTC (`2026-03-01T09:30:00Z`); one without an offset is taken as UTC.

    `timespec` is that of `datetime.isoformat`: as many decimals as the time has, or `seconds`.
    """
    utc = instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)
    return utc.replace(tzinfo=None).isoformat(timespec=timespec) + "Z"


def stamp(instant: datetime) -> str:
    """The time in whole seconds of UTC: for the address of a page, and for a person."""
    return rfc3339(instant, "seconds")


def time_of(value: object, *, without_offset: tzinfo | None = None) -> datetime | None:
    """The time that a text gives, in UTC; None for what is none.

    A text without an offset is a time of the zone `without_offset`; where that is None, it is none.
    """
    if not isinstance(value, str):
        return None
    try:
        found = datetime.fromisoformat(value)
        if found.tzinfo is None:
            if without_offset is None:
                return None
            found = found.replace(tzinfo=without_offset)
        return found.astimezone(UTC)
    except (ValueError, OverflowError):  # no time, or one at the end of time
        return None
