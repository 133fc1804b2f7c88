"""Times as the event store keeps them: naive, in UTC."""

from datetime import UTC, datetime


def naive_utc(at: datetime) -> datetime:
    """A time as the event store keeps it."""
    return at.astimezone(UTC).replace(tzinfo=None)


def aware_utc(at: datetime) -> datetime:
    """A time of the event store, with its zone."""
    return at.replace(tzinfo=UTC)
