"""How the Impersonation tab shows the requirements of each way and its results."""

from collections.abc import Sequence
from typing import Final

import pandas as pd
import streamlit as st

from lib.core.texts import md, undisguised
from lib.runbook.impersonation.attempts import Attempt, differences
from lib.runbook.impersonation.rules import Caller, Person, Rule, Way, barred, rules
from lib.ui.accounts import words
from lib.ui.components.outcome import duration, verbatim
from lib.ui.shell.boundary import show_error

_MARKS: Final = {
    True: ":green[:material/check_circle:]",
    False: ":red[:material/cancel:]",
    None: ":gray[:material/help:]",
}


def way_cards(
    ways: Sequence[Way], person: Person, caller: Caller, attempts: Sequence[Attempt]
) -> None:
    """The requirements for this person, one card per way; `attempts` are the test results."""
    tried = {one.way: one for one in attempts}
    st.markdown(words.REQUIREMENTS)
    for place, way in zip(st.columns(len(ways), gap="small"), ways, strict=True):
        with place, st.container(border=True, height="stretch", gap="xsmall"):
            found = tried.get(way)
            closed = bool(barred(way, person, caller))
            st.markdown(f"**{md(way)}** {_badge(found, closed=closed)}")
            for rule in rules(way, person, caller):
                st.markdown(_line(rule, worked=found is not None and found.worked))


def _badge(found: Attempt | None, *, closed: bool) -> str:
    if closed:
        return words.NOT_POSSIBLE
    if found is None or found.skipped:
        return words.CAN_BE_TESTED if found is None else words.NOT_TESTED
    return words.WORKED if found.worked else words.REFUSED


def _line(rule: Rule, *, worked: bool) -> str:
    if worked and rule.met is None:
        return f"{_MARKS[True]} {md(rule.text)} :gray[{words.RULE_CONFIRMED}]"
    return f"{_MARKS[rule.met]} {md(rule.text)} :gray[{words.RULE_STATES[rule.met]}]"


def results(person: Person, attempts: Sequence[Attempt]) -> None:
    """Who answered in each way, what they see, what differs, and what was refused."""
    st.dataframe(
        _frame(attempts),
        hide_index=True,
        height="content",
        placeholder="—",
        alt=words.WAYS_TABLE,
    )
    matched = next((one for one in attempts if one.matched), None)
    if matched is not None:
        st.caption(
            words.matched_through(verbatim(undisguised(matched.account)), md(matched.matched))
        )
    unlike = differences(person, attempts)
    for sentence in unlike:
        st.warning(md(sentence), icon=":material/difference:")
    for one in attempts:
        if one.error is not None:
            st.markdown(f"**{md(one.way)}**")
            show_error(one.error)
    if not unlike:
        _agreement([one for one in attempts if one.worked])


def _agreement(worked: Sequence[Attempt]) -> None:
    if len(worked) > 1:
        said = words.WAYS_AGREE
    elif worked:
        said = words.way_works(verbatim(undisguised(_who(worked[0]) or "")))
    else:
        return
    st.success(said, icon=":material/check:")


def _frame(attempts: Sequence[Attempt]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            words.WAY: [str(one.way) for one in attempts],
            words.RESULT: [_result(one) for one in attempts],
            words.ACTED_AS: [_who(one) for one in attempts],
            words.ROOT_ITEMS: [_items(one) for one in attempts],
            words.STATUS: [one.status for one in attempts],
            words.TOOK: [duration(one.ms) if one.ms else None for one in attempts],
            words.REQUEST_IDS: [", ".join(one.request_ids) or None for one in attempts],
        }
    )


def _result(one: Attempt) -> str:
    if one.skipped:
        return words.cell_not_tested(one.skipped)
    return words.CELL_WORKED if one.error is None else words.CELL_REFUSED


def _who(one: Attempt) -> str | None:
    return undisguised(" · ".join(part for part in (one.user_id, one.login) if part)) or None


def _items(one: Attempt) -> str | None:
    return None if one.items is None else f"{one.items}{'+' if one.more else ''}"
