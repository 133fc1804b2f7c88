"""Changes of control: administrators, owners, apps and their keys."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from lib.detections.detection import Detection, DetectionContext
from lib.detections.finding import Attack, Confidence, Finding, Severity
from lib.detections.rules.mass_actions import DAY, ROLE
from lib.detections.windows import Burst, Measure, Window, episodes

# --- administrators


@dataclass(frozen=True, slots=True)
class Takeover:
    """How many different signs from one account within how long; `many` make it sure."""

    signs: int = 2
    within: timedelta = timedelta(hours=2)
    many: int = 3


TAKEOVER: Final = Takeover()
_TAKEOVER_TYPES: Final = (
    "CHANGE_ADMIN_ROLE",
    "DISABLE_MULTI_FACTOR_AUTH",
    "ADMIN_LOGIN",
    "EMAIL_ALIAS_PRIMARY",
    "EXTERNAL_COLLAB_SECURITY_SETTINGS",
    "ACCESS_GRANTED",
)
_takeover: Final = Burst(
    _TAKEOVER_TYPES,
    "actor_id",
    (Window(TAKEOVER.within, TAKEOVER.signs),),
    # one's own second factor and address are everybody's own affair
    where="event_type NOT IN ('DISABLE_MULTI_FACTOR_AUTH', 'EMAIL_ALIAS_PRIMARY')"
    " OR target_id <> actor_id",
    value="event_type",
    measure=Measure.DIFFERENT,
    columns={"person": "target_id"},
    facts={
        "signs": "list_sort(list(DISTINCT event_type))",
        "people": "count(DISTINCT person)",
    },
)
_SIGNS: Final = {
    "CHANGE_ADMIN_ROLE": "an admin role was changed",
    "DISABLE_MULTI_FACTOR_AUTH": "multi-factor authentication was turned off for another account",
    "ADMIN_LOGIN": "another account was opened from the Admin Console",
    "EMAIL_ALIAS_PRIMARY": "the primary email of another account was changed",
    "EXTERNAL_COLLAB_SECURITY_SETTINGS": "the external collaboration settings were changed",
    "ACCESS_GRANTED": "Box support was given access to the account",
}


def _taken_over(context: DetectionContext) -> Iterator[Finding]:
    for episode in episodes(context, _takeover):
        signs = [_SIGNS[one] for one in episode.facts["signs"]]
        many = len(signs) >= TAKEOVER.many
        yield episode.finding(
            "admin_takeover",
            severity=Severity.HIGH,
            confidence=Confidence.HIGH if many else Confidence.MEDIUM,
            why=f"One account did this within hours: {'; '.join(signs)}.",
        )


ADMIN_TAKEOVER: Final = Detection(
    id="admin_takeover",
    title="Signs of an admin takeover",
    family="Administration",
    says="One account takes several actions in a row that are typical of an enterprise takeover.",
    benign_causes=(
        "An administrator preparing a handover, or helping a colleague who lost a phone",
        "The first days of a new enterprise",
    ),
    next_step="Ask that administrator over another channel. If it wasn't them: revoke the roles,"
    " end their sessions and review everything they did in the last day.",
    parameters=TAKEOVER,
    look_back=_takeover.look_back,
    find=_taken_over,
    attack=Attack("T1098.003", "Account Manipulation: Additional Cloud Roles"),
    types=_TAKEOVER_TYPES,
)

# --- owners


@dataclass(frozen=True, slots=True)
class Grab:
    """How often one account makes itself owner, or tries, within a day; `many` is grave."""

    times: int = 3
    many: int = 8


GRAB: Final = Grab()
_ROLE_TYPES: Final = ("COLLABORATION_ROLE_CHANGE", "COLLAB_ROLE_CHANGE")
_GRAB_TYPES: Final = (*_ROLE_TYPES, "ILLEGAL_ITEM_OWNERSHIP_TRANSFER_BY_USER")
_grab: Final = Burst(
    _GRAB_TYPES,
    "actor_id",
    (Window(DAY, GRAB.times),),
    where="event_type = 'ILLEGAL_ITEM_OWNERSHIP_TRANSFER_BY_USER'"
    f" OR ({ROLE} = 'owner' AND target_id = actor_id)",
    columns={"item": "item_id"},
    facts={
        "items": "count(DISTINCT item)",
        "refused": "count(*) FILTER (WHERE event_type LIKE 'ILLEGAL%')",
    },
)


def _grabbed(context: DetectionContext) -> Iterator[Finding]:
    for episode in episodes(context, _grab):
        many = episode.events >= GRAB.many
        refused = int(episode.facts["refused"])
        yield episode.finding(
            "ownership_grab",
            severity=Severity.HIGH if many else Severity.MEDIUM,
            confidence=Confidence.HIGH if many or refused else Confidence.MEDIUM,
            why=f"One account made itself the owner of items, or tried to, {episode.events:,}"
            f" times; refused: {refused:,}. The limit is {GRAB.times} within 24 hours.",
        )


OWNERSHIP_GRAB: Final = Detection(
    id="ownership_grab",
    title="Ownership grab",
    family="Administration",
    says="One account makes itself the owner of items that belong to others.",
    benign_causes=(
        "A team lead taking over from someone who leaves",
        "A migration to a single owner account",
    ),
    next_step="Ask the previous owners. An owner can delete items and remove everyone's access.",
    parameters=GRAB,
    look_back=_grab.look_back,
    find=_grabbed,
    attack=Attack("T1098", "Account Manipulation"),
    types=_GRAB_TYPES,
)

# --- apps and keys


@dataclass(frozen=True, slots=True)
class AppChanges:
    """Every change counts; `many` different kinds within two hours are grave."""

    changes: int = 1
    within: timedelta = timedelta(hours=2)
    many: int = 3


APP_CHANGES: Final = AppChanges()
_REVOKED: Final = "OAUTH2_ACCESS_TOKEN_REVOKE"  # tells more of a change, is none by itself
_APP_TYPES: Final = (
    "APPLICATION_CREATED",
    "APPLICATION_PUBLIC_KEY_ADDED",
    "APPLICATION_PUBLIC_KEY_DELETED",
    "ENTERPRISE_APP_AUTHORIZATION_UPDATE",
    "ENTERPRISE_APP_AUTHORIZATION_DELETE",
    _REVOKED,
)
_apps: Final = Burst(
    _APP_TYPES,
    "''",  # several administrators work on one change together
    (Window(APP_CHANGES.within, APP_CHANGES.changes),),
    value=f"CASE event_type WHEN '{_REVOKED}' THEN 0 ELSE 1 END",
    measure=Measure.SUM,
    facts={
        "kinds": "list_sort(list(DISTINCT event_type))",
        "administrators": "count(DISTINCT actor_id)",
    },
    pause=timedelta(hours=2),
)
_CHANGES: Final = {
    "APPLICATION_CREATED": "an app was created",
    "APPLICATION_PUBLIC_KEY_ADDED": "a public key was added to an app",
    "APPLICATION_PUBLIC_KEY_DELETED": "a public key of an app was deleted",
    "ENTERPRISE_APP_AUTHORIZATION_UPDATE": "an app was authorized for the enterprise",
    "ENTERPRISE_APP_AUTHORIZATION_DELETE": "the authorization of an app was removed",
    _REVOKED: "an access token was revoked",
}


def _changed(context: DetectionContext) -> Iterator[Finding]:
    for episode in episodes(context, _apps):
        kinds = list(episode.facts["kinds"])
        many = len(kinds) >= APP_CHANGES.many
        opens = {"APPLICATION_PUBLIC_KEY_ADDED", "ENTERPRISE_APP_AUTHORIZATION_UPDATE"}
        yield episode.finding(
            "app_and_key_changes",
            severity=Severity.HIGH
            if many
            else Severity.MEDIUM
            if opens & set(kinds)
            else Severity.LOW,
            confidence=Confidence.HIGH if many else Confidence.MEDIUM,
            why=f"Apps or their keys were changed: {'; '.join(_CHANGES[one] for one in kinds)}.",
        )


APP_AND_KEY_CHANGES: Final = Detection(
    id="app_and_key_changes",
    title="App and key changes",
    family="Administration",
    says="An app gets a key, or an authorization for the whole enterprise. Whoever has the key can"
    " read what the app may read, without a password or a second factor.",
    benign_causes=("A planned key rotation", "A new integration that was announced"),
    next_step="Compare the app's Client ID and the key ID with what your team planned. Delete an"
    " unknown key in the Developer Console.",
    parameters=APP_CHANGES,
    look_back=_apps.look_back,
    find=_changed,
    attack=Attack("T1098.001", "Account Manipulation: Additional Cloud Credentials"),
    types=_APP_TYPES,
)
