"""How the app is reached, as far as the server knows: for the diagnostics file.

Kinds only, no addresses or names: a report may go to anybody.
"""

from dataclasses import dataclass
from enum import StrEnum


class Listening(StrEnum):
    """Which kind of address a server listens on."""

    LOOPBACK = "loopback"
    EVERY_ADDRESS = "every address"
    ONE_ADDRESS = "one address"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Hosting:
    """What a front reports about itself; None is unknown.

    `access` says why configured profiles are shown or not, `server` who bound the socket, `visits`
    how many browser sessions are open.
    """

    listens: Listening = Listening.UNKNOWN
    base_path: bool | None = None
    tls: bool | None = None
    server: str | None = None
    access: str | None = None
    visits: int | None = None
