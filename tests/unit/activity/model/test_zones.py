import itertools
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.activity.model.zones import BucketSize, auto_size, buckets, local_expression, offsets, zone
from lib.core.errors import ConfigurationError

NAMES = st.sampled_from(
    ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe",
     "Pacific/Apia", "America/Sao_Paulo", "Asia/Beirut", "Africa/Casablanca"]
)  # fmt: skip
STARTS = st.datetimes(
    datetime.fromisoformat("2017-01-01"),
    datetime.fromisoformat("2026-12-01"),
    timezones=st.just(UTC),
)


@settings(max_examples=40, deadline=None)
@given(NAMES, STARTS, st.integers(1, 400), st.sampled_from(BucketSize))
def test_buckets_cover_the_period_without_gap_or_overlap(
    name: str, since: datetime, hours: int, width: BucketSize
) -> None:
    until = since + timedelta(hours=hours)
    bars = buckets(name, since, until, width)
    assert bars[0].start <= since < bars[0].end
    assert bars[-1].start < until <= bars[-1].end
    assert all(a.end == b.start for a, b in itertools.pairwise(bars))


@settings(max_examples=40, deadline=None)
@given(NAMES, STARTS, st.lists(st.integers(0, 400 * 3600), min_size=1, max_size=20))
def test_local_time_in_the_query_is_the_zones_own(
    name: str, since: datetime, seconds: list[int]
) -> None:
    until = since + timedelta(hours=400)
    sql = local_expression("moment", name, since, until)
    instants = [since + timedelta(seconds=n) for n in seconds]
    with duckdb.connect(":memory:") as connection:
        for instant in instants:
            naive = instant.replace(tzinfo=None)
            found = connection.execute(
                f"SELECT {sql} FROM (SELECT ?::TIMESTAMP AS moment)",  # noqa: S608
                [naive],
            ).fetchall()
            assert found[0][0] == instant.astimezone(ZoneInfo(name)).replace(tzinfo=None)


def test_a_day_of_a_clock_change_is_one_hour_shorter_or_longer() -> None:
    spring = buckets(
        "Europe/Berlin",
        datetime(2026, 3, 28, 23, tzinfo=UTC),
        datetime(2026, 3, 29, 22, tzinfo=UTC),
        BucketSize.DAY,
    )
    assert [bar.end - bar.start for bar in spring] == [timedelta(hours=23)]
    autumn = buckets(
        "Europe/Berlin",
        datetime(2026, 10, 24, 22, tzinfo=UTC),
        datetime(2026, 10, 25, 23, tzinfo=UTC),
        BucketSize.DAY,
    )
    assert [bar.end - bar.start for bar in autumn] == [timedelta(hours=25)]


def test_the_hour_that_happens_twice_is_two_bars() -> None:
    since = datetime(2026, 10, 25, 0, tzinfo=UTC)
    bars = buckets("Europe/Berlin", since, since + timedelta(hours=3), BucketSize.HOUR)
    local = [bar.start.astimezone(ZoneInfo("Europe/Berlin")) for bar in bars]
    assert [at.hour for at in local] == [2, 2, 3]
    assert [bar.start for bar in bars] == [since + timedelta(hours=n) for n in range(3)]


def test_offsets_name_each_clock_change_of_a_year() -> None:
    since = datetime(2026, 1, 1, tzinfo=UTC)
    found = offsets("Europe/Berlin", since, since + timedelta(days=365))
    assert found == [
        (since, 3600),
        (datetime(2026, 3, 29, 1, tzinfo=UTC), 7200),
        (datetime(2026, 10, 25, 1, tzinfo=UTC), 3600),
    ]


@pytest.mark.parametrize(
    "days, width", [(1, "hour"), (3, "hour"), (7, "day"), (90, "day"), (365, "week")]
)
def test_the_width_of_bars_follows_the_period(days: int, width: str) -> None:
    since = datetime(2026, 1, 1, tzinfo=UTC)
    assert auto_size(since, since + timedelta(days=days)) == width


@pytest.mark.parametrize("name", ["Mars/Olympus", "../etc/passwd", "", "UTC\x00"])
def test_an_unknown_zone_is_refused(name: str) -> None:
    with pytest.raises(ConfigurationError):
        zone(name)
