"""A filter that finds every value: the busiest are offered, the rest is found by what is typed.

A list of all values would be sent to every browser: a hundred thousand people are twelve megabytes.
So the list has the busiest, and what is typed beyond it is looked up where everything is kept.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import streamlit as st

from lib.activity.queries.value_search import Match, Matches
from lib.core.texts import md, short, undisguised
from lib.ui.components import words
from lib.ui.shell.session import seed, state, value

Find = Callable[[str], Matches]
_LABEL: Final = 60


@dataclass(slots=True)
class Typed:
    """What was typed into which field that isn't in its list, and what that may mean."""

    of: dict[str, Matches] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Field:
    """One filter: its widget, what is chosen and offered, and what happens when that changes.

    `what` names its values in a sentence, one and many. `find` looks up what was typed.
    `all_at_once` offers to choose everything that fits; that row comes first and takes the Enter.
    """

    key: str
    label: str
    what: tuple[str, str]
    chosen: tuple[str, ...]
    offered: Mapping[str, str]
    find: Find
    choose: Callable[[tuple[str, ...]], None]
    most: int
    all_at_once: bool = False
    placeholder: str = "any"


def pick(one: Field) -> None:
    """The field, and above it what was typed into it may mean."""
    reported = state(Typed).of.get(one.key)
    offered, labels = dict(one.offered), dict(one.offered)
    if reported:
        _meant(one, reported)
        if reported.found:  # the list opens by itself after what was typed: these alone are in it
            offered = {match.value: match_label(match) for match in reported.found}
            labels |= offered
    options = list(dict.fromkeys([*one.chosen, *offered]))
    shown = distinct(options, labels)
    seed(one.key, list(one.chosen))
    st.multiselect(
        one.label,
        options,
        key=one.key,
        format_func=lambda text: shown.get(str(text), str(text)),
        on_change=_changed,
        args=(one, frozenset(options)),
        placeholder=one.placeholder,
        max_selections=one.most,
        select_all=one.most if one.all_at_once else False,
        filter_mode="contains",
        accept_new_options=True,
        help=words.busiest(one.what[1]),
    )


def match_label(match: Match) -> str:
    """A value with what distinguishes it from another of the same name."""
    detail = match.detail if match.detail != match.label else None
    return named(match.label, detail)


def named(label: str, detail: Any) -> str:
    """`Anna Müller · anna@acme.test`."""
    first = short(undisguised(label), _LABEL)
    return f"{first} · {short(undisguised(detail), _LABEL)}" if isinstance(detail, str) else first


def distinct(values: Iterable[str], labels: Mapping[str, str]) -> dict[str, str]:
    """The label of each value; those that would be alike have their id too.

    Streamlit finds an option by its label: of two people called alike it would choose the first.
    """
    reported = {one: labels.get(one, one) for one in values}
    often = Counter(label.casefold() for label in reported.values())
    return {
        one: label if often[label.casefold()] == 1 or label == one else words.same_name(label, one)
        for one, label in reported.items()
    }


def forget() -> None:
    """What was typed is looked for no longer."""
    state(Typed).of.clear()


def _changed(one: Field, options: frozenset[str]) -> None:
    chosen = [str(text) for text in value(one.key) or ()]
    typed = [text for text in chosen if text not in options]
    kept = [text for text in chosen if text in options]
    state(Typed).of.pop(one.key, None)
    for text in typed:
        reported = one.find(text)
        if reported.meant is not None:
            kept.append(reported.meant.value)
        else:
            state(Typed).of[one.key] = reported
    one.choose(tuple(dict.fromkeys(kept))[: one.most])


def _meant(one: Field, reported: Matches) -> None:
    """That the typed text means several, which are in the list now; or that it means nothing."""
    single, many = one.what
    if not reported.found:
        st.caption(f":material/search_off: {words.no_match(single, md(reported.text))}")
        return
    listed = len(reported.found)
    meant = words.matches(reported.total, single, many, md(reported.text), listed)
    st.caption(f":material/search: {meant}")
