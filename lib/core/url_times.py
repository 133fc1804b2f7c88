"""Times in the address of a page: RFC 3339, in whole seconds of UTC."""

from datetime import UTC, datetime


def stamp(moment: datetime) -> str:
    """The time for an address."""
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def time_of(text: str | None) -> datetime | None:
    """The time that an address gives, as UTC; None for what is none, or has no offset."""
    try:
        moment = datetime.fromisoformat(text) if text else None
        if moment is None or moment.tzinfo is None:
            return None
        return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
