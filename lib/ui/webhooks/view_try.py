"""Something to see right away: a signed test delivery, and on the sandbox real events."""

from typing import Final

import streamlit as st

from lib.app.practice.emitting import EVENT_TYPES, MOST_ATTEMPTS, SIGNATURES, Order
from lib.core.errors import RunbookError
from lib.core.texts import md, plural
from lib.settings.profiles import ProfileKind
from lib.ui.components.auditing import record
from lib.ui.shell import host
from lib.ui.shell.boundary import show_error
from lib.ui.shell.frame import Context, may_act
from lib.ui.webhooks import words
from lib.ui.webhooks.actions import kinds_of, told, try_delivery
from lib.webhooks.receive.receiver import Kind

_SIGNATURES: Final = {
    "good": "rightly",
    "wrong": "with another key",
    "swapped": "with the two keys exchanged",
    "old": "20 minutes ago",
    "future": "20 minutes ahead",
}
_ANY: Final = "a mix"


def control(context: Context) -> None:
    """The buttons beside the page's title."""
    if not may_act(context):
        return
    if context.profile.kind is ProfileKind.SANDBOX:
        with st.popover(
            "Make something happen",
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
            f"Test delivery as {words.KINDS[kind]}",
            key=f"hooks.test.{kind}",
            icon=":material/outgoing_mail:",
            help="Signs a delivery with this profile's key and has it received here.",
        ):
            _test(context, kind)


def happen(context: Context, order: Order) -> None:
    """Have the sandbox do something and deliver it to this app."""
    receiver = host.own_url()
    if receiver is None:
        st.warning(
            "The sandbox delivers over plain HTTP to this machine, and where this app listens "
            "isn't known to it. A test delivery works all the same.",
            icon=":material/lan:",
        )
        return
    try:
        with st.spinner("It happens, and is delivered…", show_time=True):
            done = context.runtime.emitting.emit(order, receiver)
    except RunbookError as error:
        show_error(error)
        return
    good = sum(one is not None and one < 300 for one in done.answers)  # noqa: PLR2004  # 2xx
    rest = len(done.answers) - good
    record(
        context,
        "sandbox_emit",
        None,
        detail=f"{done.events} events, {len(done.answers)} deliveries",
    )
    st.toast(
        f"{plural(done.events, 'event')} happened; "
        f"{plural(len(done.answers), 'delivery', 'deliveries')} sent: {good} accepted"
        + (f", {rest} refused." if rest else "."),
        icon=":material/bolt:",
    )


def _order(context: Context) -> None:
    st.caption(
        "The sandbox makes events now, and sends their webhooks to this app over HTTP, signed as "
        "Box and Kloudless sign."
    )
    count = st.number_input("How many events", 1, 20, 3, key="hooks.emit.count")
    what = st.selectbox("What happens", (_ANY, *EVENT_TYPES), key="hooks.emit.type")
    kinds = st.multiselect(
        "Delivered as",
        list(Kind),
        default=[Kind.BOX],
        key="hooks.emit.kinds",
        format_func=words.KINDS.__getitem__,
    )
    attempts = st.number_input(
        "Each sent so many times", 1, MOST_ATTEMPTS, 1, key="hooks.emit.attempts",
        help="As Box does when it isn't answered with 2xx.",
    )  # fmt: skip
    signature = st.selectbox(
        "Signed", SIGNATURES, key="hooks.emit.signature", format_func=_SIGNATURES.__getitem__
    )
    if st.button(
        "Make it happen",
        key="hooks.emit.go",
        type="primary",
        icon=":material/bolt:",
        disabled=not kinds,
        width="stretch",
    ):
        happen(
            context,
            Order(
                count=int(count),
                event_type=None if what == _ANY else what,
                attempts=int(attempts),
                signature=str(signature),
                kinds=tuple(map(str, kinds)),
            ),
        )


def _test(context: Context, kind: Kind) -> None:
    try:
        with st.spinner("Signing, sending, receiving…"):
            outcome = try_delivery(context, kind)
    except RunbookError as error:
        show_error(error)
        return
    st.toast(md(f"Test delivery: {told([outcome])}."), icon=":material/outgoing_mail:")
