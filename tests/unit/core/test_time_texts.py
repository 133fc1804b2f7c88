from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

from lib.core.time_texts import rfc3339, stamp, time_of

ROOT = Path(__file__).parents[3]
WEST = timezone(timedelta(hours=-8))
NINE = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)


def test_rfc3339_is_utc() -> None:
    assert rfc3339(datetime(2026, 3, 1, 1, 30, tzinfo=WEST)) == "2026-03-01T09:30:00Z"
    assert rfc3339(datetime(2026, 3, 1, 9, 30, 0, 5, tzinfo=UTC)) == "2026-03-01T09:30:00.000005Z"
    assert rfc3339(NINE.replace(tzinfo=None)) == "2026-03-01T09:30:00Z"
    assert stamp(NINE.replace(microsecond=999_999)) == "2026-03-01T09:30:00Z"


def test_a_time_comes_back_from_its_text() -> None:
    for at in (NINE, NINE.replace(microsecond=7), NINE.astimezone(WEST)):
        assert time_of(rfc3339(at)) == at, at


def test_a_text_without_an_offset_is_a_time_only_where_its_zone_is_said() -> None:
    assert time_of("2026-03-01T09:30:00") is None
    assert time_of("2026-03-01T09:30:00", without_offset=UTC) == NINE
    assert time_of("2026-03-01T01:30:00", without_offset=WEST) == NINE
    assert time_of("2026-03-01T01:30:00-08:00", without_offset=UTC) == NINE


def test_what_is_no_time_is_none() -> None:
    for value in (None, 5, "", "noon", "2026-13-01T00:00:00Z", "0001-01-01T00:00:00+14:00"):
        assert time_of(value, without_offset=UTC) is None, value


def test_nobody_else_writes_the_form() -> None:
    """The sandbox may: it's a second reading of the contract and takes nothing from the product."""
    by_hand = ('"+00:00", "Z"', "%H:%M:%SZ")
    found = [
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "lib").rglob("*.py")
        if "sandbox" not in path.parts
        and any(mark in path.read_text(encoding="utf-8") for mark in by_hand)
    ]
    assert found == []
