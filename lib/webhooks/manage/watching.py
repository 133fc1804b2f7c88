"""What one webhook watches, as its subscription says."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Watching:
    """A webhook: what it watches, for which triggers, since when (None is unknown)."""

    webhook_id: str
    target_type: str
    target_id: str
    triggers: frozenset[str]
    since: datetime | None = None
