"""What Box itself reports: Shield alerts, blocked actions, policy violations."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from lib.detections.detection import Detection, DetectionContext
from lib.detections.finding import Confidence, Finding, Severity
from lib.detections.rules.mass_actions import DAY
from lib.detections.windows import Burst, Window, episodes
from lib.store.events import dialect


@dataclass(frozen=True, slots=True)
class Guards:
    """Every event counts; `many` within a day of one person are grave."""

    events: int = 1
    many: int = 3


GUARDS: Final = Guards()
_BLOCKED: Final = (
    "SHIELD_DOWNLOAD_BLOCKED",
    "SHIELD_EXTERNAL_COLLAB_ACCESS_BLOCKED",
    "SHIELD_EXTERNAL_COLLAB_ACCESS_BLOCKED_MISSING_JUSTIFICATION",
    "SHIELD_EXTERNAL_COLLAB_INVITE_BLOCKED",
    "SHIELD_EXTERNAL_COLLAB_INVITE_BLOCKED_MISSING_JUSTIFICATION",
    "SHIELD_INFORMATION_BARRIER_COLLAB_BLOCKED",
    "SHIELD_INFORMATION_BARRIER_GROUP_ADD_USER_BLOCKED",
    "SHIELD_INFORMATION_BARRIER_ITEM_COPY_BLOCKED",
    "SHIELD_INFORMATION_BARRIER_ITEM_MOVE_BLOCKED",
    "SHIELD_INFORMATION_BARRIER_ITEM_OWNER_TRANSFER_BLOCKED",
    "SHIELD_INFORMATION_BARRIER_SHARED_ITEM_ACCESS_BLOCKED",
    "SHIELD_PREVIEW_BLOCKED",
    "SHIELD_SHARED_LINK_ACCESS_BLOCKED",
)
_VIOLATED: Final = (
    "CONTENT_WORKFLOW_ABNORMAL_DOWNLOAD_ACTIVITY",
    "CONTENT_WORKFLOW_SHARING_POLICY_VIOLATION",
    "CONTENT_WORKFLOW_UPLOAD_POLICY_VIOLATION",
)
_TYPES: Final = ("SHIELD_ALERT", *_BLOCKED, *_VIOLATED)
_ALERT: Final = "$.additional_details.shield_alert"
# An alert has no actor; the person that it is about is inside of it.
_PERSON: Final = f"coalesce({dialect.json_text('raw', f'{_ALERT}.user.id')}, actor_id)"
_guards: Final = Burst(
    _TYPES,
    f"coalesce({_PERSON}, item_id, '')",
    (Window(DAY, GUARDS.events),),
    columns={
        "person": _PERSON,
        "rule": dialect.json_text("raw", f"{_ALERT}.rule_category"),
        "priority": dialect.json_text("raw", f"{_ALERT}.priority"),
    },
    facts={
        "person": "max(person)",
        "alerts": "count(*) FILTER (WHERE event_type = 'SHIELD_ALERT')",
        "blocked": "count(*) FILTER (WHERE event_type LIKE '%BLOCKED%')",
        "violations": "count(*) FILTER (WHERE event_type LIKE 'CONTENT_WORKFLOW%')",
        "rules": "list_slice(list_sort(list(DISTINCT rule) FILTER (WHERE rule IS NOT NULL)), 1, 9)",
        "grave": "bool_or(coalesce(lower(priority) IN ('high', 'critical'), false))",
    },
    pause=timedelta(hours=6),
)


def _guarded(context: DetectionContext) -> Iterator[Finding]:
    for episode in episodes(context, _guards):
        facts = dict(episode.facts)
        person, grave = facts.pop("person"), bool(facts.pop("grave"))
        alerts = int(facts["alerts"])
        severe = grave or episode.events >= GUARDS.many
        yield episode.finding(
            "shield_and_policy",
            severity=Severity.HIGH if severe else Severity.MEDIUM if alerts else Severity.LOW,
            confidence=Confidence.HIGH if severe else Confidence.MEDIUM,
            why=f"About one person within 24 hours: Shield alerts: {alerts:,}, blocked actions:"
            f" {facts['blocked']:,}, policy violations: {facts['violations']:,}.",
            actor_id=person,
            facts={name: value for name, value in facts.items() if value is not None},
        )


SHIELD_AND_POLICY: Final = Detection(
    id="shield_and_policy",
    title="Shield and policies",
    family="Security",
    says="Box Shield or an Admin Console policy reports a person.",
    benign_causes=(
        "A policy that is new or too strict",
        "Travel, for alerts about a location or a session",
    ),
    next_step="Open the alert in the Admin Console. Then check what else the person did that day.",
    parameters=GUARDS,
    look_back=_guards.look_back,
    find=_guarded,
    types=_TYPES,
)
