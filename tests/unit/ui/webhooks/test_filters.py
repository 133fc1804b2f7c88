"""What the Webhooks page shows, and its form in the address."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.ui.webhooks.filters import PARAMETERS, LogFilters, parse, to_parameters
from lib.webhooks.log.delivery_filter import COLUMNS, VERDICTS
from lib.webhooks.log.figures import By
from lib.webhooks.log.log import DeliveryCursor

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
SAFE = st.from_regex(r"[A-Za-z0-9_.:@\-]{1,40}", fullmatch=True)
BOUND = st.none() | st.integers(0, 999_999_999)
LISTS = st.lists(SAFE, max_size=4, unique=True).map(tuple)


@st.composite
def requested(draw: st.DrawFn) -> LogFilters:
    start = NOW + timedelta(seconds=draw(st.integers(-(10**8), 10**8)))
    custom = draw(st.booleans())
    only = draw(st.dictionaries(st.sampled_from(list(COLUMNS)), LISTS.filter(bool)))
    bounds = st.tuples(BOUND, BOUND)
    return LogFilters(
        period="custom" if custom else draw(st.sampled_from(["1h", "24h", "7d", "30d"])),
        start=start if custom else None,
        end=start + timedelta(hours=1) if custom else None,
        kinds=draw(st.sampled_from([(), ("box",), ("kloudless",), ("box", "kloudless")])),
        verdicts=tuple(draw(st.lists(st.sampled_from(VERDICTS), max_size=3, unique=True))),
        only=only,
        attempts=draw(bounds),
        sizes=draw(bounds),
        answers=tuple(draw(st.lists(st.integers(100, 599), max_size=3, unique=True))),
        by=draw(st.sampled_from(By)),
        before=draw(st.none() | st.builds(DeliveryCursor, st.just(start), st.just("r12"))),
        delivery=draw(st.none() | st.from_regex(r"[0-9a-f]{24}|r[0-9]{1,18}", fullmatch=True)),
    )


@given(requested())
def test_an_address_says_all_of_it_again(one: LogFilters) -> None:
    found = to_parameters(one)
    assert set(found) <= set(PARAMETERS)
    assert parse(found) == one


@given(st.dictionaries(st.sampled_from(PARAMETERS), st.text(max_size=60)))
def test_no_address_is_an_error(parameters: dict[str, str]) -> None:
    found = parse(parameters)
    assert parse(to_parameters(found)) == found
    choice = found.choice("acme", NOW)
    assert choice.since < choice.until
    assert choice.condition().sql.count("?") == len(choice.condition().parameters)


def test_a_click_keeps_and_a_second_one_lets_go() -> None:
    once = LogFilters(delivery="r1", before=DeliveryCursor(NOW, "r2")).keep(
        "trigger", ["FILE.UPLOADED"]
    )
    assert once.only == {"trigger": ("FILE.UPLOADED",)}
    assert (once.delivery, once.before) == (None, None)
    assert once.keep("trigger", ["FILE.UPLOADED"]) == LogFilters()
    assert LogFilters().keep("verdict", ["wrong"]).keep("kind", ["box"]).filtered == 2


@pytest.mark.parametrize(
    "parameters",
    [
        {"from": "2026-11-01T00:00:00Z", "to": "2026-10-01T00:00:00Z"},
        {"from": "0001-01-01T00:00:00+23:00", "to": "2026-11-01T00:00:00Z"},
        {"delivery": "../../x"},
        {"item": "<b>"},
        {"verdict": "nice"},
    ],
)
def test_what_makes_no_sense_is_left_out(parameters: dict[str, str]) -> None:
    assert parse(parameters) == LogFilters()
