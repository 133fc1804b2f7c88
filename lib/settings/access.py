"""Who may see configured profiles: locked by default.

The address that the server listens on decides, never anything that a client sends. Where that
address isn't known (another ASGI server bound the socket), the answer is no. Sign-in with
`[access]` comes with its own page; until then a host that configures it stays locked.
"""

import ipaddress
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from lib.settings.profiles import Access

#: Streamlit's words for "we bound the socket ourselves, at server.address".
OWN_SERVER_MODES: Final = frozenset({"starlette-app", "starlette-app-direct", "starlette-managed"})


class Reason(StrEnum):
    """Why configured profiles are shown, or not."""

    LOOPBACK = "loopback"
    OPEN = "open"
    LOCKED = "locked"
    SIGN_IN_MISSING = "sign_in_missing"


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether configured profiles are shown, and a sentence that says why."""

    shown: bool
    reason: Reason
    sentence: str

    @property
    def may_change(self) -> bool:
        """Whether this visitor may change what the host configured, not only see it."""
        return self.reason is Reason.LOOPBACK


_SENTENCES: Final = {
    Reason.LOOPBACK: "Only this machine can reach this server: configured profiles are shown.",
    Reason.OPEN: (
        "Everyone who can open this app sees its configured profiles: access.open is true."
    ),
    Reason.LOCKED: (
        "Configured profiles are hidden: this server listens on an address that "
        "others can reach, and no setting says who may see them. Start it with "
        "--server.address localhost, or set access.open = true if the platform "
        "already limits who can open it."
    ),
    Reason.SIGN_IN_MISSING: (
        "Configured profiles are hidden: [access] names people, and this version "
        "can't sign them in yet."
    ),
}


def decide(access: Access, *, address: str | None, server_mode: str | None) -> Decision:
    """Whether configured profiles may be shown.

    `address` is the option `server.address` (None when unset, which means every address),
    `server_mode` who bound the socket.
    """
    if access.configured:
        reason = Reason.SIGN_IN_MISSING
    elif access.open:
        reason = Reason.OPEN
    elif server_mode in OWN_SERVER_MODES and is_loopback(address):
        reason = Reason.LOOPBACK
    else:
        reason = Reason.LOCKED
    return Decision(reason in {Reason.LOOPBACK, Reason.OPEN}, reason, _SENTENCES[reason])


def is_loopback(address: str | None) -> bool:
    """Whether a listening address can only be reached from this machine."""
    if not address:
        return False
    if address == "localhost":
        return True
    try:
        return ipaddress.ip_address(address.strip("[]")).is_loopback
    except ValueError:
        return False
