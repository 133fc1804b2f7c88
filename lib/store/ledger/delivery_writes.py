"""How deliveries and what is counted beside them are written, inside one transaction.

A repeat is told by the index of accepted body ids; a Kloudless delivery by the account that
already asks for a sync. Drills decide how the next deliveries are answered.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from typing import Final

import orjson
from sqlalchemy import Connection, RowMapping, bindparam, delete, func, insert, select, update

from lib.store.ledger.deliveries import (
    FAILING,
    Drill,
    DrillMode,
    Kept,
    Notes,
    ReceivedDelivery,
    Reject,
)
from lib.store.ledger.delivery_tables import (
    accepted,
    drills,
    key_uses,
    reject_counts,
    rejects,
    requested,
)
from lib.store.ledger.inbox import EntryKind, pack
from lib.store.ledger.tables import inbox, upsert

RING: Final = 10_000
"""How many refusals are held in detail, of all profiles."""
KEPT_ATTEMPTS: Final[Mapping[str, int]] = {"box": 50, "kloudless": 5}
"""How many deliveries of one body are kept; more are only counted. Box itself gives up after 12.

A delivery that somebody caught can be sent again and again while it is genuine.
"""
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


# Built once: building a statement costs more than running it.
_KNOWN: Final = select(accepted.c.body_id, accepted.c.id, accepted.c.attempts).where(
    accepted.c.profile == bindparam("of_profile"),
    accepted.c.kind == bindparam("of_kind"),
    accepted.c.body_id.in_(bindparam("ids", expanding=True)),
)
_NEW: Final = insert(accepted)
_AGAIN: Final = (
    update(accepted).where(accepted.c.id == bindparam("row_id")).values(attempts=bindparam("total"))
)
_ENTRIES: Final = insert(inbox)
_DRILLS: Final = select(drills).where(drills.c.remaining > 0)


def keep(
    connection: Connection, deliveries: Sequence[ReceivedDelivery], exercises: Sequence[Drill] = ()
) -> list[Kept]:
    """Tell repeats, apply drills, put into the inbox."""
    attempts = [0] * len(deliveries)
    ids = [delivery.body_id or delivery.id for delivery in deliveries]
    _count_bodies(connection, deliveries, attempts)
    _count_accounts(connection, deliveries, attempts, ids)
    left = {(drill.profile, drill.kind): drill for drill in exercises}
    before = dict(left)
    kept: list[Kept] = []
    rows: list[dict[str, object]] = []
    for delivery, attempt, body_id in zip(deliveries, attempts, ids, strict=True):
        one = _answered(delivery, attempt, left)
        kept.append(one)
        if attempt <= KEPT_ATTEMPTS[delivery.kind]:
            rows.append(_row(delivery, one, body_id))
    if rows:
        connection.execute(_ENTRIES, rows)
    for key, drill in left.items():
        if drill is not before[key]:
            connection.execute(
                update(drills)
                .where(drills.c.profile == drill.profile, drills.c.kind == drill.kind)
                .values(remaining=drill.remaining)
            )
    return kept


def read_drills(connection: Connection) -> list[Drill]:
    """The drills of all profiles that aren't over."""
    return [drill_of(row) for row in connection.execute(_DRILLS).mappings()]


def _answered(
    delivery: ReceivedDelivery, attempt: int, exercises: dict[tuple[str, str], Drill]
) -> Kept:
    key = (delivery.profile, delivery.kind)
    drill = exercises.get(key)
    if drill is None or drill.remaining <= 0:
        return Kept(attempt)
    exercises[key] = replace(drill, remaining=drill.remaining - 1)
    if drill.mode is DrillMode.FAIL:
        return Kept(attempt, answer=FAILING)
    return Kept(attempt, delay_s=drill.delay_s)


def _count_bodies(
    connection: Connection, deliveries: Sequence[ReceivedDelivery], attempts: list[int]
) -> None:
    """The attempt of each delivery with a body id, counted in the index of accepted ids."""
    groups: dict[tuple[str, str], dict[str, list[int]]] = {}
    for place, delivery in enumerate(deliveries):
        if delivery.body_id is not None:
            of_profile = groups.setdefault((delivery.profile, delivery.kind), {})
            of_profile.setdefault(delivery.body_id, []).append(place)
    new: list[dict[str, object]] = []
    again: list[dict[str, object]] = []
    for (profile, kind), bodies in groups.items():
        known = _known(connection, profile, kind, list(bodies))
        for body_id, places in bodies.items():
            row_id, before = known.get(body_id, (None, 0))
            for number, place in enumerate(places, start=before + 1):
                attempts[place] = number
            total = before + len(places)
            if row_id is None:
                seen = min(deliveries[place].received_at for place in places)
                new.append(
                    {
                        "profile": profile,
                        "kind": kind,
                        "body_id": body_id,
                        "first_seen": seen,
                        "attempts": total,
                    }
                )
            else:
                again.append({"row_id": row_id, "total": total})
    if new:
        connection.execute(_NEW, new)
    if again:
        connection.execute(_AGAIN, again)


def _known(
    connection: Connection, profile: str, kind: str, ids: list[str]
) -> dict[str, tuple[int, int]]:
    found: dict[str, tuple[int, int]] = {}
    for start in range(0, len(ids), 500):
        key = {"of_profile": profile, "of_kind": kind, "ids": ids[start : start + 500]}
        rows = connection.execute(_KNOWN, key)
        found |= {body: (row_id, times) for body, row_id, times in rows}
    return found


def _count_accounts(
    connection: Connection,
    deliveries: Sequence[ReceivedDelivery],
    attempts: list[int],
    ids: list[str],
) -> None:
    """The attempt of each delivery that names an account: how often it asked for the same sync."""
    for place, delivery in enumerate(deliveries):
        if delivery.body_id is not None:
            continue
        if delivery.account_id is None:
            attempts[place] = 1
            continue
        key = {"profile": delivery.profile, "account_id": delivery.account_id}
        now = delivery.received_at
        statement = upsert(connection, requested).values(**key, since=now, last_at=now, times=1)
        query = statement.on_conflict_do_update(
            index_elements=list(key),
            set_={"last_at": statement.excluded.last_at, "times": requested.c.times + 1},
        ).returning(requested.c.since, requested.c.times)
        since, times = connection.execute(query).one()
        attempts[place] = times
        ids[place] = f"{delivery.account_id}@{(since - _EPOCH) // timedelta(microseconds=1)}"


def _row(delivery: ReceivedDelivery, kept: Kept, body_id: str) -> dict[str, object]:
    sent_at = delivery.sent_at
    meta = {
        "id": delivery.id,
        "kind": delivery.kind,
        "body_id": body_id,
        "delivery_id": delivery.delivery_id,
        "sent_at": None if sent_at is None else sent_at.isoformat(),
        "key": delivery.key,
        "attempt": kept.attempt,
        "answer": kept.answer,
        "headers": dict(delivery.headers),
    }
    return {
        "run_id": None,
        "kind": EntryKind.DELIVERY,
        "profile": delivery.profile,
        "source": delivery.source,
        "stream": None,
        "enterprise_id": None,
        "account_id": delivery.account_id,
        "received_at": delivery.received_at,
        "size": len(delivery.body),
        "body": pack(delivery.body),
        "meta": orjson.dumps(meta).decode(),
    }


def note(connection: Connection, notes: Notes) -> None:
    """Write counts, the ring and uses of keys."""
    counts = [
        {"minute": minute, "profile": profile, "kind": kind, "reason": reason, "times": times}
        for (minute, profile, kind, reason), times in notes.counts.items()
    ]
    if counts:
        statement = upsert(connection, reject_counts)
        connection.execute(
            statement.on_conflict_do_update(
                index_elements=["minute", "profile", "kind", "reason"],
                set_={"times": reject_counts.c.times + statement.excluded.times},
            ),
            counts,
        )
    if notes.rejects:
        connection.execute(insert(rejects), [_reject_row(one) for one in notes.rejects])
        newest = select(func.max(rejects.c.id)).scalar_subquery()
        connection.execute(delete(rejects).where(rejects.c.id <= newest - RING))
    if notes.uses:
        statement = upsert(connection, key_uses)
        new = statement.excluded
        connection.execute(
            statement.on_conflict_do_update(
                index_elements=["profile", "kind", "key"],
                set_={
                    "verified_at": func.coalesce(new.verified_at, key_uses.c.verified_at),
                    "verified": key_uses.c.verified + new.verified,
                    "mismatched_at": func.coalesce(new.mismatched_at, key_uses.c.mismatched_at),
                    "mismatched": key_uses.c.mismatched + new.mismatched,
                },
            ),
            [asdict(use) for use in notes.uses.values()],
        )


def _reject_row(one: Reject) -> dict[str, object]:
    values = asdict(one)
    del values["id"]
    return {**values, "headers": orjson.dumps(dict(one.headers)).decode()}


def drill_of(row: RowMapping) -> Drill:
    """A drill out of its row."""
    return Drill(**{**row, "mode": DrillMode(str(row["mode"]))})
