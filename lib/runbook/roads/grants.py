"""What a road needs for a goal: scopes to tick, switches, rights of a person, requests to support.

The fewest that do it. What the connector guide asks of every Box app behind Kloudless comes on top
there, because nobody can tell whether Kloudless does with less. Sources: the connector guide; Box
developer documentation, scopes, As-User, user access tokens.
"""

from dataclasses import dataclass
from typing import Final

from lib.runbook.goals import GOALS, NEEDS, Goal, Need, Road
from lib.settings.profiles import BoxAuth

APP_AUTH: Final[dict[Road, BoxAuth]] = {
    Road.BOX_JWT: BoxAuth.JWT,
    Road.BOX_CCG: BoxAuth.CCG,
    Road.BOX_OAUTH: BoxAuth.OAUTH,
    Road.KLOUDLESS_OAUTH: BoxAuth.OAUTH,
    Road.KLOUDLESS_JWT: BoxAuth.JWT,
    Road.KLOUDLESS_IMPORT: BoxAuth.JWT,
}
"""How the (first) Box app of each road signs in; it is fixed when the app is made."""

SWITCHES: Final = frozenset({Need.AS_USER, Need.USER_TOKENS})
EXTRAS: Final = frozenset({Need.GCM, Need.QUIET})
"""Needs that can be chosen on top of a goal."""

_GUIDE: Final = frozenset({Need.READ_FILES, Need.WRITE_FILES, Need.USERS, Need.GROUPS})
_GIVES: Final[dict[Need, str]] = {
    Need.READ_FILES: "Read the files and folders that the acting account can reach.",
    Need.WRITE_FILES: "Read and change the files and folders that the acting account can reach.",
    Need.USERS: "List the enterprise's users. The same scope also allows creating, changing and "
    "deleting them.",
    Need.GROUPS: "List groups and their members. The same scope also allows changing them.",
    Need.WEBHOOKS: "Create, change and delete this app's own webhooks.",
    Need.PROPERTIES: "Read the enterprise's event streams: who did what, when and from where.",
    Need.AS_USER: "Call Box as any managed user of the enterprise, with that user's access.",
    Need.USER_TOKENS: "Get an access token for a managed user, with that user's access.",
    Need.GCM: "Access every item that the enterprise owns, without acting as its owner. The app "
    "then can't access content that other enterprises own, and writes content only as a user.",
    Need.QUIET: "Ask Box to send no e-mails about the app's calls. Not for users that it creates, "
    "comments, collaborations, task assignments and changes of a login.",
}
_ON_BEHALF: Final = "Admin can make calls on behalf of Users"


@dataclass(frozen=True, slots=True)
class Grant:
    """One thing to grant: `label` as Box's console names it, `gives` what it allows.

    `scope` is its name in the API, empty for what has none.
    """

    need: Need
    label: str
    gives: str
    scope: str = ""


@dataclass(frozen=True, slots=True)
class Grants:
    """All that a road needs for a goal.

    `ticks` and `switches` are set by the developer, `requests` enabled by Box support. `rights`
    are what the person who signs in needs when that person is a co-admin: an admin has them.
    """

    ticks: tuple[Grant, ...]
    switches: tuple[Grant, ...]
    requests: tuple[Grant, ...]
    rights: tuple[str, ...]

    @property
    def all(self) -> tuple[Grant, ...]:
        """Ticks, switches and requests."""
        return (*self.ticks, *self.switches, *self.requests)


def requested(road: Road, goal: Goal, extras: frozenset[Need] = frozenset()) -> frozenset[Need]:
    """The needs that decide which steps a road has. Also what its checks must prove."""
    needs = set(GOALS[goal].needs | extras)
    if road.is_kloudless:
        needs |= _GUIDE | {Need.PROPERTIES}
        if APP_AUTH[road] is BoxAuth.JWT:
            needs.add(Need.USER_TOKENS)
    if APP_AUTH[road] is BoxAuth.OAUTH:
        needs.discard(Need.USER_TOKENS)
    return frozenset(needs)


def grants_for(road: Road, goal: Goal, extras: frozenset[Need] = frozenset()) -> Grants:
    """The fewest things to grant on a road for a goal, in the order of Box's console."""
    needs = set(requested(road, goal, extras))
    if Need.WRITE_FILES in needs:
        needs.discard(Need.READ_FILES)  # reading and writing are one tick
    if road.is_kloudless:
        # Its notifications come from the app's console, not from the scope for V2 webhooks.
        needs.discard(Need.WEBHOOKS)
    asks = set(EXTRAS)
    if APP_AUTH[road] is BoxAuth.OAUTH:
        asks.add(Need.AS_USER)
    ordered = [need for need in Need if need in needs]
    return Grants(
        ticks=tuple(_grant(n) for n in ordered if n not in asks and n not in SWITCHES),
        switches=tuple(_grant(n) for n in ordered if n in SWITCHES and n not in asks),
        requests=tuple(_asked(n) for n in ordered if n in asks),
        rights=_rights(road, ordered),
    )


def _grant(need: Need) -> Grant:
    spec = NEEDS[need]
    return Grant(need, spec.label, _GIVES[need], spec.scope)


def _asked(need: Need) -> Grant:
    if need is Need.AS_USER:
        return Grant(need, _ON_BEHALF, _GIVES[need])
    return _grant(need)


def _rights(road: Road, needs: list[Need]) -> tuple[str, ...]:
    """A service account has what the scopes say; only who signs in needs rights of their own."""
    signs_in = APP_AUTH[road] is BoxAuth.OAUTH
    found = [NEEDS[n].right for n in needs if NEEDS[n].right and (signs_in or n is Need.QUIET)]
    if signs_in and Need.AS_USER in needs:
        found.append(NEEDS[Need.USERS].right)
    return tuple(dict.fromkeys(found))
