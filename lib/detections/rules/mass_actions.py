"""Mass actions by one account: downloads, deletions, permission changes.

Each is counted in sliding windows and compared with a fixed number and the account's own median
day, so that a team that always downloads a lot isn't reported every morning. Service accounts and
apps copy archives as their work: they have a limit of their own.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any, Final

from lib.activity.queries import content
from lib.detections.detection import Detection, DetectionContext
from lib.detections.finding import Attack, Confidence, Finding, Severity
from lib.detections.windows import Burst, Episode, Window, episodes
from lib.store.events import dialect

HOUR: Final = timedelta(hours=1)
DAY: Final = timedelta(days=1)
_FAR_OVER: Final = 3.0
_DAYS_OF_HISTORY: Final = 5
PEOPLE: Final = "actor_kind NOT IN ('service', 'app', 'anonymous')"
ROLE: Final = dialect.json_text("raw", "$.additional_details.role")


@dataclass(frozen=True, slots=True)
class Bulk:
    """When one account does too much: in an hour, in a day; the factors are of its median day."""

    in_an_hour: int
    of_usual_in_an_hour: float
    in_a_day: int
    of_usual_in_a_day: float

    @property
    def windows(self) -> tuple[Window, ...]:
        """The two sliding windows."""
        return (
            Window(HOUR, self.in_an_hour, self.of_usual_in_an_hour),
            Window(DAY, self.in_a_day, self.of_usual_in_a_day),
        )


def describe(detection: str, what: str, episode: Episode) -> Finding:
    """The finding of an account that did too much of something (`what`: files downloaded)."""
    ratios = [most / allowed for most, allowed in zip(episode.most, episode.allowed, strict=True)]
    worst = max(ratios)
    window = ratios.index(worst)
    known = episode.days >= _DAYS_OF_HISTORY
    usual = (
        f"This account's daily median: {episode.usual:g}"
        if episode.usual is not None
        else "This account had none in the previous 28 days"
    )
    return episode.finding(
        detection,
        severity=Severity.HIGH if worst >= _FAR_OVER else Severity.MEDIUM,
        confidence=_sure(worst, known=known),
        why=f"{episode.most[window]:,} {what} within {('an hour', '24 hours')[window]}; the limit"
        f" is {episode.allowed[window]:,.0f}. {usual}.",
        facts={"usual_day": episode.usual, "days_of_history": episode.days, **episode.facts},
    )


def _sure(ratio: float, *, known: bool) -> Confidence:
    if ratio >= _FAR_OVER and known:
        return Confidence.HIGH
    return Confidence.MEDIUM if known or ratio >= _FAR_OVER else Confidence.LOW


def _found(
    detection: str, what: str, burst: Burst, services: Burst | None, context: DetectionContext
) -> Iterator[Finding]:
    for one in (burst, services):
        if one is not None:
            for episode in episodes(context, one):
                yield describe(detection, what, episode)


_ITEMS: Final[dict[str, Any]] = {
    "columns": {"item": "item_id", "parent": "parent_id", "size": "size_bytes"},
    "facts": {
        "items": "count(DISTINCT item)",
        "folders": "count(DISTINCT parent)",
        "bytes": "sum(size)::BIGINT",
    },
}

# --- downloads

DOWNLOADS: Final = Bulk(60, 2.0, 200, 6.0)
SERVICE_DOWNLOADS: Final = Bulk(1000, 4.0, 5000, 6.0)
_downloads: Final = Burst(content.DOWNLOADS, "actor_id", DOWNLOADS.windows, where=PEOPLE, **_ITEMS)
_service_downloads: Final = Burst(
    content.DOWNLOADS,
    "actor_id",
    SERVICE_DOWNLOADS.windows,
    where="actor_kind IN ('service', 'app')",
    **_ITEMS,
)
MASS_DOWNLOAD: Final = Detection(
    id="mass_download",
    title="Mass download",
    family="Content",
    says="One account downloads far more files than work normally needs, and more than it usually"
    " does.",
    benign_causes=(
        "Collecting documents at the end of a quarter or a project",
        "A migration to another tool, or a backup that runs as this account",
        "A whole folder downloaded once: Box reports each file",
    ),
    next_step="Check which folders the files are from, and whether the IP address and the app are"
    " usual for this account.",
    parameters=DOWNLOADS,
    look_back=_downloads.look_back,
    find=partial(_found, "mass_download", "files downloaded", _downloads, _service_downloads),
    attack=Attack("T1530", "Data from Cloud Storage"),
    types=content.DOWNLOADS,
)

# --- deletions

DELETIONS: Final = Bulk(30, 3.0, 100, 8.0)
_deletions: Final = Burst(content.DELETES, "actor_id", DELETIONS.windows, where=PEOPLE, **_ITEMS)
MASS_DELETE: Final = Detection(
    id="mass_delete",
    title="Mass delete",
    family="Content",
    says="One account moves many items to the trash in a short time.",
    benign_causes=(
        "A cleanup, or a folder that was copied elsewhere first",
        "A sync client whose local folder was emptied",
    ),
    next_step="Check whether the items are still in the trash, and ask the person before it is"
    " emptied.",
    parameters=DELETIONS,
    look_back=_deletions.look_back,
    find=partial(_found, "mass_delete", "items deleted", _deletions, None),
    attack=Attack("T1485", "Data Destruction"),
    types=content.DELETES,
)

# --- permissions

_PERMISSION_TYPES: Final = (
    "COLLABORATION_ROLE_CHANGE",
    "CHANGE_FOLDER_PERMISSION",
    "COLLABORATION_REMOVE",
    "COLLAB_ROLE_CHANGE",
    "COLLAB_REMOVE_COLLABORATOR",
)
PERMISSIONS: Final = Bulk(15, 3.0, 40, 8.0)
# An account that makes itself owner is counted by ownership_grab alone.
_permissions: Final = Burst(
    _PERMISSION_TYPES,
    "actor_id",
    PERMISSIONS.windows,
    where=f"{PEOPLE} AND NOT coalesce({ROLE} = 'owner' AND target_id = actor_id, false)",
    columns={"item": "item_id", "person": "target_id"},
    facts={"items": "count(DISTINCT item)", "people": "count(DISTINCT person)"},
)
MASS_PERMISSION_CHANGE: Final = Detection(
    id="mass_permission_change",
    title="Mass permission change",
    family="Sharing",
    says="One account changes permissions on many items in a short time.",
    benign_causes=(
        "A reorganization, or a project that is closing",
        "A folder owner handing over before leaving",
    ),
    next_step="Compare the roles before and after on the first folders. Check who gained access.",
    parameters=PERMISSIONS,
    look_back=_permissions.look_back,
    find=partial(_found, "mass_permission_change", "permissions changed", _permissions, None),
    attack=Attack("T1098", "Account Manipulation"),
    types=_PERMISSION_TYPES,
)
