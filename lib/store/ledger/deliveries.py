"""The values of webhooks that the ledger keeps: deliveries, refusals, uses of keys, drills.

Nothing here reads or writes (`lib.store.ledger.delivery_records` does) and nothing verifies.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

OK: Final = 200
FAILING: Final = 500


class DrillMode(StrEnum):
    """What a drill does to the next deliveries; each of them is kept all the same."""

    FAIL = "fail"
    """Answer 500."""
    SLOW = "slow"
    """Answer only after a while."""


@dataclass(frozen=True, slots=True)
class Drill:
    """An exercise for one profile and kind: the next `remaining` deliveries are answered so."""

    profile: str
    kind: str
    mode: DrillMode
    remaining: int
    delay_s: float
    set_at: datetime


@dataclass(frozen=True, slots=True)
class ReceivedDelivery:
    """A genuine delivery to be kept. `headers` are redacted; times are UTC.

    `body_id` tells a repeat; None for Kloudless, whose deliveries only name an account (None in
    its test request). `sent_at` is when the sender says it sent it.
    """

    id: str
    profile: str
    kind: str
    source: str
    body: bytes
    headers: Mapping[str, str]
    received_at: datetime
    key: str
    body_id: str | None = None
    delivery_id: str | None = None
    account_id: str | None = None
    sent_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of an arrival: its attempt (1 the first time), and how to answer."""

    attempt: int
    answer: int = OK
    delay_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Reject:
    """A request that was refused. `profile` is empty where there is no such profile.

    `id` rises with time; 0 before it is kept. `age_s` is how old it said it was.
    """

    at: datetime
    profile: str
    kind: str
    reason: str
    status: int
    method: str
    size: int | None
    headers: Mapping[str, str]
    age_s: float | None = None
    id: int = 0


@dataclass(frozen=True, slots=True)
class RejectCount:
    """How many requests were refused in a minute."""

    minute: datetime
    profile: str
    kind: str
    reason: str
    times: int


@dataclass(frozen=True, slots=True)
class KeyUse:
    """When a key last proved a delivery, and when a signature for it was last wrong.

    Only genuine deliveries count: with both keys of Box, the other one proved it.
    """

    profile: str
    kind: str
    key: str
    verified_at: datetime | None = None
    verified: int = 0
    mismatched_at: datetime | None = None
    mismatched: int = 0


@dataclass(frozen=True, slots=True)
class SyncRequest:
    """An account whose deliveries ask for a sync; `times` deliveries since `since`."""

    profile: str
    account_id: str
    since: datetime
    last_at: datetime
    times: int


@dataclass(slots=True)
class Notes:
    """What is counted in passing and written now and then: refusals and uses of keys."""

    counts: Counter[tuple[datetime, str, str, str]] = field(default_factory=Counter)
    rejects: list[Reject] = field(default_factory=list)
    uses: dict[tuple[str, str, str], KeyUse] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.counts or self.rejects or self.uses)

    def used(self, profile: str, kind: str, key: str, at: datetime, *, right: bool) -> None:
        """Count a use of a key, and whether the signature made with it was right."""
        name = (profile, kind, key)
        was = self.uses.get(name) or KeyUse(*name)
        if right:
            now = KeyUse(*name, at, was.verified + 1, was.mismatched_at, was.mismatched)
        else:
            now = KeyUse(*name, was.verified_at, was.verified, at, was.mismatched + 1)
        self.uses[name] = now
