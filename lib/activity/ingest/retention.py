"""What is older than it is kept: rules out of the settings, applied in small steps.

Only the owner of the event store applies them. Between two steps readers and the drain get their
turn; stopped anywhere, the next step goes on.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from lib.activity.model.source import Source
from lib.settings.retention import RetentionSettings
from lib.store.events.events import EventStore
from lib.store.events.retention import Rule, drop, drop_beside


def rules(events: EventStore, settings: RetentionSettings, now: datetime) -> list[Rule]:
    """What of the events that are held is to be dropped now."""
    existing = events.rows("SELECT DISTINCT profile, source FROM sources ORDER BY ALL")
    return [
        rule
        for profile, source in existing
        for rule in _of_source(str(profile), str(source), settings, now)
    ]


def step(events: EventStore, settings: RetentionSettings, now: datetime) -> int:
    """Drop a day of what is too old; how many events. 0 = nothing is left to drop."""
    for rule in rules(events, settings, now):
        dropped = drop(events, rule)
        if dropped:
            return dropped
    return 0


def beside(events: EventStore, settings: RetentionSettings, now: datetime) -> int:
    """Drop deliveries and quarantined rows that are too old; how many."""
    if settings.keep is None:
        return 0
    found = events.rows(
        "SELECT DISTINCT profile FROM (SELECT profile FROM deliveries UNION ALL"
        " SELECT profile FROM quarantine)"
    )
    return sum(drop_beside(events, str(profile), now - settings.keep) for (profile,) in found)


def _of_source(
    profile: str, source: str, settings: RetentionSettings, now: datetime
) -> Iterator[Rule]:
    age = settings.imports if source == Source.IMPORT else settings.keep
    if source == Source.IMPORT and age is None:
        return  # what a person brought stays, whatever its type
    own = dict(settings.types)
    for kind, kept in own.items():
        if kept is not None:
            yield Rule(profile, source, _before(now, kept), event_type=kind)
    if age is not None:
        yield Rule(profile, source, _before(now, age), spared=tuple(sorted(own)))


def _before(now: datetime, age: timedelta) -> datetime:
    # whole hours, so that a step isn't taken for a few seconds' worth of rows
    return (now - age).replace(minute=0, second=0, microsecond=0)
