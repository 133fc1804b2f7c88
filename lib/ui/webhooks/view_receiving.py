"""The tab Receiving: addresses, keys, rejected requests, and drills."""

from collections import Counter
from datetime import datetime, timedelta
from typing import Any, Final

import pandas as pd
import streamlit as st

from lib.core.signatures import Key
from lib.core.texts import ago, md, when
from lib.settings.profiles import ProfileKind
from lib.store.ledger.deliveries import Drill, DrillMode, KeyUse, Reject, RejectCount
from lib.store.ledger.delivery_records import DeliveryRecords
from lib.ui.components.tables import times
from lib.ui.shell.boundary import WHO, boundary
from lib.ui.shell.frame import Context, may_act
from lib.ui.shell.host import app_url
from lib.ui.shell.session import value
from lib.ui.webhooks import words, words_receiving
from lib.ui.webhooks.actions import drill, kinds_of
from lib.ui.webhooks.view_common import stamp_of
from lib.webhooks.log import figures
from lib.webhooks.log.delivery_filter import Choice
from lib.webhooks.receive.addresses import address
from lib.webhooks.receive.receiver import Kind
from lib.webhooks.receive.refusals import REFUSAL_TEXTS, Refusal
from lib.webhooks.replay import keys_of
from lib.webhooks.signing.rotation import Advice, advice

DAY: Final = timedelta(days=1)
MONTH: Final = timedelta(days=30)
MOST_DRILLED: Final = 50
LONGEST_S: Final = 40
LOOK_S: Final = 2.0


def receiving_tab(context: Context) -> None:
    """The state of receiving for the profile."""
    deliveries = context.runtime.stores_for(context.profile).ledger.deliveries
    stamp = stamp_of(context, context.now)
    if context.profile.kind is ProfileKind.SESSION:
        st.info(words_receiving.SESSION_NOTE, icon=":material/lock:")
    for kind, column in zip(Kind, st.columns(2), strict=True):
        box = column.container(border=True, height="stretch", key=f"receiving.{kind}")
        with box, boundary():
            _sender(context, kind, deliveries)
    with boundary():
        _refused(context, deliveries)
    with boundary():
        _drills(context, deliveries)
    st.fragment(_look, run_every=LOOK_S)(context, (stamp, _running(deliveries, context)))


def _look(context: Context, drawn: tuple[Any, ...]) -> None:
    with boundary():
        deliveries = context.runtime.stores_for(context.profile).ledger.deliveries
        stamp = stamp_of(context, drawn[0].minute)
        if (stamp, _running(deliveries, context)) != drawn:
            st.rerun()


def _running(deliveries: DeliveryRecords, context: Context) -> tuple[tuple[str, int], ...]:
    found = deliveries.drills(context.profile.key)
    return tuple(sorted((one.kind, one.remaining) for one in found))


# -- a sender --------------------------------------------------------------------------------------


def _sender(context: Context, kind: Kind, deliveries: DeliveryRecords) -> None:
    st.markdown(f"#### {words.KINDS[kind]}")
    if context.profile.kind is not ProfileKind.SESSION:
        _address(context, kind)
    _came(context, kind)
    uses = [use for use in deliveries.key_uses(context.profile.key) if use.kind == kind]
    _keys(context, kind, uses)
    if kind is Kind.BOX and context.profile.box is not None:
        _rotation(advice(keys_of(context.profile).known(), uses, context.now))


def _address(context: Context, kind: Kind) -> None:
    found = address(app_url(), kind, context.profile.key)
    if found is None:
        st.caption(words_receiving.ADDRESS_UNKNOWN)
        return
    st.caption(words_receiving.address_of(kind))
    st.code(found.url, language=None, wrap_lines=True)
    if context.profile.kind is ProfileKind.SANDBOX:
        st.caption(words_receiving.SANDBOX_ADDRESS)
        return
    for problem in found.problems:
        st.warning(md(problem).replace("\\`", "`"), icon=":material/public_off:")
    if not found.problems:
        st.caption(words_receiving.ADDRESS_WELL)


def _came(context: Context, kind: Kind) -> None:
    stores = context.runtime.stores_for(context.profile)
    choice = Choice(context.profile.key, context.now - MONTH, context.now + DAY, kinds=(str(kind),))
    found = figures.totals(stores, choice)
    refused = sum(found.refused.values())
    last = (
        words_receiving.NEVER
        if found.newest is None
        else words_receiving.last_at(
            when(found.newest, context.zone), ago(found.newest, context.now)
        )
    )
    st.markdown(words_receiving.came(md(last), found.kept, found.repeated, refused))


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
                words_receiving.KEY: [words.KEYS[key] for key in keys],
                words_receiving.KNOWN: [
                    words_receiving.YES if key in known else words_receiving.NO for key in keys
                ],
                words_receiving.VERIFIED_LAST: times(
                    [row.verified_at for row in rows], context.zone
                ),
                words_receiving.VERIFIED: [row.verified for row in rows],
                words_receiving.MISMATCHED_LAST: times(
                    [row.mismatched_at for row in rows], context.zone
                ),
                words_receiving.MISMATCHED: [row.mismatched for row in rows],
            }
        ),
        hide_index=True,
        key=f"receiving.keys.{kind}",
        placeholder=words_receiving.NEVER,
        column_config={
            name: st.column_config.DatetimeColumn(format="YYYY-MM-DD HH:mm:ss")
            for name in (words_receiving.VERIFIED_LAST, words_receiving.MISMATCHED_LAST)
        },
        alt=words_receiving.keys_alt(kind),
    )


def _rotation(found: Advice) -> None:
    mark = words_receiving.ROTATION[found.state]
    st.markdown(words_receiving.rotation(mark, md(found.reported), md(found.fix)))


# -- rejected requests -----------------------------------------------------------------------------


def _refused(context: Context, deliveries: DeliveryRecords) -> None:
    st.header(words_receiving.REJECTED, anchor=False)
    counts = _counts(context, deliveries)
    if not counts:
        st.caption(words_receiving.NOTHING_REJECTED)
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
    reported = [REFUSAL_TEXTS[Refusal(reason)] for reason in reasons]
    st.dataframe(
        pd.DataFrame(
            {
                words_receiving.REASON: [words.verdict(reason) for reason in reasons],
                words_receiving.LAST_DAY: [lately[reason] for reason in reasons],
                words_receiving.LAST_MONTH: [by_reason[reason] for reason in reasons],
                words_receiving.LAST: times([last[reason] for reason in reasons], context.zone),
                words_receiving.STATUS: [str(one.status) for one in reported],
                words_receiving.WHAT: [one.what for one in reported],
                words_receiving.FIX: [one.fix for one in reported],
            }
        ),
        hide_index=True,
        key="receiving.refused",
        height=36 + 34 * len(reasons),
        row_height=34,
        column_config={
            words_receiving.LAST: st.column_config.DatetimeColumn(format="YYYY-MM-DD HH:mm")
        },
        alt=words_receiving.REJECTED_ALT,
    )
    _last_headers(context, deliveries, reasons)


def _counts(context: Context, deliveries: DeliveryRecords) -> list[RejectCount]:
    """Those of the profile; for the host of this app, also those that named no known profile."""
    since, until = context.now - MONTH, context.now + DAY
    found = deliveries.reject_counts(context.profile.key, since, until)
    if context.decision.may_change and context.profile.kind is not ProfileKind.SESSION:
        found = [*found, *deliveries.reject_counts("", since, until)]
    return found


def _last_headers(context: Context, deliveries: DeliveryRecords, reasons: list[str]) -> None:
    if not may_act(context):
        st.caption(words_receiving.HEADERS_BY_HOST)
        return
    with st.expander(words_receiving.LAST_HEADERS, on_change="rerun", key="receiving.last") as box:
        if not box.open:
            return
        reason = st.selectbox(
            words_receiving.REASON,
            reasons,
            key="receiving.reason",
            format_func=words.verdict,
            width=340,
        )
        one = _newest(context, deliveries, str(reason))
        if one is None:
            st.caption(words_receiving.DETAILS_GONE)
            return
        reported = REFUSAL_TEXTS[Refusal(one.reason)]
        what = words_receiving.last_request(
            md(when(one.at, context.zone)),
            md(one.method),
            md(words.KINDS.get(one.kind, one.kind)),
            words_receiving.size(one.size),
            one.status,
        )
        st.markdown(f"{what}  \n{md(reported.fix)} :gray[{WHO[reported.who]}]")
        lines = "\n".join(f"{name}: {text}" for name, text in one.headers.items())
        st.code(lines or words_receiving.NO_HEADERS, language="http", height=220)
        st.caption(words_receiving.HEADERS_NOTE)


def _newest(context: Context, deliveries: DeliveryRecords, reason: str) -> Reject | None:
    profile = "" if reason == Refusal.UNKNOWN_PROFILE else context.profile.key
    found = deliveries.rejects(profile, reasons=(reason,), limit=1)
    return found[0] if found else None


# -- drills ----------------------------------------------------------------------------------------


def _drills(context: Context, deliveries: DeliveryRecords) -> None:
    st.header(words_receiving.DRILL, anchor=False)
    st.caption(words_receiving.DRILL_NOTE)
    for one in deliveries.drills(context.profile.key):
        _drill(context, one)
    if not may_act(context):
        st.caption(words_receiving.DRILLS_BY_HOST)
        return
    kinds = list(Kind)
    with (
        st.form("receiving.drill", border=True),
        st.container(horizontal=True, vertical_alignment="bottom"),
    ):
        st.segmented_control(
            words_receiving.DELIVERIES_OF,
            kinds,
            default=kinds[0],
            required=True,
            key="drill.kind",
            format_func=words.KINDS.__getitem__,
        )
        st.segmented_control(
            words_receiving.RESPONSE,
            list(DrillMode),
            default=DrillMode.FAIL,
            required=True,
            key="drill.mode",
            format_func=words_receiving.RESPONSES.__getitem__,
        )
        st.number_input(words_receiving.COUNT, 1, MOST_DRILLED, 3, key="drill.times", width=120)
        st.number_input(words_receiving.DELAY, 1, LONGEST_S, 5, key="drill.delay", width=200)
        st.form_submit_button(
            words_receiving.START,
            icon=":material/fire_extinguisher:",
            on_click=_begin,
            args=(context,),
        )


def _drill(context: Context, one: Drill) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key=f"drill.{one.kind}"):
        text = words_receiving.running(one.kind, one.mode, one.remaining, one.delay_s)
        st.markdown(text, width="content")
        if may_act(context):
            st.button(
                words_receiving.STOP,
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
