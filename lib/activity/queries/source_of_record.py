"""Which one source of a profile is counted: an action may have reached us through several."""

from dataclasses import replace

from lib.activity.model.repeats import BESIDE, COVERED, Uncounted
from lib.activity.model.source import RECORD_ORDER, Source, first_of_record
from lib.activity.queries.filters import Filters
from lib.activity.queries.text_search import looked_up
from lib.store.events.events import EventStore, SourceFacts


def sources(events: EventStore, profile: str) -> list[SourceFacts]:
    """The sources that hold events of a profile, source of record first."""
    order = {source: n for n, source in enumerate(RECORD_ORDER)}
    return sorted(
        events.sources(profile), key=lambda facts: order.get(Source(facts.source), len(order))
    )


def source_of_record(events: EventStore, profile: str) -> str:
    """The source that is counted: the first of record that has events or was read."""
    existing = {facts.source for facts in events.sources(profile)}
    existing |= {source for source, _ in events.covered_filters(profile)}
    return str(first_of_record(existing))


def chosen_source(events: EventStore, filters: Filters) -> str:
    """The source that a choice counts."""
    return filters.source or source_of_record(events, filters.profile)


def uncounted(events: EventStore, profile: str, source: str) -> tuple[Uncounted, ...]:
    """The events of a source that another connected account is counted for."""
    if source != Source.KLOUDLESS:
        return ()
    return tuple(
        Uncounted(name.removeprefix(prefix), span, certain=prefix == COVERED)
        for name, spans in events.coverages(profile, source).items()
        for prefix in (COVERED, BESIDE)
        if name.startswith(prefix)
        for span in spans
    )


def counted(events: EventStore, filters: Filters, source: str) -> Filters:
    """The choice without what other accounts are counted for, unless it names accounts."""
    if source != Source.KLOUDLESS or filters.uncounted or filters.include.get("account"):
        return filters
    return replace(filters, uncounted=uncounted(events, filters.profile, source))


def chosen(events: EventStore, filters: Filters) -> tuple[Filters, str]:
    """A choice, with its text looked up if it has one, and the source that it counts."""
    source = chosen_source(events, filters)
    return looked_up(events, counted(events, filters, source), source), source
