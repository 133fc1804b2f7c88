"""One Box app, several enterprises: which have authorized it, and who has to act next.

Each enterprise is tested with a token request of its own; Box's answer decides, nothing is guessed.
The admin's step is the one of Box's documentation on authorizing platform apps.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from lib.core.errors import RunbookError, Who

ADMIN_STEP: Final = (
    "Admin Console → Integrations → Platform Apps Manager → Server Authentication Apps → Add App, "
    "then paste the Client ID."
)
MAX_ENTERPRISES: Final = 50


class Standing(StrEnum):
    """Whether an enterprise has authorized the app."""

    AUTHORIZED = "authorized"
    REFUSED = "refused"
    UNKNOWN = "not asked"
    NO_ANSWER = "no answer"


@dataclass(frozen=True, slots=True)
class EnterpriseRow:
    """One enterprise: `turn` is who has to act, empty when nobody has to."""

    enterprise_id: str
    standing: Standing = Standing.UNKNOWN
    name: str = ""
    turn: str = ""
    next_step: str = ""
    said: str = ""
    asked_at: datetime | None = None


def parse_ids(text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Enterprise IDs from a typed list (commas, spaces, lines), and the parts that aren't IDs."""
    parts = [part for part in re.split(r"[\s,;]+", text) if part]
    unique = list(dict.fromkeys(parts))
    good = [p for p in unique if p.isascii() and p.isdigit() and p != "0"]
    bad = [p for p in unique if p not in good]
    return tuple(good[:MAX_ENTERPRISES]), tuple(bad)


def ask(
    enterprise_ids: Sequence[str],
    prove: Callable[[str], str],
    *,
    now: Callable[[], datetime],
    on_progress: Callable[[int, int], object] = lambda _done, _all: None,
) -> tuple[EnterpriseRow, ...]:
    """Ask Box about each enterprise in turn.

    `prove` gets a token for an enterprise and returns the enterprise's name, or raises
    RunbookError. `on_progress` gets how many are done, and how many there are.
    """
    rows = []
    for done, enterprise_id in enumerate(enterprise_ids, start=1):
        rows.append(_one(enterprise_id, prove, now))
        on_progress(done, len(enterprise_ids))
    return tuple(rows)


def _one(
    enterprise_id: str, prove: Callable[[str], str], now: Callable[[], datetime]
) -> EnterpriseRow:
    try:
        name = prove(enterprise_id)
    except RunbookError as error:
        return _refused(enterprise_id, error, now())
    return EnterpriseRow(enterprise_id, Standing.AUTHORIZED, name=name, asked_at=now())


def _refused(enterprise_id: str, error: RunbookError, at: datetime) -> EnterpriseRow:
    status = getattr(error, "status", None)
    code = getattr(error, "code", None) or ""
    description = getattr(error, "description", "")
    return EnterpriseRow(
        enterprise_id,
        Standing.REFUSED if status else Standing.NO_ANSWER,
        turn=turn_words(error.who),
        next_step=error.fix,
        said=" ".join(part for part in (code, description) if part) or error.message,
        asked_at=at,
    )


def turn_words(who: Who) -> str:
    """Who has to act, in words."""
    return {
        Who.YOU: "You",
        Who.DEVELOPER: "The app's developer",
        Who.BOX_ADMIN: "The enterprise's Box admin",
        Who.BOX_SUPPORT: "Box support",
        Who.KLOUDLESS_ADMIN: "The Kloudless admin",
        Who.NETWORK: "Your network's administrator",
        Who.THIS_APP: "This app",
    }[who]


def hand_over(client_id: str, enterprise_id: str) -> str:
    """A message to the enterprise's admin, ready to send."""
    return (
        f"Please authorize our app for your Box enterprise {enterprise_id}.\n"
        f"{ADMIN_STEP}\n"
        f"Client ID: {client_id}\n"
        "If the app is already listed, choose Reauthorize App so that its changes take effect."
    )
