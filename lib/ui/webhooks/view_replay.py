"""The form that replays deliveries: where to, signed with which key, and how it went."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import streamlit as st

from lib.core.errors import RunbookError
from lib.core.redaction import Secret
from lib.core.texts import md, plural
from lib.ui.components.fields import code_field, secret_field
from lib.ui.shell.boundary import show_error
from lib.ui.shell.frame import Context
from lib.ui.shell.session import state
from lib.ui.webhooks.actions import Outcome, replay, told
from lib.ui.webhooks.view_common import View
from lib.webhooks.log.log import Logged
from lib.webhooks.replay import MOST, Signing, SignWith, keys_of

_HERE, _THERE = "into the pipeline here", "to another address"
_WORDS: Final = {
    SignWith.ALL: "all keys of the profile",
    SignWith.PRIMARY: "the primary key",
    SignWith.SECONDARY: "the secondary key",
    SignWith.TYPED: "a key that you type",
}


@dataclass(slots=True)
class Replays:
    """How the last replay of this session went."""

    done: list[Outcome] = field(default_factory=list)
    of: tuple[str, ...] = ()


def replay_panel(context: Context, view: View, chosen: Sequence[Logged]) -> None:
    """Replay what was chosen."""
    if not view.may_act:
        st.caption("Deliveries of this profile are replayed by who hosts this app.")
        return
    st.caption(
        "The body goes out under a new delivery id and is signed for now. Here it counts as a "
        "repeat: its body id is known, so no activity is counted twice."
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        place = st.segmented_control(
            "Replay", (_HERE, _THERE), default=_HERE, required=True, key="hooks.replay.to"
        )
        with_ = st.selectbox(
            "Signed with",
            _options(context),
            key="hooks.replay.with",
            format_func=_WORDS.__getitem__,
        )
    url = None
    if place == _THERE:
        url = _address(context)
    typed = None
    if with_ is SignWith.TYPED:
        typed = secret_field("Key", key="hooks.replay.key", help="Stays in this session's memory.")
    ready = (place == _HERE or bool(url)) and (with_ is not SignWith.TYPED or bool(typed))
    few = chosen[:MOST]
    pressed = st.button(
        f"Replay {plural(len(few), 'delivery', 'deliveries')}",
        key="hooks.replay.go",
        icon=":material/replay:",
        type="primary",
        disabled=not ready,
    )
    replays = state(Replays)
    if pressed:
        _act(context, few, Signing(with_ or SignWith.ALL, Secret.of(typed)), url)
    if replays.done and replays.of == tuple(one.id for one in few):
        good = all(one.ok for one in replays.done)
        (st.success if good else st.warning)(md(f"{told(replays.done)}."))


def _act(context: Context, chosen: Sequence[Logged], signing: Signing, url: str | None) -> None:
    replays = state(Replays)
    replays.of, replays.done = tuple(one.id for one in chosen), []
    try:
        with st.spinner(f"Replaying {len(chosen)}…", show_time=True):
            replays.done = replay(context, chosen, signing, url)
    except RunbookError as error:
        show_error(error)


def _options(context: Context) -> list[SignWith]:
    known = keys_of(context.profile).known()
    found: list[SignWith] = [SignWith.ALL]
    found += [one for one in (SignWith.PRIMARY, SignWith.SECONDARY) if str(one) in set(known)]
    return [*found, SignWith.TYPED]


def _address(context: Context) -> str:
    allowed = context.runtime.settings.access.allowed_hosts
    if not allowed:
        st.caption(
            "Nobody allowed an address: whoever hosts this app lists hosts in "
            "`access.allowed_hosts`."
        )
        return ""
    return code_field(
        "Address",
        key="hooks.replay.url",
        placeholder=f"https://{allowed[0]}/…",
        help=f"https, at a host that was allowed: {', '.join(map(md, allowed))}",
    ).strip()
