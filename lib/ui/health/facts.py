"""Facts of a profile that no check judges: last event and delivery, age of token and key, limits.

Each is a figure and a sentence that says how it is known. No call is made for them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from lib.activity.model.source import Source
from lib.activity.queries import source_of_record
from lib.app.background.checking import LedgerRecords
from lib.core.errors import RunbookError
from lib.core.texts import ago, span, when
from lib.http import BOX_CALLS_PER_MINUTE, SHARED_BUDGET
from lib.settings.profiles import BoxAuth, ProfileKind
from lib.ui.health import words_numbers as words
from lib.ui.health.state import HealthView
from lib.ui.health.words import from_to
from lib.ui.shell.frame import Context

_POSITIONS = ("box.events.position", "kloudless.activity.position")


@dataclass(frozen=True, slots=True)
class Fact:
    """A figure with its label, and a sentence on where it comes from."""

    label: str
    figure: str
    note: str


def facts(context: Context, now: HealthView) -> list[Fact]:
    """Every fact that this profile has."""
    found = [_last_event(context, now), _last_delivery(context, now)]
    if context.profile.box is not None:
        found += [_token(context, now), _key(context, now), _rate(context)]
    found += _positions(now)
    return found


def _last_event(context: Context, now: HealthView) -> Fact:
    label = words.LAST_EVENT
    known = [
        one
        for one in source_of_record.sources(context.events, context.profile.key)
        if one.source != Source.BOX_WEBHOOK
    ]
    if not known:
        return Fact(label, words.NONE_YET, words.NO_EVENT)
    newest = max(one.newest for one in known)
    return Fact(label, ago(newest, now.now), words.occurred(newest, context.zone))


def _last_delivery(context: Context, now: HealthView) -> Fact:
    label = words.LAST_DELIVERY
    if context.profile.kind is ProfileKind.SESSION:
        return Fact(label, words.NOTHING, words.SESSION_WITHOUT_WEBHOOKS)
    records = LedgerRecords(now.watch.ledger)
    times = [records.last_delivery(context.profile.key, kind) for kind in ("box", "kloudless")]
    came = [one for one in times if one is not None]
    if not came:
        return Fact(label, words.NONE_YET, words.NO_DELIVERY)
    return Fact(label, ago(max(came), now.now), words.received(max(came), context.zone))


def _token(context: Context, now: HealthView) -> Fact:
    label = words.TOKEN
    box = context.profile.box
    if box is not None and box.auth is BoxAuth.DEVELOPER_TOKEN:
        return Fact(label, words.TOKEN_AGE_UNKNOWN, words.DEVELOPER_TOKEN)
    try:
        life = context.runtime.client_for(context.profile).tokens.life
    except RunbookError:
        life = None
    if life is None:
        return Fact(label, words.NOTHING, words.NO_TOKEN)
    note = words.token_expires(life.until, context.zone)
    if life.until <= now.now:
        note = words.token_expired(life.until, context.zone)
    return Fact(label, words.old(_age(life.since, now.now)), note)


def _key(context: Context, now: HealthView) -> Fact:
    label = words.KEY
    box = context.profile.box
    if box is None or box.auth is not BoxAuth.JWT:
        return Fact(label, words.NOTHING, words.NO_KEY)
    seen = [one for one in now.watch.book.fingerprints(context.profile.key) if one.kind == "key"]
    if not seen:
        return Fact(label, words.KEY_NOT_SEEN, words.KEY_NOT_SEEN_HELP)
    key = seen[0]
    return Fact(
        label,
        words.at_least_old(_age(key.first_at, now.now)),
        words.key_first_seen(key.first_at, context.zone, key.fingerprint[:16]),
    )


def _rate(context: Context) -> Fact:
    limit = BOX_CALLS_PER_MINUTE
    try:
        identity = context.runtime.client_for(context.profile).tokens.identity
    except RunbookError:
        return Fact(words.CALLS_IN_MINUTE, words.UNKNOWN, words.call_limit(limit))
    used = SHARED_BUDGET.used(identity)
    return Fact(words.CALLS_IN_MINUTE, words.calls_of(used, limit), words.calls_note(limit))


def _positions(now: HealthView) -> list[Fact]:
    """How far reading may fall behind before something is lost, as the last run found it."""
    found = []
    for check_id in _POSITIONS:
        verdict = now.verdicts.get(check_id)
        compared = verdict.evidence.compared if verdict else {}
        if verdict is None or "complete to" not in compared:
            continue
        days = compared.get("headroom days")
        behind = words.hours_behind(compared.get("hours", "?"))
        figure = words.days_left(days) if days else behind
        found.append(
            Fact(words.READING_POSITION, figure, words.complete_to(compared["complete to"]))
        )
    return found


def _age(since: datetime, now: datetime) -> str:
    return span(max(now - since, timedelta(minutes=1)))


def shown_in(zone: tzinfo, instants: Sequence[datetime]) -> str:
    """`2026-11-01 14:05 to 14:35`, the time that several moments span."""
    return from_to(when(min(instants), zone), when(max(instants), zone))
