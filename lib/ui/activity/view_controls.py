"""The controls of the Activity page: period, filters, what a click does, and display."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

import streamlit as st

from lib.activity.model.source import Source
from lib.activity.model.week_hours import HOUR, WeekHour
from lib.activity.queries import source_of_record
from lib.store import EventStore
from lib.ui.activity import value_picker, view_find, view_saved, words
from lib.ui.components.controls import chip, days_chosen, days_field
from lib.ui.components.fields import words_field
from lib.ui.components.filters import activity_selection, picker
from lib.ui.components.filters.activity_filters import CUSTOM, DRAWN, PERIODS, STACKS, Selection
from lib.ui.shell.frame import Context
from lib.ui.shell.session import Visitor, seed, state, value

_VIEW: Final = "activity.view"
_DRAWN: Final = "activity.drawn"
_REFRESH: Final = "activity.refresh"
_PERIOD: Final = "activity.period"
_PEOPLE: Final = "activity.people"
_CLICK: Final = "activity.click"
_STACK: Final = "activity.stack"
_TEXT: Final = "activity.text"
_SOURCE: Final = "activity.source"
_RANGE: Final = "activity.range"
CHIPS: Final = 12


def bar(context: Context, events: EventStore, chosen: Selection) -> None:
    """The row of controls above the charts."""
    with st.container(horizontal=True, vertical_alignment="bottom", key="controls"):
        seed(_VIEW, chosen.view)
        st.segmented_control(
            words.VIEW,
            list(words.VIEWS),
            key=_VIEW,
            required=True,
            format_func=words.VIEWS.__getitem__,
            on_change=_set,
            args=(_VIEW, "view"),
        )
        _period(chosen)
        view_find.control(context, events, chosen)
        _filters(context, events, chosen)
        _display(chosen)
        view_saved.control(context, chosen)
        seed(_CLICK, state(Visitor).click)
        st.segmented_control(
            words.ON_CLICK,
            list(words.CLICKS),
            key=_CLICK,
            required=True,
            format_func=words.CLICKS.__getitem__,
            on_change=_set_click,
            help=words.CLICK_HELP,
        )
    _chips(events, context, chosen)


def _display(chosen: Selection) -> None:
    with st.popover(words.DISPLAY, icon=":material/tune:", key="display"):
        seed(_STACK, chosen.stack)
        st.segmented_control(
            words.STACK_BY,
            STACKS,
            key=_STACK,
            required=True,
            format_func=words.NAMES.__getitem__,
            on_change=_set,
            args=(_STACK, "stack"),
        )
        seed(_DRAWN, chosen.drawn)
        st.segmented_control(
            words.OVER_TIME_AS,
            DRAWN,
            key=_DRAWN,
            required=True,
            format_func=words.DRAWN.__getitem__,
            on_change=_set,
            args=(_DRAWN, "drawn"),
        )
        seed(_REFRESH, state(Visitor).refresh_s)
        st.segmented_control(
            words.REFRESH,
            list(words.REFRESHES),
            key=_REFRESH,
            required=True,
            format_func=words.REFRESHES.__getitem__,
            on_change=_set_refresh,
            help=words.REFRESH_HELP,
        )


def people_toggle(chosen: Selection, hidden: int) -> None:
    """Service and app users, one toggle away, with how many events hide behind it."""
    seed(_PEOPLE, chosen.everyone)
    st.toggle(words.people_toggle(hidden), key=_PEOPLE, on_change=_set_people)


def _period(chosen: Selection) -> None:
    seed(_PERIOD, chosen.period)
    whole = activity_selection.imported_times() is not None
    options = [*PERIODS, CUSTOM] if chosen.period == CUSTOM or whole else [*PERIODS]
    labels = words.PERIODS | (
        {CUSTOM: words.ALL_IMPORTED} if whole and not activity_selection.zoomed(chosen) else {}
    )
    st.segmented_control(
        words.PERIOD,
        options,
        key=_PERIOD,
        required=True,
        format_func=labels.__getitem__,
        on_change=_set_period,
    )


def _filters(context: Context, events: EventStore, chosen: Selection) -> None:
    count = len(chosen.active) + bool(chosen.text) + bool(chosen.source)
    with st.popover(
        words.filters_button(count),
        icon=":material/filter_list:",
        on_change="rerun",
        key="filters",
    ) as box:
        if not box.open:
            picker.forget()
            return
        days_field(context, *chosen.bounds(context.now), key=_RANGE, on_change=_set_range)
        value_picker.pickers(context, events, chosen)
        existing = [facts.source for facts in source_of_record.sources(events, context.profile.key)]
        _source(existing, chosen)
        seed(_TEXT, chosen.text)
        words_field(
            words.TEXT,
            key=_TEXT,
            on_change=_set_text,
            max_chars=100,
            help=words.TEXT_HELP,
        )


def _source(existing: Sequence[str], chosen: Selection) -> None:
    options = ["", *(s for s in Source if s in existing or s == chosen.source)]
    seed(_SOURCE, chosen.source or "")
    st.selectbox(
        words.SOURCE,
        options,
        key=_SOURCE,
        format_func=lambda source: str(source) or words.SOURCE_OF_RECORD,
        on_change=_set_source,
        help=words.SOURCE_HELP,
    )


def _chips(events: EventStore, context: Context, chosen: Selection) -> None:
    active = chosen.active
    zoomed = activity_selection.zoomed(chosen)
    if not active and not chosen.text and not zoomed and chosen.source is None:
        return
    with st.container(horizontal=True, vertical_alignment="center", key="chips", gap="small"):
        if zoomed and chosen.start and chosen.end:
            shown = words.period_chip(chosen.start, chosen.end, context.zone)
            _chip(shown, "period", lambda: activity_selection.unzoomed(chosen))
        named, hours = _hours(chosen)
        labels = _labels(events, context, named) | hours
        for which, name, text in active[:CHIPS]:
            _chip(
                words.chip(name, which, labels.get((name, text), text)),
                f"{which}.{name}.{text}",
                lambda w=which, n=name, t=text: chosen.without(w, n, t),  # type: ignore[misc]
            )
            st.button(
                words.TURN[which],
                key=f"turn.{which}.{name}.{text}",
                type="tertiary",
                on_click=_turn,
                args=(which, name, text),
                help=words.TURN_HELP[which],
            )
        if len(active) > CHIPS:
            st.caption(words.more_chips(len(active) - CHIPS))
        if chosen.text:
            _chip(words.text_chip(chosen.text), "text", lambda: replace(chosen, text=""))
        if chosen.source:
            _chip(words.source_chip(chosen.source), "source", lambda: replace(chosen, source=None))
        st.button(
            words.CLEAR_ALL,
            type="tertiary",
            key="chip.clear",
            on_click=activity_selection.clear,
        )
    if activity_selection.unlinked(chosen):
        st.caption(words.UNLINKED)


def _chip(label: str, key: str, change: Callable[[], Selection]) -> None:
    chip(label, key=f"chip.{key}", on_click=lambda: activity_selection.change(change()))


def _labels(events: EventStore, context: Context, chosen: Selection) -> dict[tuple[str, str], str]:
    """Names for the ids in force, as the events of this profile know them."""
    found: dict[tuple[str, str], str] = {}
    filters = chosen.filters(context.profile.key, context.now)
    for name in {name for _, name, _ in chosen.active}:
        values = (*chosen.include.get(name, ()), *chosen.exclude.get(name, ()))
        reported = value_picker.called(events, filters, name, values)
        found |= {(name, one): label for one, label in reported.items()}
    return found


def _hours(chosen: Selection) -> tuple[Selection, dict[tuple[str, str], str]]:
    """The choice without its hours of the week, which no event knows by name, and their words."""
    words = {
        (HOUR, one): str(WeekHour.parse(one)) for _, name, one in chosen.active if name == HOUR
    }
    rest = chosen.with_values("include", HOUR, ()).with_values("exclude", HOUR, ())
    return rest, words


# -- callbacks: the address is the truth, so each reads it anew ------------------------------------


def _set_period() -> None:
    period, times = str(value(_PERIOD)), activity_selection.imported_times()
    if period != CUSTOM:
        activity_selection.change(
            replace(activity_selection.current(), period=period, start=None, end=None)
        )
    elif times is not None:
        activity_selection.change(activity_selection.current().zoom(*times))


def _set(key: str, name: str) -> None:
    activity_selection.change(replace(activity_selection.current(), **{name: value(key)}))


def _turn(which: str, name: str, text: str) -> None:
    activity_selection.change(activity_selection.current().inverted(which, name, text))


def _set_click() -> None:
    state(Visitor).click = str(value(_CLICK))


def _set_refresh() -> None:
    state(Visitor).refresh_s = int(value(_REFRESH) or 0)


def _set_people() -> None:
    activity_selection.change(replace(activity_selection.current(), everyone=bool(value(_PEOPLE))))


def _set_text() -> None:
    activity_selection.change(
        replace(activity_selection.current(), text=str(value(_TEXT) or "").strip())
    )


def _set_source() -> None:
    activity_selection.change(replace(activity_selection.current(), source=value(_SOURCE) or None))


def _set_range(context: Context) -> None:
    days = days_chosen(context, _RANGE)
    if days is not None:
        start, end = days
        activity_selection.change(
            activity_selection.current().zoom(start, min(end, datetime.now(UTC)))
        )
