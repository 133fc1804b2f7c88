"""The controls of the log: the period, the filters, and what a row is."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Final

import streamlit as st

from lib.activity.queries.value_search import Match, Matches
from lib.core.texts import undisguised, when
from lib.ui.components.controls import chip, days_chosen, days_field
from lib.ui.components.filters import picker
from lib.ui.components.filters.picker import Field
from lib.ui.shell.frame import Context
from lib.ui.shell.session import seed, value
from lib.ui.webhooks import words, words_log
from lib.ui.webhooks.filters import (
    CUSTOM,
    FIRST_ONLY,
    KINDS,
    MOST_VALUES,
    PERIODS,
    Bounds,
    LogFilters,
    linkable,
)
from lib.ui.webhooks.state import change, current
from lib.ui.webhooks.view_common import View
from lib.webhooks.log import delivery_values
from lib.webhooks.log.delivery_filter import VERDICTS
from lib.webhooks.receive.refusals import REFUSAL_TEXTS

PICKED: Final = ("trigger", "item", "actor", "webhook", "account", "key")
ANSWERS: Final = (200, 500, *sorted({reported.status for reported in REFUSAL_TEXTS.values()}))
_PERIOD: Final = "webhooks.period"
_RANGE: Final = "webhooks.range"
_KIND: Final = "webhooks.kind"
_VERDICT: Final = "webhooks.verdict"
_ANSWER: Final = "webhooks.answer"
_ROWS: Final = "webhooks.rows"
_ATTEMPT: Final = "webhooks.attempt"
_LEAST: Final = "webhooks.size.least"
_MOST: Final = "webhooks.size.most"


def bar(context: Context, view: View) -> None:
    """The row of controls, and below it the filters in force."""
    requested = view.requested
    with st.container(horizontal=True, vertical_alignment="bottom", key="webhooks.controls"):
        seed(_PERIOD, requested.period)
        st.segmented_control(
            words_log.PERIOD,
            [*PERIODS, CUSTOM] if requested.period == CUSTOM else [*PERIODS],
            key=_PERIOD,
            required=True,
            format_func=words_log.PERIODS.__getitem__,
            on_change=_set_period,
        )
        _filters(context, view)
        rows = (
            words_log.FIRST_ATTEMPTS
            if requested.attempts == FIRST_ONLY
            else words_log.ALL_DELIVERIES
        )
        seed(_ROWS, rows)
        st.segmented_control(
            words_log.ROWS,
            (words_log.ALL_DELIVERIES, words_log.FIRST_ATTEMPTS),
            key=_ROWS,
            required=True,
            format_func=str.capitalize,
            on_change=_set_rows,
            help=words_log.ROWS_HELP,
        )
    _chips(view)


def _filters(context: Context, view: View) -> None:
    requested = view.requested
    with st.popover(
        words_log.filters(requested.filtered),
        icon=":material/filter_list:",
        on_change="rerun",
        key="webhooks.filters",
    ) as box:
        if not box.open:
            picker.forget()
            return
        days_field(context, *requested.bounds(context.now), key=_RANGE, on_change=_set_range)
        _several(
            words_log.SENDER, _KIND, KINDS, requested.kinds, words.KINDS.__getitem__, _set_kinds
        )
        _several(
            words_log.VERDICT, _VERDICT, VERDICTS, requested.verdicts, words.verdict, _set_verdicts
        )
        _several(words_log.STATUS, _ANSWER, ANSWERS, requested.answers, str, _set_answers)
        for name in PICKED:
            _pick(view, name)
        seed(_ATTEMPT, requested.attempts[0] or 1)
        st.number_input(
            words_log.ATTEMPT_LEAST, 1, 50, step=1, key=_ATTEMPT, on_change=_set_attempts
        )
        with st.container(horizontal=True):
            for text, key, now in (
                (words_log.SIZE_LEAST, _LEAST, requested.sizes[0]),
                (words_log.SIZE_MOST, _MOST, requested.sizes[1]),
            ):
                seed(key, now)
                st.number_input(
                    text, 0, 999_999_999, value=None, step=100, key=key, on_change=_set_sizes
                )
        st.caption(words_log.REJECTED_NOTE)


def _several(
    label: str,
    key: str,
    options: Sequence[Any],
    chosen: Sequence[Any],
    shown: Callable[[Any], str],
    set_: Callable[[], None],
) -> None:
    seed(key, list(chosen))
    st.multiselect(
        label, list(options), key=key, format_func=shown, on_change=set_, placeholder=words_log.ANY
    )


def _pick(view: View, name: str) -> None:
    found = names_of(view, name)
    chosen = view.requested.only.get(name, ())
    offered = {
        one: picker.match_label(Match(one, label or one, one, 0))
        for one, label in found.items()
        if linkable(one)
    }
    if not offered and not chosen:
        return
    picker.pick(
        Field(
            key=f"webhooks.only.{name}",
            label=words_log.FIELDS[name],
            what=words_log.FIELD_NOUNS[name],
            chosen=chosen,
            offered=offered,
            find=lambda text: _linkable(
                delivery_values.find(view.stores, view.choice.profile, name, text)
            ),
            choose=lambda new: change(current().with_only(name, new)),
            most=MOST_VALUES,
        )
    )


def _linkable(reported: Matches) -> Matches:
    """Those that a URL can hold, each with its id beside its name."""
    found = tuple(replace(one, detail=one.value) for one in reported.found if linkable(one.value))
    return replace(reported, found=found, total=reported.total - len(reported.found) + len(found))


def names_of(view: View, name: str) -> dict[str, str | None]:
    """The values of a field in the whole period with the names that go with them, most first.

    The chosen ones have theirs too, if any stored delivery holds it.
    """

    def ask() -> dict[str, str | None]:
        wide = LogFilters(view.requested.period, view.requested.start, view.requested.end)
        choice = wide.choice(view.choice.profile, view.now)
        found = {v: label for v, label, _ in delivery_values.values(view.stores, choice, name)}
        missing = [one for one in view.requested.only.get(name, ()) if one not in found]
        return found | delivery_values.known(view.stores, choice.profile, name, missing)

    return view.once(f"names.{name}", ask)


def label_of(found: dict[str, str | None], one: str) -> str:
    """A value with its name, where it has one."""
    name = found.get(one)
    return undisguised(f"{name} ({one})" if name and name != one else one)


# -- chips -----------------------------------------------------------------------------------------


def _chips(view: View) -> None:
    requested = view.requested
    if not requested.filtered and requested.period != CUSTOM:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="hooks.chips"):
        if requested.period == CUSTOM and requested.start and requested.end:
            start, end = (when(instant, view.zone) for instant in (requested.start, requested.end))
            back = requested.changed(period="24h", start=None, end=None)
            _chip(words_log.period_chip(start, end), "period", back)
        for kind in requested.kinds:
            rest = tuple(k for k in requested.kinds if k != kind)
            label = words_log.chip(words_log.SENDER, words.KINDS[kind])
            _chip(label, f"kind.{kind}", requested.changed(kinds=rest))
        for one in requested.verdicts:
            rest = tuple(v for v in requested.verdicts if v != one)
            label = words_log.chip(words_log.VERDICT, words.verdict(one))
            _chip(label, f"v.{one}", requested.changed(verdicts=rest))
        for answer in requested.answers:
            left = tuple(a for a in requested.answers if a != answer)
            label = words_log.chip(words_log.STATUS, str(answer))
            _chip(label, f"answer.{answer}", requested.changed(answers=left))
        for name, values in sorted(requested.only.items()):
            known = names_of(view, name) if name in PICKED else {}
            for one in values:
                rest = tuple(v for v in values if v != one)
                label = words_log.chip(words_log.FIELDS[name], label_of(known, one))
                _chip(label, f"{name}.{one}", requested.with_only(name, rest))
        _bounds_chip(words_log.ATTEMPT, "attempts", requested, requested.attempts)
        _bounds_chip(words_log.SIZE, "sizes", requested, requested.sizes)
        st.button(
            words_log.CLEAR_ALL,
            type="tertiary",
            key="hooks.chip.clear",
            on_click=lambda: change(current().cleared()),
        )


def _bounds_chip(name: str, field: str, requested: LogFilters, bounds: Bounds) -> None:
    if bounds == (None, None):
        return
    label = words_log.chip(name, words_log.bounds(*bounds))
    without = {"attempts": requested.changed(attempts=(None, None))}
    _chip(label, field, without.get(field) or requested.changed(sizes=(None, None)))


def _chip(label: str, key: str, without: LogFilters) -> None:
    chip(label, key=f"hooks.chip.{key}", on_click=change, args=(without,))


# -- callbacks: the URL is the truth, so each reads it again ---------------------------------------


def _set_period() -> None:
    period = str(value(_PERIOD))
    if period != CUSTOM:
        change(current().changed(period=period, start=None, end=None))


def _set_range(context: Context) -> None:
    days = days_chosen(context, _RANGE)
    if days is not None:
        change(current().zoom(*days))


def _set_kinds() -> None:
    change(current().changed(kinds=tuple(value(_KIND) or ())))


def _set_verdicts() -> None:
    change(current().changed(verdicts=tuple(value(_VERDICT) or ())))


def _set_answers() -> None:
    change(current().changed(answers=tuple(value(_ANSWER) or ())))


def _set_rows() -> None:
    bounds = FIRST_ONLY if value(_ROWS) == words_log.FIRST_ATTEMPTS else (None, None)
    change(current().changed(attempts=bounds))


def _set_attempts() -> None:
    least = int(value(_ATTEMPT) or 1)
    change(current().changed(attempts=(least, None) if least > 1 else (None, None)))


def _set_sizes() -> None:
    least, most = value(_LEAST), value(_MOST)
    bounds = (least or None, None if most is None else int(most))
    change(current().changed(sizes=bounds))
