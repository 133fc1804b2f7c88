"""Receiving: where to send to, which key proves what, what was refused, and drills."""

from collections import Counter
from datetime import datetime, timedelta
from typing import Any, Final

import pandas as pd
import streamlit as st

from lib.core.signatures import Key
from lib.core.texts import ago, md, number, plural, when
from lib.settings.profiles import ProfileKind
from lib.store.ledger.deliveries import Drill, DrillMode, KeyUse, Reject, RejectCount
from lib.store.ledger.delivery_records import Arrivals
from lib.ui.components.tables import times
from lib.ui.shell.boundary import WHO, boundary
from lib.ui.shell.frame import Context, may_act
from lib.ui.shell.host import app_url
from lib.ui.shell.session import value
from lib.ui.webhooks import words
from lib.ui.webhooks.actions import drill, kinds_of
from lib.ui.webhooks.view_common import stamp_of
from lib.webhooks.log import figures
from lib.webhooks.log.delivery_filter import Choice
from lib.webhooks.receive.addresses import address
from lib.webhooks.receive.receiver import Kind
from lib.webhooks.receive.refusals import TOLD, Refusal
from lib.webhooks.replay import keys_of
from lib.webhooks.signing.rotation import Advice, State, advice

DAY: Final = timedelta(days=1)
MONTH: Final = timedelta(days=30)
MOST_DRILLED: Final = 50
LONGEST_S: Final = 40
LOOK_S: Final = 2.0
_MARKS: Final = {
    State.SAFE: ":green[:material/check_circle: Safe to rotate]",
    State.FINISH: ":orange[:material/sync_problem: Finish the rotation first]",
    State.NOT_YET: ":orange[:material/warning: Not safe to rotate]",
    State.UNKNOWN: ":gray[:material/help: Not proved]",
}


def receiving_tab(context: Context) -> None:
    """The state of receiving for the profile."""
    arrivals = context.runtime.stores_for(context.profile).ledger.arrivals
    stamp = stamp_of(context, context.now)
    if context.profile.kind is ProfileKind.SESSION:
        st.info(
            "No address leads to a profile of this session: it receives what “Test delivery” and "
            "replays hand to it. To receive from outside, configure the profile on the host.",
            icon=":material/lock:",
        )
    for kind, column in zip(Kind, st.columns(2), strict=True):
        box = column.container(border=True, height="stretch", key=f"receiving.{kind}")
        with box, boundary():
            _sender(context, kind, arrivals)
    with boundary():
        _refused(context, arrivals)
    with boundary():
        _drills(context, arrivals)
    st.fragment(_look, run_every=LOOK_S)(context, (stamp, _running(arrivals, context)))


def _look(context: Context, drawn: tuple[Any, ...]) -> None:
    with boundary():
        arrivals = context.runtime.stores_for(context.profile).ledger.arrivals
        stamp = stamp_of(context, drawn[0].minute)
        if (stamp, _running(arrivals, context)) != drawn:
            st.rerun()


def _running(arrivals: Arrivals, context: Context) -> tuple[tuple[str, int], ...]:
    found = arrivals.drills(context.profile.key)
    return tuple(sorted((one.kind, one.remaining) for one in found))


# -- a sender --------------------------------------------------------------------------------------


def _sender(context: Context, kind: Kind, arrivals: Arrivals) -> None:
    st.markdown(f"#### {words.KINDS[kind]}")
    if context.profile.kind is not ProfileKind.SESSION:
        _address(context, kind)
    _came(context, kind)
    uses = [use for use in arrivals.key_uses(context.profile.key) if use.kind == kind]
    _keys(context, kind, uses)
    if kind is Kind.BOX and context.profile.box is not None:
        _rotation(advice(keys_of(context.profile).known(), uses, context.now))


def _address(context: Context, kind: Kind) -> None:
    found = address(app_url(), kind, context.profile.key)
    if found is None:
        st.caption("Where your browser sees this app isn't known, so its address isn't either.")
        return
    where = "Webhooks, or `POST /webhooks`" if kind is Kind.BOX else "developer portal, Webhooks"
    st.caption(f"Its address, for {words.KINDS[kind]} ({where}):")
    st.code(found.url, language=None, wrap_lines=True)
    if context.profile.kind is ProfileKind.SANDBOX:
        st.caption("The sandbox delivers on this machine, whatever the address outside is.")
        return
    for problem in found.problems:
        st.warning(md(problem).replace("\\`", "`"), icon=":material/public_off:")
    if not found.problems:
        st.caption(
            ":material/public: Nothing speaks against it, as far as this app can tell; a delivery "
            "that arrives is the proof."
        )


def _came(context: Context, kind: Kind) -> None:
    stores = context.runtime.stores_for(context.profile)
    choice = Choice(context.profile.key, context.now - MONTH, context.now + DAY, kinds=(str(kind),))
    found = figures.totals(stores, choice)
    refused = sum(found.refused.values())
    last = (
        "never"
        if found.newest is None
        else f"{when(found.newest, context.zone)} ({ago(found.newest, context.now)})"
    )
    st.markdown(
        f"Last genuine delivery: **{md(last)}**  \n"
        f"In 30 days: **{number(found.kept)}** kept ({number(found.repeated)} repeats), "
        f"**{number(refused)}** refused"
    )


def _keys(context: Context, kind: Kind, uses: list[KeyUse]) -> None:
    by_key = {use.key: use for use in uses}
    if kind is Kind.BOX:
        known = set(keys_of(context.profile).known())
        keys = [Key.PRIMARY, Key.SECONDARY]
    else:
        known = {Key.API_KEY} if Kind.KLOUDLESS in kinds_of(context) else set()
        keys = [Key.API_KEY]
    rows = [by_key.get(key, KeyUse(context.profile.key, kind, key)) for key in keys]
    st.dataframe(
        pd.DataFrame(
            {
                "Key": [words.KEYS[key] for key in keys],
                "Known here": ["yes" if key in known else "no" for key in keys],
                "Proved last": times([row.verified_at for row in rows], context.zone),
                "Times": [row.verified for row in rows],
                "Wrong last": times([row.mismatched_at for row in rows], context.zone),
                "Wrong": [row.mismatched for row in rows],
            }
        ),
        hide_index=True,
        key=f"receiving.keys.{kind}",
        placeholder="never",
        column_config={
            name: st.column_config.DatetimeColumn(format="YYYY-MM-DD HH:mm:ss")
            for name in ("Proved last", "Wrong last")
        },
        alt=f"The keys of {words.KINDS[kind]}: which proved deliveries, and when",
    )


def _rotation(found: Advice) -> None:
    st.markdown(f"{_MARKS[found.state]}  \n{md(found.told)}  \n:gray[What to do] {md(found.fix)}")


# -- refused ---------------------------------------------------------------------------------------


def _refused(context: Context, arrivals: Arrivals) -> None:
    st.header("Refused", anchor=False)
    counts = _counts(context, arrivals)
    if not counts:
        st.caption("Nothing was refused in 30 days.")
        return
    by_reason: Counter[str] = Counter()
    lately: Counter[str] = Counter()
    last: dict[str, datetime] = {}
    for one in counts:
        by_reason[one.reason] += one.times
        last[one.reason] = max(last.get(one.reason, one.minute), one.minute)
        if one.minute >= context.now - DAY:
            lately[one.reason] += one.times
    reasons = [reason for reason, _ in by_reason.most_common()]
    told = [TOLD[Refusal(reason)] for reason in reasons]
    st.dataframe(
        pd.DataFrame(
            {
                "Reason": [words.verdict(reason) for reason in reasons],
                "24 hours": [lately[reason] for reason in reasons],
                "30 days": [by_reason[reason] for reason in reasons],
                "Last": times([last[reason] for reason in reasons], context.zone),
                "Answer": [str(one.status) for one in told],
                "What happened": [one.what for one in told],
                "What to do": [one.fix for one in told],
            }
        ),
        hide_index=True,
        key="receiving.refused",
        height=36 + 34 * len(reasons),
        row_height=34,
        column_config={"Last": st.column_config.DatetimeColumn(format="YYYY-MM-DD HH:mm")},
        alt="Refused requests by reason",
    )
    _last_headers(context, arrivals, reasons)


def _counts(context: Context, arrivals: Arrivals) -> list[RejectCount]:
    """Those of the profile; for who hosts this app, also those that named no known profile."""
    since, until = context.now - MONTH, context.now + DAY
    found = arrivals.reject_counts(context.profile.key, since, until)
    if context.decision.may_change and context.profile.kind is not ProfileKind.SESSION:
        found = [*found, *arrivals.reject_counts("", since, until)]
    return found


def _last_headers(context: Context, arrivals: Arrivals, reasons: list[str]) -> None:
    if not may_act(context):
        st.caption("The last headers are shown to whoever hosts this app.")
        return
    with st.expander(
        "The last headers of a reason", on_change="rerun", key="receiving.last"
    ) as box:
        if not box.open:
            return
        reason = st.selectbox(
            "Reason", reasons, key="receiving.reason", format_func=words.verdict, width=340
        )
        one = _newest(context, arrivals, str(reason))
        if one is None:
            st.caption("Nothing in detail is kept of it any more: 10,000 newer ones came.")
            return
        told = TOLD[Refusal(one.reason)]
        size = "" if one.size is None else f", {one.size:,} bytes"
        st.markdown(
            f"{md(when(one.at, context.zone))}: {md(one.method)} to the address for "
            f"{md(words.KINDS.get(one.kind, one.kind))}{size}, answered with {one.status}.  \n"
            f"{md(told.fix)} :gray[{WHO[told.who]}]"
        )
        lines = "\n".join(f"{name}: {text}" for name, text in one.headers.items())
        st.code(lines or "(none)", language="http", height=220)
        st.caption("Signatures and credentials aren't kept, nor is anything of the body.")


def _newest(context: Context, arrivals: Arrivals, reason: str) -> Reject | None:
    profile = "" if reason == Refusal.UNKNOWN_PROFILE else context.profile.key
    found = arrivals.rejects(profile, reasons=(reason,), limit=1)
    return found[0] if found else None


# -- drills ----------------------------------------------------------------------------------------


def _drills(context: Context, arrivals: Arrivals) -> None:
    st.header("Drill", anchor=False)
    st.caption(
        "Answer the next deliveries with 500, or slowly, to see how the sender tries again. Each "
        "is kept all the same, so nothing is lost. Box gives up an answer after 30 seconds."
    )
    for one in arrivals.drills(context.profile.key):
        _at_hand(context, one)
    if not may_act(context):
        st.caption("Drills of this profile are begun by who hosts this app.")
        return
    kinds = list(Kind)
    with (
        st.form("receiving.drill", border=True),
        st.container(horizontal=True, vertical_alignment="bottom"),
    ):
        st.segmented_control(
            "Deliveries of",
            kinds,
            default=kinds[0],
            required=True,
            key="drill.kind",
            format_func=words.KINDS.__getitem__,
        )
        st.segmented_control(
            "Answer",
            list(DrillMode),
            default=DrillMode.FAIL,
            required=True,
            key="drill.mode",
            format_func={DrillMode.FAIL: "with 500", DrillMode.SLOW: "slowly"}.__getitem__,
        )
        st.number_input("The next", 1, MOST_DRILLED, 3, key="drill.times", width=120)
        st.number_input("Seconds, if slowly", 1, LONGEST_S, 5, key="drill.delay", width=150)
        st.form_submit_button(
            "Begin",
            icon=":material/fire_extinguisher:",
            on_click=_begin,
            args=(context,),
        )


def _at_hand(context: Context, one: Drill) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key=f"drill.{one.kind}"):
        how = "answered with 500" if one.mode is DrillMode.FAIL else f"delayed {one.delay_s:g} s"
        st.markdown(
            f":orange[:material/fire_extinguisher:] **{words.KINDS.get(one.kind, one.kind)}**: "
            f"the next {plural(one.remaining, 'delivery', 'deliveries')} will be {how}.",
            width="content",
        )
        if may_act(context):
            st.button(
                "End it",
                key=f"drill.end.{one.kind}",
                type="tertiary",
                on_click=_end,
                args=(context, one),
            )


def _begin(context: Context) -> None:
    with boundary():
        drill(
            context,
            Kind(str(value("drill.kind", Kind.BOX))),
            DrillMode(str(value("drill.mode", DrillMode.FAIL))),
            int(value("drill.times", 3)),
            float(value("drill.delay", 5)),
        )


def _end(context: Context, one: Drill) -> None:
    with boundary():
        drill(context, Kind(one.kind), one.mode, 0, one.delay_s)
