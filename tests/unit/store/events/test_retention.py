"""What is older than it is kept goes, in steps, and is marked; the rest stays as it was."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest

from lib.activity.ingest.retention import beside, step
from lib.activity.model.coverage import Extent, coverage
from lib.activity.queries import period_totals, time_series
from lib.activity.queries.chosen_coverage import coverage_for
from lib.activity.queries.filters import Filters
from lib.core.errors import ConfigurationError
from lib.settings.retention import KEEP, RetentionSettings, retention_settings
from lib.store import Stores
from tests.unit.activity.samples import DAY, NOW, box_event, marker, memory_stores, put, put_events


def year() -> Stores:
    stores = memory_stores()
    for kind in ("DOWNLOAD", "PREVIEW", "LOGIN"):
        put_events(
            stores,
            [
                box_event(n + len(kind) * 1000, at=NOW - n * 10 * DAY, event_type=kind)
                for n in range(40)
            ],
        )
    put(stores, marker(NOW - 400 * DAY, NOW))
    return stores


def left(stores: Stores) -> Counter[str]:
    found = stores.events.rows("SELECT event_type, count(*) FROM events GROUP BY ALL")
    return Counter({str(kind): int(n) for kind, n in found})


def drop_all(stores: Stores, settings: RetentionSettings) -> int:
    steps = 0
    while step(stores.events, settings, NOW):
        steps += 1
    return steps


def test_old_events_go_by_age_and_by_type_in_small_steps() -> None:
    stores = year()
    settings = RetentionSettings(keep=200 * DAY, types={"PREVIEW": 50 * DAY, "LOGIN": None})
    assert drop_all(stores, settings) > 30
    assert left(stores) == {"DOWNLOAD": 21, "PREVIEW": 6, "LOGIN": 40}
    (facts,) = stores.events.sources("acme")
    assert facts.events == 67
    assert facts.newest == NOW
    assert step(stores.events, settings, NOW) == 0
    stores.close()


def test_what_was_dropped_is_marked_and_never_counted_as_read() -> None:
    stores = year()
    drop_all(stores, RetentionSettings(keep=200 * DAY))
    known = coverage(stores.events, "acme", "box_stream", NOW)
    assert known.dropped is not None
    assert known.extent(NOW - 300 * DAY, NOW - 299 * DAY) is Extent.DROPPED
    assert known.extent(NOW - 100 * DAY, NOW - 99 * DAY) is Extent.READ
    assert not known.covers(NOW - 300 * DAY, NOW)
    stores.close()


def test_time_without_a_chosen_type_is_not_drawn_as_whole() -> None:
    stores = year()
    drop_all(stores, RetentionSettings(types={"PREVIEW": 50 * DAY}))
    whole = Filters("acme", NOW - 200 * DAY, NOW)

    def extent(days: int, **chosen: tuple[str, ...]) -> Extent:
        filters = replace(whole, include=chosen)
        known = coverage_for(stores.events, filters, "box_stream", NOW)
        return known.extent(NOW - days * DAY, NOW - (days - 1) * DAY)

    assert extent(100) is extent(100, type=("PREVIEW", "LOGIN")) is Extent.THINNED
    assert extent(100, type=("LOGIN",)) is extent(20) is Extent.READ
    found = time_series.series(
        stores.events, replace(whole, include={"type": ("PREVIEW",)}), now=NOW
    )
    assert "thinned" in set(found.buckets["extent"])
    totals = period_totals.totals(stores.events, whole.between(NOW - 40 * DAY, NOW), now=NOW)
    assert totals.previous is None
    assert not totals.comparison.allowed
    stores.close()


def test_imported_files_stay_unless_an_age_is_said() -> None:
    stores = memory_stores()
    put_events(stores, [box_event(1, at=NOW - 2000 * DAY)], source="import")
    assert step(stores.events, RetentionSettings(types={"DOWNLOAD": DAY}), NOW) == 0
    assert step(stores.events, RetentionSettings(imports=DAY), NOW) == 1
    assert stores.events.sources("acme") == []
    stores.close()


def test_what_lies_beside_events_goes_by_when_it_came() -> None:
    stores = memory_stores()
    put_events(stores, [{"event_type": "DOWNLOAD"}])
    assert len(stores.events.rows("FROM quarantine")) == 1
    assert beside(stores.events, RetentionSettings(), NOW + KEEP - DAY) == 0
    assert beside(stores.events, RetentionSettings(), NOW + KEEP + DAY) == 1
    stores.close()


def test_settings_are_ages_or_forever() -> None:
    found = retention_settings({"keep": "2y", "imports": "90d", "types": {"preview": "forever"}})
    assert found.keep == timedelta(days=730)
    assert found.imports == 90 * DAY
    assert dict(found.types) == {"PREVIEW": None}
    assert retention_settings({}) == RetentionSettings()
    assert retention_settings({"keep": "forever"}).keep is None


@pytest.mark.parametrize(
    "table", [{"keep": "0d"}, {"keep": "soon"}, {"age": "1d"}, {"types": "1d"}, {"keep": "1h"}]
)
def test_a_wrong_age_is_named(table: dict[str, object]) -> None:
    with pytest.raises(ConfigurationError, match="retention"):
        retention_settings(table)
