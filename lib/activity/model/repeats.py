"""Kloudless tells one action through several accounts: which of their events aren't counted.

A span of such an account is kept as coverage of a filter of its own: `covered` where an admin
account of its organisation was read, `beside` where another account is counted in its place
although nobody knows what both tell.
"""

from dataclasses import dataclass
from typing import Final

from lib.store.spans import Span

COVERED: Final = "covered:"
BESIDE: Final = "beside:"
PERSONAL_TYPES: Final = frozenset({"MASTER_INVITE_ACCEPT", "MASTER_INVITE_REJECT"})
"""What only a person's own stream tells; the enterprise's has no event for it.

Source: Box API reference, event types.
"""


@dataclass(frozen=True, slots=True)
class Uncounted:
    """A span of an account's events that isn't counted; `certain` where an admin account has it."""

    account_id: str
    span: Span
    certain: bool
