"""The form that replays deliveries: target, signature key, result."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import streamlit as st

from lib.core.errors import RunbookError
from lib.core.redaction import Secret
from lib.core.texts import md
from lib.ui.components.fields import code_field, secret_field
from lib.ui.shell.boundary import show_error
from lib.ui.shell.frame import Context
from lib.ui.shell.session import state
from lib.ui.webhooks import words
from lib.ui.webhooks.actions import Outcome, replay, summary
from lib.ui.webhooks.view_common import View
from lib.webhooks.log.log import Logged
from lib.webhooks.replay import MOST, Signing, SignWith, keys_of


@dataclass(slots=True)
class Replays:
    """The results of this session's last replay."""

    done: list[Outcome] = field(default_factory=list)
    of: tuple[str, ...] = ()


def replay_panel(context: Context, view: View, chosen: Sequence[Logged]) -> None:
    """Replay the selected deliveries."""
    if not view.may_act:
        st.caption(words.REPLAY_BY_HOST)
        return
    st.caption(words.REPLAY_NOTE)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        place = st.segmented_control(
            words.REPLAY_TO,
            (words.THIS_APP, words.ANOTHER_ADDRESS),
            default=words.THIS_APP,
            required=True,
            key="hooks.replay.to",
        )
        with_ = st.selectbox(
            words.SIGN_WITH,
            _options(context),
            key="hooks.replay.with",
            format_func=words.SIGN_WITH_KEYS.__getitem__,
        )
    url = None
    if place == words.ANOTHER_ADDRESS:
        url = _address(context)
    typed = None
    if with_ is SignWith.TYPED:
        typed = secret_field(words.KEY, key="hooks.replay.key", help=words.KEY_HELP)
    ready = (place == words.THIS_APP or bool(url)) and (with_ is not SignWith.TYPED or bool(typed))
    few = chosen[:MOST]
    pressed = st.button(
        words.replay(len(few)),
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
        (st.success if good else st.warning)(md(f"{summary(replays.done)}."))


def _act(context: Context, chosen: Sequence[Logged], signing: Signing, url: str | None) -> None:
    replays = state(Replays)
    replays.of, replays.done = tuple(one.id for one in chosen), []
    try:
        with st.spinner(words.replaying(len(chosen)), show_time=True):
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
        st.caption(words.NO_ADDRESS_ALLOWED)
        return ""
    return code_field(
        words.ADDRESS,
        key="hooks.replay.url",
        placeholder=f"https://{allowed[0]}/…",
        help=words.allowed_hosts(", ".join(map(md, allowed))),
    ).strip()
