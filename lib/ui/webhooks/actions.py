"""Actions of the Webhooks page: test deliveries, replays, drills; all audited.

Each returns its outcome; nothing here draws.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlsplit

import orjson

from lib.activity.ingest.json_values import NotJson, loads, mapping, text
from lib.store.ledger.deliveries import Drill, DrillMode
from lib.ui.components.auditing import record
from lib.ui.shell.frame import Context
from lib.ui.webhooks import words
from lib.webhooks.log import log
from lib.webhooks.log.log import Logged
from lib.webhooks.receive.receiver import Answer, Kind
from lib.webhooks.replay import Signing, send, signed
from lib.webhooks.signing.sending import sample_body

SAMPLE_TRIGGER: Final = "FILE.UPLOADED"
_OK: Final = 300


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one delivery was answered; `reason` where it wasn't accepted."""

    id: str
    status: int | None
    reason: str | None = None

    @property
    def ok(self) -> bool:
        """Whether it was accepted."""
        return self.status is not None and self.status < _OK and self.reason is None


def kinds_of(context: Context) -> tuple[Kind, ...]:
    """The senders that the profile has a key for."""
    box, kloudless = context.profile.box, context.profile.kloudless
    found = []
    if box is not None and (box.webhook_primary_key or box.webhook_secondary_key):
        found.append(Kind.BOX)
    if kloudless is not None and kloudless.api_key:
        found.append(Kind.KLOUDLESS)
    return tuple(found)


def try_delivery(context: Context, kind: Kind) -> Outcome:
    """Sign a delivery as the sender would, and pass it to the receiver. Raises RunbookError."""
    now = datetime.now(UTC)
    body = sample_body(SAMPLE_TRIGGER, now) if kind is Kind.BOX else b""
    outgoing = signed(kind, body, context.profile, Signing(), now)
    outcome = _of(kind, context.runtime.deliver(context.profile, kind, outgoing))
    record(context, "webhook_test", kind, outcome="ok" if outcome.ok else str(outcome.reason))
    return outcome


def replay(
    context: Context, chosen: Sequence[Logged], signing: Signing, url: str | None = None
) -> list[Outcome]:
    """Replay deliveries, oldest first: here, or to an allowed address.

    A rejected one has no body to replay. One that fails doesn't stop the others. Raises
    RunbookError for an address or a key that can't be used at all.
    """
    stores = context.runtime.stores_for(context.profile)
    done: list[Outcome] = []
    for one in sorted(chosen, key=lambda each: each.received_at):
        found = log.opened(stores, context.profile.key, one.id)
        if found is None or found.body is None:
            done.append(Outcome(one.id, None, words.NO_BODY))
            continue
        kind = Kind(one.kind)
        outgoing = signed(kind, found.body, context.profile, signing, datetime.now(UTC))
        if url is None:
            answer = context.runtime.deliver(context.profile, kind, outgoing)
            done.append(_of(one.id, answer))
        else:
            sent = send(outgoing, url, context.runtime.settings.access.allowed_hosts)
            done.append(Outcome(one.id, sent.status, sent.reason))
    ok = sum(one.ok for one in done)
    record(
        context,
        "webhook_replay",
        done[0].id if len(done) == 1 else None,
        outcome="ok" if ok == len(done) else "partly" if ok else "failed",
        detail=f"{ok} of {len(done)} accepted, signed with {signing.sign_with}, "
        f"{'here' if url is None else f'to {urlsplit(url).hostname}'}",
    )
    return done


def drill(context: Context, kind: Kind, mode: DrillMode, times: int, delay_s: float) -> None:
    """Answer the next deliveries this way; with 0 `times` the running drill ends."""
    deliveries = context.runtime.stores_for(context.profile).ledger.deliveries
    now = datetime.now(UTC)
    deliveries.set_drill(Drill(context.profile.key, kind, mode, times, delay_s, now))
    slow = f", {delay_s:g} s" if mode is DrillMode.SLOW else ""
    record(
        context, "webhook_drill", kind, detail=f"{mode}, next {times}{slow}" if times else "ended"
    )


def summary(outcomes: Sequence[Outcome]) -> str:
    """`3 accepted`, `2 accepted, 1 failed (wrong)`."""
    rest = [one for one in outcomes if not one.ok]
    reasons = ", ".join(dict.fromkeys(one.reason or words.status(one.status) for one in rest))
    return words.outcomes(len(outcomes) - len(rest), len(rest), reasons)


def _of(id_: str, answer: Answer) -> Outcome:
    """What our own receiver answered; a drill's 500 still stored the delivery."""
    if answer.status < _OK:
        return Outcome(id_, answer.status)
    try:
        said = mapping(loads(answer.body)[0])
    except (NotJson, orjson.JSONDecodeError):
        said = {}
    return Outcome(id_, answer.status, text(said.get("reason")) or words.status(answer.status))
