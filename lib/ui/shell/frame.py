"""The frame around every page: who may see what, which profile, which time zone.

`enter()` is the guard. A page gets its profile from there and nowhere else, so a page that is run
in any other way sees nothing that the visitor may not see.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from lib.app import Runtime, start_background
from lib.core.errors import RunbookError
from lib.core.texts import md
from lib.http import Egress
from lib.settings.access import Decision, Reason
from lib.settings.profiles import SANDBOX_KEY, Profile, ProfileKind
from lib.ui.shell import host, notices, theme, upgrading, words
from lib.ui.shell.boundary import show_error
from lib.ui.shell.diagnostics import diagnostics_button
from lib.ui.shell.leaving import leave
from lib.ui.shell.session import Imported, Own, Rehearsed, Visitor, drop, seed, state, value
from lib.ui.shell.session_lifetime import hold

if TYPE_CHECKING:
    from lib.store import EventStore

PROFILE_PARAMETER: Final = "profile"
ZONE_PARAMETER: Final = "tz"
_SWITCHER: Final = "shell.profile"
_UTC: Final = "shell.utc"


@dataclass(frozen=True, slots=True)
class Context:
    """What a page may know about its visitor. `profile` is None where a setting is wrong."""

    runtime: Runtime
    decision: Decision
    profiles: Mapping[str, Profile]
    profile: Profile
    zone: tzinfo
    zone_name: str
    now: datetime

    @property
    def events(self) -> "EventStore":
        """The event store of the profile. Raises RunbookError where this process can't have it."""
        return self.runtime.stores_for(self.profile).events

    @property
    def rehearsing(self) -> bool:
        """Whether the profile is the session's own copy of the sandbox's apps."""
        return self.profile.kind is ProfileKind.SESSION and self.profile.given_by_sandbox

    @property
    def links(self) -> dict[str, str]:
        """The parameters that every link to another page carries; a session profile's key never."""
        found = {} if self.profile.kind is ProfileKind.SESSION else {"profile": self.profile.key}
        if state(Visitor).utc:
            found[ZONE_PARAMETER] = "utc"
        return found


def enter() -> Context:
    """The guard: the runtime, the profiles this visitor may see, and the one they chose.

    Stops the page, with the reason shown, when the settings are wrong or the sandbox is missing.
    """
    runtime = start_background(
        host.load, show_configured=host.show_configured, hosting=host.hosting
    )
    decision = host.decision(runtime.settings)
    if runtime.problem is not None:
        show_error(runtime.problem)
        diagnostics_button(runtime, decision)  # no page comes that has it
        st.stop()
    if runtime.upgrade is not None:
        upgrading.wait(runtime)
        st.stop()
    profiles = _visible(runtime, decision)
    profile = profiles[_chosen(profiles)]
    zone_name, zone = _zone()
    return Context(runtime, decision, profiles, profile, zone, zone_name, datetime.now(UTC))


def frame(context: Context, in_banner: Callable[[], None] = lambda: None) -> None:
    """The logo, the switches in the sidebar, and the banner of the profile's kind.

    `in_banner` draws what belongs to the sandbox's banner below its sentence.
    """
    theme.apply()
    notices.say()
    with st.sidebar:
        _switcher(context)
        _zone_switch()
    _banner(context, in_banner)


def _visible(runtime: Runtime, decision: Decision) -> dict[str, Profile]:
    found: dict[str, Profile] = {}
    if decision.shown:
        found.update(runtime.configured())
    if runtime.needs_sandbox or not found:
        try:
            if runtime.sandbox.url is None:
                with st.spinner(words.STARTING_SANDBOX):
                    found[SANDBOX_KEY] = runtime.sandbox.profile()
            else:
                found[SANDBOX_KEY] = runtime.sandbox.profile()
        except RunbookError as error:
            show_error(error)
            diagnostics_button(runtime, decision)
            st.stop()
    for mine in (state(Own).profile, state(Rehearsed).profile, state(Imported).profile):
        if mine is not None:
            hold(mine.key)
            found[mine.key] = mine
    return found


def choose(key: str) -> None:
    """Make that profile the one in use from the next run on.

    The switcher becomes another widget: what the browser says of the one that it still shows, in a
    run that it asked for before it had the new one, is no choice of anybody.
    """
    visitor = state(Visitor)
    visitor.requested_key = key
    visitor.choices += 1


def _switcher_key() -> str:
    choices = state(Visitor).choices
    return f"{_SWITCHER}.{choices}" if choices else _SWITCHER


def _chosen(profiles: Mapping[str, Profile]) -> str:
    """The key that was chosen, else the address's, else the session's, else the first."""
    visitor = state(Visitor)
    shown = value(_switcher_key())
    if shown is not None:
        visitor.requested_key = None
    asked = st.query_params.get(PROFILE_PARAMETER)
    for key in (visitor.requested_key, shown, asked, visitor.profile_key):
        if key in profiles:
            break
    else:
        key = next(iter(profiles))
    before, visitor.profile_key = visitor.profile_key, str(key)
    if before not in (None, visitor.profile_key):
        _moved(before in profiles, profiles[visitor.profile_key])
    _write_parameter(
        PROFILE_PARAMETER,
        None if profiles[visitor.profile_key].kind is ProfileKind.SESSION else visitor.profile_key,
    )
    return visitor.profile_key


def _moved(could_stay: bool, profile: Profile) -> None:  # noqa: FBT001  # of one caller
    """Another profile is in use: say so if no one chose it, and clear what was the old one's."""
    visitor = state(Visitor)
    visitor.moves += 1
    if not could_stay and visitor.requested_key != profile.key:
        notices.tell(words.profile_in_use(profile.label), icon=":material/swap_horiz:")
    leave()


def _zone() -> tuple[str, tzinfo]:
    visitor = state(Visitor)
    if value(_UTC) is not None:
        visitor.utc = bool(value(_UTC))
    elif st.query_params.get(ZONE_PARAMETER) == "utc":
        visitor.utc = True
    _write_parameter(ZONE_PARAMETER, "utc" if visitor.utc else None)
    name = st.context.timezone
    if visitor.utc or not name:
        return "UTC", UTC
    try:
        return name, ZoneInfo(name)
    except (ValueError, OSError):  # what a client sends; ZoneInfoNotFoundError is a KeyError
        return "UTC", UTC
    except KeyError:
        return "UTC", UTC


def _write_parameter(name: str, text: str | None) -> None:
    if text is None:
        if name in st.query_params:
            del st.query_params[name]
    elif st.query_params.get(name) != text:
        st.query_params[name] = text


def _switcher(context: Context) -> None:
    switcher = _switcher_key()
    if value(switcher) not in context.profiles:
        drop(switcher)
    seed(switcher, context.profile.key)
    st.selectbox(
        words.PROFILE,
        list(context.profiles),
        format_func=lambda key: context.profiles[key].label,
        key=switcher,
        help=context.decision.sentence if context.runtime.settings.profiles else None,
    )


def _zone_switch() -> None:
    seed(_UTC, state(Visitor).utc)
    st.toggle(words.IN_UTC, key=_UTC, help=words.IN_UTC_HELP)


def _banner(context: Context, in_banner: Callable[[], None]) -> None:
    kind = context.profile.kind
    sentences = [words.OWN_SANDBOX if context.rehearsing else words.KINDS[kind]]
    runtime = context.runtime
    if runtime.settings.profiles and (
        not context.decision.shown or context.decision.reason is Reason.OPEN
    ):
        sentences.append(context.decision.sentence)
    if not runtime.owner:
        sentences.append(words.OTHER_PROCESS)
    text = " ".join(sentence for sentence in sentences if sentence)
    if text:
        with st.container(key="banner", gap="xxsmall"):
            st.markdown(text)
            if kind is ProfileKind.SANDBOX or context.rehearsing:
                in_banner()


def heading(title: str, sentence: str) -> DeltaGenerator:
    """A page's title and what it is for; returns the place for its actions, to the right."""
    with st.container(horizontal=True, vertical_alignment="bottom", key="heading"):
        with st.container(width="stretch", gap="xxsmall"):
            st.title(title, anchor=False)
            st.caption(md(sentence))
        return st.container(horizontal=True, width="content")


def may_act(context: Context) -> bool:
    """Whether this visitor may act on the profile: read bodies, replay, change its accounts.

    Everybody may on the sandbox and on what they typed; on what the host configured, only whoever
    may change it.
    """
    return context.profile.kind is not ProfileKind.CONFIGURED or context.decision.may_change


def egress_of(context: Context) -> Egress:
    """What the profile in use may reach."""
    return Egress.for_profile(
        context.profile,
        allowed_hosts=context.runtime.settings.access.allowed_hosts,
        sandbox_url=context.runtime.sandbox.url,
    )
