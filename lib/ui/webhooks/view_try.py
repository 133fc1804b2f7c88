"""Signed test deliveries, and on the sandbox generated events."""

from dataclasses import replace

import streamlit as st

from lib.app.practice.emitting import EVENT_TYPES, MOST_ATTEMPTS, SIGNATURES, EmitOrder
from lib.core.errors import RunbookError
from lib.core.texts import md
from lib.settings.profiles import ProfileKind
from lib.ui.components.auditing import record
from lib.ui.shell import host
from lib.ui.shell.boundary import show_error
from lib.ui.shell.frame import Context, may_act
from lib.ui.webhooks import words
from lib.ui.webhooks.actions import kinds_of, summary, try_delivery
from lib.webhooks.receive.receiver import Kind
from lib.webhooks.signing.own_mark import keys_for_marks, own_mark


def control(context: Context) -> None:
    """The buttons beside the page's title."""
    if not may_act(context):
        return
    if context.profile.kind is ProfileKind.SANDBOX:
        with st.popover(
            words.GENERATE_EVENTS,
            icon=":material/bolt:",
            type="primary",
            key="hooks.emit",
            on_change="rerun",
        ) as box:
            if box.open:
                _order(context)
    tests(context)


def tests(context: Context) -> None:
    """A test delivery for each sender that the profile has a key for."""
    for kind in kinds_of(context):
        if st.button(
            words.test_as(kind),
            key=f"hooks.test.{kind}",
            icon=":material/outgoing_mail:",
            help=words.TEST_HELP,
        ):
            _test(context, kind)


def happen(context: Context, order: EmitOrder) -> None:
    """Have the sandbox generate events and deliver them to this app."""
    receiver = host.own_url()
    if receiver is None:
        st.warning(words.OWN_ADDRESS_UNKNOWN, icon=":material/lan:")
        return
    try:
        with st.spinner(words.GENERATING, show_time=True):
            mark = own_mark(keys_for_marks(context.profile))
            done = context.runtime.emitting.emit(replace(order, mark=mark), receiver)
    except RunbookError as error:
        show_error(error)
        return
    good = sum(one is not None and one < 300 for one in done.answers)  # noqa: PLR2004  # 2xx
    record(
        context,
        "sandbox_emit",
        None,
        detail=f"{done.events} events, {len(done.answers)} deliveries",
    )
    st.toast(
        words.generated(done.events, len(done.answers), good),
        icon=":material/bolt:",
    )


def _order(context: Context) -> None:
    st.caption(words.GENERATE_NOTE)
    count = st.number_input(words.EVENT_COUNT, 1, 20, 3, key="hooks.emit.count")
    what = st.selectbox(words.EVENT_TYPE, (words.ANY_TYPE, *EVENT_TYPES), key="hooks.emit.type")
    kinds = st.multiselect(
        words.SENT_AS,
        list(Kind),
        default=[Kind.BOX],
        key="hooks.emit.kinds",
        format_func=words.KINDS.__getitem__,
    )
    attempts = st.number_input(
        words.ATTEMPTS_EACH, 1, MOST_ATTEMPTS, 1, key="hooks.emit.attempts",
        help=words.ATTEMPTS_HELP,
    )  # fmt: skip
    signature = st.selectbox(
        words.SIGNATURE,
        SIGNATURES,
        key="hooks.emit.signature",
        format_func=words.SIGNATURES.__getitem__,
    )
    if st.button(
        words.GENERATE,
        key="hooks.emit.go",
        type="primary",
        icon=":material/bolt:",
        disabled=not kinds,
        width="stretch",
    ):
        happen(
            context,
            EmitOrder(
                count=int(count),
                event_type=None if what == words.ANY_TYPE else what,
                attempts=int(attempts),
                signature=str(signature),
                kinds=tuple(map(str, kinds)),
            ),
        )


def _test(context: Context, kind: Kind) -> None:
    try:
        with st.spinner(words.TESTING):
            outcome = try_delivery(context, kind)
    except RunbookError as error:
        show_error(error)
        return
    st.toast(md(words.tested(summary([outcome]))), icon=":material/outgoing_mail:")
