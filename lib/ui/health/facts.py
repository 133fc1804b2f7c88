"""Facts of a profile that no check judges: what came last, how old tokens and keys are, the limit.

Each is a figure and a sentence that says how it is known. Nothing is asked of anybody for them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from lib.activity.queries import summaries
from lib.app.background.checking import LedgerRecords
from lib.core.errors import RunbookError
from lib.core.texts import ago, number, span, when
from lib.http import BOX_CALLS_PER_MINUTE, SHARED_BUDGET
from lib.settings.profiles import BoxAuth, ProfileKind
from lib.ui.health.state import Picture
from lib.ui.shell.frame import Context

_WEBHOOKS = "box_webhook"
_POSITIONS = ("box.events.position", "kloudless.activity.position")


@dataclass(frozen=True, slots=True)
class Fact:
    """A figure with its label, and a sentence on where it comes from."""

    label: str
    figure: str
    note: str


def facts(context: Context, now: Picture) -> list[Fact]:
    """Every fact that this profile has."""
    found = [_last_event(context, now), _last_delivery(context, now)]
    if context.profile.box is not None:
        found += [_token(context, now), _key(context, now), _rate(context)]
    found += _positions(now)
    return found


def _last_event(context: Context, now: Picture) -> Fact:
    label = "Last event"
    known = [
        one
        for one in summaries.sources(context.events, context.profile.key)
        if one.source != _WEBHOOKS
    ]
    if not known:
        return Fact(label, "none read yet", "Read events on the Activity page.")
    newest = max(one.newest for one in known)
    return Fact(label, ago(newest, now.now), f"It happened {when(newest, context.zone)}.")


def _last_delivery(context: Context, now: Picture) -> Fact:
    label = "Last webhook delivery"
    if context.profile.kind is ProfileKind.SESSION:
        return Fact(label, "none", "A session profile receives no webhooks.")
    records = LedgerRecords(now.watch.ledger)
    times = [records.last_delivery(context.profile.key, kind) for kind in ("box", "kloudless")]
    came = [one for one in times if one is not None]
    if not came:
        return Fact(label, "none yet", "No webhook has been received for this profile.")
    return Fact(label, ago(max(came), now.now), f"It came {when(max(came), context.zone)}.")


def _token(context: Context, now: Picture) -> Fact:
    label = "Access token"
    box = context.profile.box
    if box is not None and box.auth is BoxAuth.DEVELOPER_TOKEN:
        return Fact(label, "age not told", "A developer token lives for 60 minutes.")
    try:
        life = context.runtime.client_for(context.profile).tokens.life
    except RunbookError:
        life = None
    if life is None:
        return Fact(label, "none held", "The next call asks for one.")
    note = f"It ends {when(life.until, context.zone)}, and is renewed before that."
    if life.until <= now.now:
        note = f"It ended {when(life.until, context.zone)}; the next call asks for another."
    return Fact(label, f"{_age(life.since, now.now)} old", note)


def _key(context: Context, now: Picture) -> Fact:
    label = "Key"
    box = context.profile.box
    if box is None or box.auth is not BoxAuth.JWT:
        return Fact(label, "none", "This way of signing in uses no key.")
    seen = [one for one in now.watch.book.fingerprints(context.profile.key) if one.kind == "key"]
    if not seen:
        return Fact(label, "not seen yet", "The next run of checks notes it.")
    key = seen[0]
    return Fact(
        label,
        f"at least {_age(key.first_at, now.now)} old",
        f"First seen here {when(key.first_at, context.zone)}; Box doesn't tell how old a key is. "
        f"SHA-256 {key.fingerprint[:16]}…",
    )


def _rate(context: Context) -> Fact:
    limit = number(BOX_CALLS_PER_MINUTE)
    try:
        identity = context.runtime.client_for(context.profile).tokens.identity
    except RunbookError:
        return Fact("Calls in the last minute", "—", f"Box admits {limit} a minute and user.")
    used = SHARED_BUDGET.used(identity)
    return Fact(
        "Calls in the last minute",
        f"{number(used)} of {limit}",
        f"Those of this app; Box admits {limit} a minute and user, whoever makes them.",
    )


def _positions(now: Picture) -> list[Fact]:
    """How far reading may fall behind before something is lost, as the last run found it."""
    found = []
    for check_id in _POSITIONS:
        verdict = now.verdicts.get(check_id)
        compared = verdict.evidence.compared if verdict else {}
        if verdict is None or "complete to" not in compared:
            continue
        days = compared.get("headroom days")
        figure = f"{days} days left" if days else f"{compared.get('hours', '?')} hours behind"
        found.append(Fact("Reading position", figure, f"Complete to {compared['complete to']}."))
    return found


def _age(since: datetime, now: datetime) -> str:
    return span(max(now - since, timedelta(minutes=1)))


def shown_in(zone: tzinfo, moments: Sequence[datetime]) -> str:
    """`2026-11-01 14:05 to 14:35`, the time that several moments span."""
    return f"{when(min(moments), zone)} to {when(max(moments), zone)}"
