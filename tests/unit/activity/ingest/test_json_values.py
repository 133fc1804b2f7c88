import contextlib
import json
from datetime import datetime, timedelta, timezone
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.activity.ingest.json_values import (
    NotJson,
    dumps,
    loads,
    made_id,
    microseconds,
    size,
    text,
    tidy,
    to_datetime,
)
from lib.core.time_texts import rfc3339

ZONES = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
MOMENTS = st.datetimes(
    datetime.fromisoformat("1971-01-01"), datetime.fromisoformat("2199-01-01"), timezones=ZONES
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=[])),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=12,
)  # fmt: skip


@given(MOMENTS)
def test_a_time_in_any_zone_is_the_same_instant(instant: datetime) -> None:
    us = microseconds(instant.isoformat())
    assert us is not None
    assert to_datetime(us) == instant
    assert microseconds(rfc3339(instant)) == us


@pytest.mark.parametrize(
    "value",
    [None, 5, "", "soon", "2026-13-01T00:00:00Z", "0001-01-01T00:00:00+14:00", "9999-12-31"],
)
def test_what_is_no_usable_time_is_none(value: Any) -> None:
    assert microseconds(value) is None


def test_a_leap_second_and_a_time_without_zone_are_understood() -> None:
    assert microseconds("2016-12-31T23:59:60Z") == microseconds("2016-12-31T23:59:59Z")
    assert microseconds("2026-03-01T09:30:00") == microseconds("2026-03-01T09:30:00Z")


@pytest.mark.parametrize(
    "value, expected",
    [
        (1024, 1024),
        (5.6e14, 560_000_000_000_000),
        ("5.6E+14", 560_000_000_000_000),
        ("12", 12),
        (0, 0),
        (True, None),
        (-1, None),
        (2**63, None),
        (1e400, None),
        ("", None),
        ("nan", None),
        ([], None),
        (None, None),
    ],
)
def test_a_size_is_a_number_of_bytes_or_unknown(value: Any, expected: int | None) -> None:
    assert size(value) == expected


@pytest.mark.parametrize(
    "value, expected",
    [
        (1152922976252290886, "1152922976252290886"),
        (12.0, "12"),
        ("", None),
        (" ", " "),
        (None, None),
        (True, None),
        ({}, None),
        ("=cmd", "=cmd"),
    ],
)
def test_ids_are_text_and_unknown_is_never_empty(value: Any, expected: str | None) -> None:
    assert text(value) == expected


@given(JSON)
def test_any_json_is_read_and_written_back_exactly(value: Any) -> None:
    body = json.dumps(value).encode()
    read, plain = loads(body)
    assert json.loads(dumps(read, plain=plain)) == value


@given(JSON)
def test_tidy_texts_can_always_be_stored(value: Any) -> None:
    json.dumps(tidy(value), ensure_ascii=False).encode()


@given(st.binary())
def test_any_bytes_are_json_or_refused(body: bytes) -> None:
    with contextlib.suppress(NotJson):
        loads(body)


def test_long_numbers_keep_every_digit() -> None:
    body = b'{"a":123456789012345678901234567890,"b":[18446744073709551616]}'
    read, plain = loads(body)
    assert dumps(read, plain=plain).encode() == body


@pytest.mark.parametrize("body", [b"[" * 100_000, b'{"a":NaN}', b"\xff", b"{", b""])
def test_what_is_no_json_says_why(body: bytes) -> None:
    with pytest.raises(NotJson):
        loads(body)


def test_pin_orjson_turns_long_numbers_into_floats() -> None:
    assert orjson.loads(b"123456789012345678901234567890") == 1.2345678901234568e29


def test_a_made_id_depends_on_every_part_and_nothing_else() -> None:
    one = made_id("6721", 5, "add", "7", "8")
    assert one == made_id("6721", 5, "add", "7", "8")
    others = [
        made_id(None, 5, "add", "7", "8"),
        made_id("6721", 6, "add", "7", "8"),
        made_id("6721", 5, "delete", "7", "8"),
        made_id("6721", 5, "add", None, "8"),
        made_id("6721", 5, "add", "8", "7"),
    ]
    assert len({one, *others}) == 6
    assert one.startswith("x-")
    assert len(one) == 66
