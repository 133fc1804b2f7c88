"""A selection goes into the address and comes back; what is personal never goes in."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.activity.model.week_hours import HOUR, WeekHour
from lib.ui.components.filters.activity_filters import (
    DRAWN,
    LINKED,
    MAX_VALUES,
    OPENABLE,
    PERIODS,
    STACKS,
    VIEWS,
    Selection,
    parse,
    to_parameters,
)

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
IDS = st.text("abcDEF0123456789_.:-", min_size=1, max_size=20)
VALUES = st.lists(IDS, min_size=1, max_size=4, unique=True).map(tuple)
HOURS = st.sampled_from(("1.00.UTC", "3.14.Europe~Berlin", "7.23.Etc~GMT+5"))
COLUMNS = st.builds(
    lambda ids, hours: ids | ({HOUR: hours} if hours else {}),
    st.dictionaries(st.sampled_from(sorted({*LINKED} - {HOUR})), VALUES, max_size=3),
    st.lists(HOURS, max_size=2, unique=True).map(tuple),
)
TIMES = st.datetimes(datetime(2020, 1, 1), datetime(2027, 1, 1)).map(  # noqa: DTZ001
    lambda instant: instant.replace(microsecond=0, tzinfo=UTC)
)


@st.composite
def selections(draw: st.DrawFn) -> Selection:
    custom = draw(st.booleans())
    start = draw(TIMES) if custom else None
    return Selection(
        period="custom" if custom else draw(st.sampled_from(sorted(PERIODS))),
        start=start,
        end=start + timedelta(hours=draw(st.integers(1, 9000))) if start else None,
        include=draw(COLUMNS),
        exclude=draw(COLUMNS),
        everyone=draw(st.booleans()),
        source=draw(st.sampled_from([None, "box_stream", "kloudless"])),
        stack=draw(st.sampled_from(STACKS)),
        drawn=draw(st.sampled_from(DRAWN)),
        view=draw(st.sampled_from(VIEWS)),
        opened=draw(st.none() | st.tuples(st.sampled_from(OPENABLE), IDS)),
        columns=draw(st.just(()) | VALUES),
        pair=draw(
            st.just(()) | st.tuples(IDS) | st.tuples(IDS, IDS).filter(lambda p: p[0] != p[1])
        ),
        beside=draw(st.none() | TIMES),
    )


@given(selections())
def test_a_selection_survives_its_address(selection: Selection) -> None:
    assert parse(to_parameters(selection)) == selection


@given(
    st.dictionaries(
        st.sampled_from(
            [
                "period",
                "from",
                "to",
                "type",
                "not_actor",
                "source",
                "by",
                "people",
                "item",
                "view",
                "draw",
                "open",
                "pair",
                "beside",
                "columns",
            ]
        ),
        st.text(max_size=60),
    )
)
def test_any_address_gives_a_selection(parameters: dict[str, str]) -> None:
    start, end = parse(parameters).bounds(NOW)
    assert start < end


@pytest.mark.parametrize(
    "instant", ["0001-01-01T00:00:00+23:00", "9999-12-31T23:59:59-23:00", "2026-11-01", "yesterday"]
)
def test_regression_a_time_that_is_none_is_left_out(instant: str) -> None:
    """One beyond the calendar, once it was moved to UTC, was an error of the page."""
    parameters = {"from": instant, "to": "2026-11-02T00:00:00Z", "beside": instant}
    assert parse(parameters) == Selection()


def test_a_relative_period_stays_relative() -> None:
    parameters = to_parameters(Selection(period="30d"))
    assert parameters == {"period": "30d"}
    assert parse(parameters).bounds(NOW) == (NOW - timedelta(days=30), NOW)


def test_the_default_leaves_the_address_empty() -> None:
    assert to_parameters(Selection()) == {}


def test_addresses_and_free_text_never_reach_the_address() -> None:
    selection = Selection(
        include={
            "ip": ("203.0.113.9",),
            "network": ("203.0.113.0/24",),
            "actor": ("ada@acme.example", "42"),
        },
        text="salaries",
    )
    parameters = to_parameters(selection)
    assert parameters == {"actor": "42"}


def test_an_address_can_not_bring_an_ip_filter() -> None:
    assert parse({"ip": "203.0.113.9", "not_ip": "203.0.113.9"}) == Selection()


def test_service_and_app_users_are_hidden_until_everyone_is_asked_for() -> None:
    assert Selection().filters("p", NOW).hide == {"service", "app"}
    assert Selection(everyone=True).filters("p", NOW).hide == frozenset()


def test_keeping_a_value_twice_lets_it_go() -> None:
    once = Selection().keep("type", ["UPLOAD"])
    assert once.include == {"type": ("UPLOAD",)}
    assert once.keep("type", ["UPLOAD"]) == Selection()
    assert once.keep("type", ["DELETE"]).include == {"type": ("DELETE",)}


def test_values_left_out_add_up_and_can_be_taken_back() -> None:
    both = Selection().leave_out("actor", ["1"]).leave_out("actor", ["2"])
    assert both.exclude == {"actor": ("1", "2")}
    assert both.active == [("exclude", "actor", "1"), ("exclude", "actor", "2")]
    assert both.without("exclude", "actor", "1").exclude == {"actor": ("2",)}


def test_a_long_list_is_cut() -> None:
    text = ",".join(str(n) for n in range(1000))
    assert len(parse({"actor": text}).include["actor"]) == MAX_VALUES


def test_a_value_that_was_kept_can_be_left_out_instead_and_back() -> None:
    kept = Selection().with_values("include", "actor", ["1", "2"])
    turned = kept.inverted("include", "actor", "1")
    assert (turned.include, turned.exclude) == ({"actor": ("2",)}, {"actor": ("1",)})
    assert turned.inverted("exclude", "actor", "1").exclude == {}
    again = Selection().keep("type", ["A"]).inverted("include", "type", "A")
    assert again == Selection().leave_out("type", ["A"])


def test_clearing_takes_every_filter_and_keeps_the_view() -> None:
    full = Selection(view="content", drawn="lines", everyone=True, source="import", text="x")
    full = full.keep("type", ["A"]).leave_out("actor", ["1"]).zoom(NOW - timedelta(hours=1), NOW)
    assert full.cleared() == Selection(view="content", drawn="lines", everyone=True)


def test_values_that_nobody_knows_survive_the_address() -> None:
    link = {"type": "A_TYPE_OF_TOMORROW", "not_file_type": "xyz9", "item": "F+a=_~-:1"}
    assert to_parameters(parse(link)) == link


def test_an_hour_of_the_week_keeps_its_zone_in_the_address() -> None:
    cell = WeekHour(3, 14, "America/Argentina/Buenos_Aires")
    kept = Selection().keep(HOUR, [cell.value])
    assert parse(to_parameters(kept)) == kept
    assert str(cell) == "Wed 14:00 to 15:00 (America/Argentina/Buenos_Aires)"
    assert WeekHour(7, 23, "UTC").span == "Sun 23:00 to 00:00"
    for wrong in ("", "8.09.UTC", "1.24.UTC", "1.9.UTC", "1.09.", "1.09.Nowhere", "1.09...~etc"):
        assert parse({HOUR: wrong}).include == {}, wrong
