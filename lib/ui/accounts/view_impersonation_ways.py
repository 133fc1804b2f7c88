"""How the Impersonation tab shows each way's rules, and what its calls answered."""

from collections.abc import Sequence
from typing import Final

import pandas as pd
import streamlit as st

from lib.core.texts import md, undisguised
from lib.runbook.impersonation.attempts import Attempt, differences
from lib.runbook.impersonation.rules import Caller, Person, Rule, Way, barred, rules
from lib.ui.components.outcome import duration, verbatim
from lib.ui.shell.boundary import show_error

_MARKS: Final = {
    True: ":green[:material/check_circle:]",
    False: ":red[:material/cancel:]",
    None: ":gray[:material/help:]",
}
_WORDS: Final = {True: "holds", False: "doesn't hold", None: "only a call tells"}


def way_cards(
    ways: Sequence[Way], person: Person, caller: Caller, attempts: Sequence[Attempt]
) -> None:
    """What must hold for this person, a card for each way; `attempts` are what calls showed."""
    tried = {one.way: one for one in attempts}
    st.markdown("**What must hold**")
    for place, way in zip(st.columns(len(ways), gap="small"), ways, strict=True):
        with place, st.container(border=True, height="stretch", gap="xsmall"):
            found = tried.get(way)
            closed = bool(barred(way, person, caller))
            st.markdown(f"**{md(way)}** {_badge(found, closed=closed)}")
            for rule in rules(way, person, caller):
                st.markdown(_line(rule, worked=found is not None and found.worked))


def _badge(found: Attempt | None, *, closed: bool) -> str:
    if closed:
        return ":red-badge[not possible]"
    if found is None or found.skipped:
        return ":blue-badge[can be tried]" if found is None else ":gray-badge[not tried]"
    return ":green-badge[worked]" if found.worked else ":red-badge[refused]"


def _line(rule: Rule, *, worked: bool) -> str:
    if worked and rule.met is None:
        return f"{_MARKS[True]} {md(rule.text)} :gray[a call showed it]"
    return f"{_MARKS[rule.met]} {md(rule.text)} :gray[{_WORDS[rule.met]}]"


def results(person: Person, attempts: Sequence[Attempt]) -> None:
    """Who answered in each way and what they see, what differs, and what was refused."""
    st.dataframe(
        _frame(attempts),
        hide_index=True,
        height="content",
        placeholder="—",
        alt="The same person asked for in each way: who answered and what the root folder shows.",
    )
    matched = next((one for one in attempts if one.matched), None)
    if matched is not None:
        st.caption(
            f"On Kloudless's side through the account {verbatim(undisguised(matched.account))}; "
            f"the person is matched by {md(matched.matched)}. Who answered is Box's own word, "
            "asked by Kloudless's pass-through call."
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
        said = "Every way shows the same person and the same root folder."
    elif worked:
        said = f"It works: Box names {verbatim(undisguised(_who(worked[0]) or ''))}."
    else:
        return
    st.success(said, icon=":material/check:")


def _frame(attempts: Sequence[Attempt]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "Way": [str(one.way) for one in attempts],
            "Result": [_result(one) for one in attempts],
            "Who answered": [_who(one) for one in attempts],
            "Items in the root": [_items(one) for one in attempts],
            "Status": [one.status for one in attempts],
            "Took": [duration(one.ms) if one.ms else None for one in attempts],
            "Request IDs": [", ".join(one.request_ids) or None for one in attempts],
        }
    )


def _result(one: Attempt) -> str:
    if one.skipped:
        return f"- not tried: {one.skipped}"
    return "✓ worked" if one.error is None else "✗ refused"


def _who(one: Attempt) -> str | None:
    return undisguised(" · ".join(part for part in (one.user_id, one.login) if part)) or None


def _items(one: Attempt) -> str | None:
    return None if one.items is None else f"{one.items}{'+' if one.more else ''}"
