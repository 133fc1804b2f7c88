"""Failed sign-ins: many for one account, or for many accounts from one address."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from lib.detections.detection import Detection, DetectionContext
from lib.detections.finding import Attack, Confidence, Finding, Severity
from lib.detections.windows import Burst, Episode, Measure, Window, episodes
from lib.store.times import aware_utc, naive_utc

_FAILED: Final = ("FAILED_LOGIN",)
_NO_ADDRESS: Final = "'Unknown IP'"

# --- one account


@dataclass(frozen=True, slots=True)
class FailedLogins:
    """How many failures within how long; a success counts until so long after the last one."""

    failures: int = 7
    within: timedelta = timedelta(minutes=15)
    of_usual_day: float = 2.0
    success_within: timedelta = timedelta(minutes=30)


FAILED_LOGINS: Final = FailedLogins()
_failures: Final = Burst(
    _FAILED,
    "coalesce(actor_id, target_id, actor_login)",
    (Window(FAILED_LOGINS.within, FAILED_LOGINS.failures, FAILED_LOGINS.of_usual_day),),
    columns={"address": "ip"},
    facts={"addresses": "count(DISTINCT address)"},
    pause=timedelta(hours=2),
)


def _failed_logins(context: DetectionContext) -> Iterator[Finding]:
    for episode in episodes(context, _failures):
        success = _success(context, episode)
        sentence = (
            " A sign-in succeeded within 30 minutes of the failures."
            if success
            else " No sign-in to this account succeeded within 30 minutes of the failures."
        )
        yield episode.finding(
            "failed_login_burst",
            severity=Severity.HIGH if success else Severity.MEDIUM,
            confidence=Confidence.HIGH
            if episode.most[0] >= 2 * episode.allowed[0]
            else Confidence.MEDIUM,
            why=f"{episode.most[0]:,} sign-ins failed within 15 minutes; the limit is"
            f" {episode.allowed[0]:,.0f}.{sentence}",
            until=max(episode.until, success[1]) if success else episode.until,
            event_ids=(*episode.event_ids, success[0]) if success else episode.event_ids,
            events=episode.events + (1 if success else 0),
            facts={"succeeded": success is not None, **episode.facts},
        )


def _success(context: DetectionContext, episode: Episode) -> tuple[str, datetime] | None:
    """The first success of that account after the first failures: its event id and time."""
    rows = context.query(
        "SELECT event_id, occurred_at FROM events WHERE profile = ? AND source = ?"
        " AND event_type = 'LOGIN' AND coalesce(actor_id, target_id, actor_login) = ?"
        " AND occurred_at > ? AND occurred_at <= ? AND occurred_at < ?"
        " ORDER BY occurred_at, event_id LIMIT 1",
        [
            context.scope.profile,
            context.scope.source,
            episode.subject,
            naive_utc(episode.since),
            naive_utc(episode.until + FAILED_LOGINS.success_within),
            naive_utc(context.scope.until),
        ],
    )
    return (str(rows[0][0]), aware_utc(rows[0][1])) if rows else None


FAILED_LOGIN_BURST: Final = Detection(
    id="failed_login_burst",
    title="Failed sign-ins",
    family="Sign-in",
    says="Many sign-ins to one account fail in a short time. It is worse if one then succeeds.",
    benign_causes=(
        "A changed password, while a phone or a sync client still uses the old one",
        "A forgotten password",
    ),
    next_step="If a sign-in succeeded: ask the person, end the sessions and set a new password.",
    parameters=FAILED_LOGINS,
    look_back=_failures.look_back,
    find=_failed_logins,
    attack=Attack("T1110.001", "Brute Force: Password Guessing"),
    types=_FAILED,
)

# --- many accounts


@dataclass(frozen=True, slots=True)
class Spray:
    """How many different accounts fail from one address within how long."""

    accounts: int = 8
    within: timedelta = timedelta(hours=1)
    of_usual_day: float = 3.0


SPRAY: Final = Spray()
_spray: Final = Burst(
    _FAILED,
    "ip",
    (Window(SPRAY.within, SPRAY.accounts, SPRAY.of_usual_day),),
    where=f"ip IS NOT NULL AND ip <> {_NO_ADDRESS}",
    value="coalesce(actor_id, target_id, actor_login)",
    measure=Measure.DIFFERENT,
    facts={"accounts": "count(DISTINCT value)"},
)


def _sprayed(context: DetectionContext) -> Iterator[Finding]:
    for episode in episodes(context, _spray):
        accounts = int(episode.facts["accounts"])
        far = accounts >= 2 * episode.allowed[0]
        yield episode.finding(
            "password_spray",
            severity=Severity.HIGH if far else Severity.MEDIUM,
            confidence=Confidence.HIGH if far else Confidence.MEDIUM,
            why=f"Sign-ins to {episode.most[0]:,} different accounts failed from one IP address"
            f" within an hour; the limit is {episode.allowed[0]:,.0f}.",
            actor_id=None,
        )


PASSWORD_SPRAY: Final = Detection(
    id="password_spray",
    title="Password spray",
    family="Sign-in",
    says="Sign-ins to many accounts fail from one IP address, with few attempts each so that no"
    " account is locked.",
    benign_causes=(
        "A single sign-on outage, behind one IP address of the company",
        "A training room where many people sign in for the first time",
    ),
    next_step="Check whether the IP address belongs to the company, and whether any account signed"
    " in from it.",
    parameters=SPRAY,
    look_back=_spray.look_back,
    find=_sprayed,
    attack=Attack("T1110.003", "Brute Force: Password Spraying"),
    types=_FAILED,
)
