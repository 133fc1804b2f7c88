"""A webhook as the linter sees it, its surroundings, and what a rule says about it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from lib.core.errors import Who

_LONGEST_SHOWN: Final = 80


class Owner(StrEnum):
    """Who owns a webhook."""

    SERVICE = "service"
    PERSON = "person"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Hook:
    """A webhook as it is, or as it is typed: then `id` is empty. Times are UTC."""

    target_type: str = ""
    target_id: str = ""
    address: str = ""
    triggers: tuple[str, ...] = ()
    id: str = ""
    created_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Around:
    """What is known around a webhook.

    `others` are the webhooks of the same app and user, by item (type and id), with their ids.
    `here` are this app's own addresses for webhooks; `last_delivery` is when one of this webhook
    came here (None is never); `records` says that deliveries are known here at all.
    """

    now: datetime
    owner: Owner = Owner.UNKNOWN
    others: tuple[tuple[str, str, str], ...] = ()
    count: int | None = None
    here: tuple[str, ...] = ()
    last_delivery: datetime | None = None
    records: bool = False


@dataclass(frozen=True, slots=True)
class Said:
    """What one rule has to say: what is wrong, how to put it right, and who can."""

    what: str
    fix: str
    who: Who = Who.YOU


def quoted(text: str) -> str:
    """A text of somebody else between quotation marks, cut where it is long."""
    short = text if len(text) <= _LONGEST_SHOWN else text[: _LONGEST_SHOWN - 1] + "…"
    return f"“{short}”"
