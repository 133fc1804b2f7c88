"""Why only one side has something: a webhook's watch, its age, a gap in reading, a repeat.

Box tries again for two hours, so what is younger than that isn't missing yet. Source: Box developer
documentation, webhooks (limitations, retries).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from lib.webhooks.manage.triggers import ALARMS, FOLDER, has_event, pair
from lib.webhooks.manage.watching import Watching
from lib.webhooks.reconcile.reconciliation import Body, Happened, MissReason, Watched

TRIED_FOR: Final = timedelta(hours=2)
"""For so long Box tries again."""


@dataclass(frozen=True, slots=True)
class MissExplainer:
    """Why webhooks didn't bring an event."""

    watched: Watched
    now: datetime

    def why_missing(self, event: Happened) -> MissReason:
        """The reason for an event that no delivery tells."""
        both = pair(event.type, event.item_type)
        asking = [hook for hook in self.watched.webhooks if hook.triggers & set(both.triggers)]
        over = [hook for hook in asking if self._over(hook, event)]
        bound = [hook for hook in over if hook.triggers & set(both.sure)]
        if bound:
            if all(hook.since is not None and event.at < hook.since for hook in bound):
                return MissReason.BEFORE
            return MissReason.MAY_COME if self.now - event.at < TRIED_FOR else MissReason.MISSED
        if over:
            return MissReason.PERHAPS
        if not self.watched.known:
            return MissReason.UNKNOWN_PLACE
        folders = any(hook.target_type == FOLDER for hook in asking)
        return (
            MissReason.UNKNOWN_PLACE
            if folders and not self._placed(event)
            else MissReason.NOT_WATCHED
        )

    def _over(self, hook: Watching, event: Happened) -> bool:
        if (hook.target_type, hook.target_id) == (event.item_type, event.item_id):
            return True
        return hook.target_type == FOLDER and hook.target_id in self._above(event)

    def _above(self, event: Happened) -> frozenset[str]:
        parent = event.parent_id
        if parent is None:
            return frozenset()
        return self.watched.paths.get(parent, frozenset()) | {parent}

    def _placed(self, event: Happened) -> bool:
        return event.parent_id is not None and event.parent_id in self.watched.paths


Twin = tuple[str | None, str | None, str | None, str | None]


def twin_of(body: Body) -> tuple[Twin, datetime]:
    """What deliveries of one webhook about the same action have in common."""
    one = body.first
    return (one.webhook_id, one.trigger, one.item_id, one.actor_id), one.at


def why_alone(
    body: Body, read: Sequence[tuple[datetime, datetime]], taken: set[tuple[Twin, datetime]]
) -> MissReason:
    """The reason for a body that tells no event of the stream."""
    one = body.first
    if one.trigger in ALARMS:
        return MissReason.ALARM
    if not has_event(one.trigger or ""):
        return MissReason.NO_EVENT
    if twin_of(body) in taken:
        return MissReason.TWICE
    if not any(start <= one.at < end for start, end in read):
        return MissReason.NOT_READ
    return MissReason.NOT_IN_STREAM
