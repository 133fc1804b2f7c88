"""What the Detections page reads of a profile for one drawing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from lib.app.background.detecting import Detecting
from lib.detections import finding_records
from lib.detections.detection import Detection
from lib.detections.evidence import names_of, shown_name
from lib.detections.finding import Finding
from lib.detections.registry import by_id
from lib.store.ledger.findings import DetectionRun, FindingMute, KeptFinding, muted
from lib.ui.detections import words
from lib.ui.shell.frame import Context

MUTED: Final = "muted"
PERIODS: Final = {
    "24h": timedelta(hours=24),
    "7d": timedelta(days=7),
    "30d": timedelta(days=30),
    "90d": timedelta(days=90),
    "400d": timedelta(days=400),
}


@dataclass(frozen=True, slots=True)
class Shown:
    """A finding as the page shows it."""

    kept: KeptFinding
    finding: Finding
    detection: Detection | None
    mute: FindingMute | None
    who: str

    @property
    def state(self) -> str:
        """What was decided; a mute that holds comes first, unless it is resolved."""
        state = str(self.kept.state)
        return MUTED if self.mute is not None and state != "resolved" else state

    @property
    def title(self) -> str:
        """What it is."""
        return self.detection.title if self.detection else self.kept.detection


@dataclass(frozen=True, slots=True)
class DetectionsView:
    """Everything that one drawing of the page shows of a profile."""

    detecting: Detecting
    run: DetectionRun | None
    found: Sequence[Shown]
    now: datetime


def picture(context: Context) -> DetectionsView:
    """Read what the page shows. Raises RunbookError where this process can't have it."""
    detecting = context.runtime.detecting_for(context.profile)
    key = context.profile.key
    book = detecting.stores.ledger.findings
    kept = book.all(key, context.now - max(PERIODS.values()))
    mutes = book.mutes(key, context.now)
    names = _names(context, kept)
    found = [
        Shown(
            kept=one,
            finding=finding_records.finding_of(one),
            detection=by_id(one.detection),
            mute=muted(mutes, one),
            who=_who(one, names),
        )
        for one in kept
    ]
    return DetectionsView(detecting, book.last_run(key), found, context.now)


def _names(
    context: Context, kept: Sequence[KeptFinding]
) -> Mapping[str, tuple[str | None, str | None]]:
    actors = {one.actor_id for one in kept if one.actor_id}
    if not actors:
        return {}
    since = min(one.since for one in kept)
    return names_of(context.events, context.profile.key, kept[0].source, actors, since)


def _who(kept: KeptFinding, names: Mapping[str, tuple[str | None, str | None]]) -> str:
    if kept.actor_id is None:
        return words.NO_ACTOR
    if kept.actor_id == "2":
        return words.ANONYMOUS
    return shown_name(kept.actor_id, names) or words.user(kept.actor_id)
