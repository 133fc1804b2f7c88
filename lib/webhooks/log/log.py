"""The log of deliveries: newest first, page by page, and single ones with headers and body.

Accepted and rejected ones are one list here. A page searches windows of time that grow until it is
full, so that a common filter reads an hour and a rare one still ends.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from lib.store import Stores
from lib.store.ledger.deliveries import Reject
from lib.store.times import naive_utc
from lib.webhooks.log.delivery_filter import Choice

_FIRST_WINDOW: Final = timedelta(hours=1)
_GROWTH: Final = 6
_REFUSED: Final = "r"
_REFUSED_ID: Final = re.compile(r"r([0-9]{1,18})")
_ID_MS_DIGITS: Final = 12


@dataclass(frozen=True, slots=True)
class Logged:
    """One request. Times are UTC; what a refused one doesn't have is None.

    `verdict` is `accepted`, `repeated` or a reason of `refusals.Refusal`. `id` names it in links.
    """

    id: str
    received_at: datetime
    kind: str
    verdict: str
    answer: int
    size: int | None = None
    attempt: int | None = None
    body_id: str | None = None
    delivery_id: str | None = None
    trigger: str | None = None
    webhook_id: str | None = None
    item_type: str | None = None
    item_id: str | None = None
    item_name: str | None = None
    actor_id: str | None = None
    actor_login: str | None = None
    actor_name: str | None = None
    account_id: str | None = None
    key: str | None = None
    occurred_at: datetime | None = None
    sent_at: datetime | None = None
    stored_at: datetime | None = None

    @property
    def sent_to_received_s(self) -> float | None:
        """Seconds on the way, by two clocks: the sender's has whole seconds and may be ahead."""
        return None if self.sent_at is None else (self.received_at - self.sent_at).total_seconds()

    @property
    def received_to_stored_s(self) -> float | None:
        """Seconds from its arrival until it could be charted."""
        if self.stored_at is None:
            return None
        return (self.stored_at - self.received_at).total_seconds()


@dataclass(frozen=True, slots=True)
class Opened:
    """One request with its headers (redacted), and its body where it was accepted."""

    logged: Logged
    headers: Mapping[str, str]
    body: bytes | None


@dataclass(frozen=True, slots=True)
class DeliveryCursor:
    """The last of a page; the next page begins right after it."""

    received_at: datetime
    id: str

    def __str__(self) -> str:
        """For a link: time in microseconds and id, no personal data."""
        return f"{naive_utc(self.received_at).isoformat(timespec='microseconds')}~{self.id}"

    @classmethod
    def parse(cls, text: str) -> "DeliveryCursor | None":
        """The cursor of a link; None if it isn't one."""
        at, mark, last = text.partition("~")
        try:
            instant = datetime.fromisoformat(at).replace(tzinfo=UTC)
        except ValueError:
            return None
        return cls(instant, last) if mark and last else None


@dataclass(frozen=True, slots=True)
class DeliveryPage:
    """Requests, newest first; `next` None is the end."""

    entries: tuple[Logged, ...]
    next: DeliveryCursor | None


def page(
    stores: Stores, choice: Choice, *, limit: int = 50, before: DeliveryCursor | None = None
) -> DeliveryPage:
    """A page of the newest of a choice, or of those after a cursor."""
    requested = limit + 1
    found = _accepted(stores, choice, requested, before) if choice.wants_accepted else []
    if choice.wants_refused:
        found += _refused(stores, choice, requested, before)
        found.sort(key=_place, reverse=True)
    entries = tuple(found[:limit])
    last = entries[-1] if len(found) > limit else None
    return DeliveryPage(
        entries, None if last is None else DeliveryCursor(last.received_at, last.id)
    )


@dataclass(frozen=True, slots=True)
class Newest:
    """What came last: when the newest delivery was stored, and the newest refusal's number."""

    stored_at: datetime | None
    refused: int

    @property
    def nothing(self) -> bool:
        """Whether nothing ever came, as far as it is still known."""
        return self.stored_at is None and self.refused == 0


def newest(stores: Stores, profile: str) -> Newest:
    """What came last of a profile; equal as long as the log shows the same."""
    rows = stores.events.rows("SELECT max(stored_at) FROM deliveries WHERE profile = ?", [profile])
    refused = stores.ledger.deliveries.rejects(profile, limit=1)
    stored_at = rows[0][0]
    return Newest(
        None if stored_at is None else stored_at.replace(tzinfo=UTC),
        refused[0].id if refused else 0,
    )


def opened(stores: Stores, profile: str, id_: str) -> Opened | None:
    """One request by its id; None if there is none, or none any more."""
    if id_.startswith(_REFUSED):
        one = stores.ledger.deliveries.reject(profile, _number(id_))
        return None if one is None else Opened(_of_reject(one), one.headers, None)
    span, parameters = _around(id_)
    rows = stores.events.rows(
        f"SELECT {_COLUMNS}, headers, body FROM deliveries"  # noqa: S608  # our own names
        f" WHERE profile = ? AND id = ?{span} LIMIT 1",
        [profile, id_, *parameters],
    )
    if not rows:
        return None
    *values, headers, body = rows[0]
    return Opened(_of_row(tuple(values)), json.loads(headers), bytes(body))


def raw(stores: Stores, profile: str, entries: Sequence[Logged]) -> dict[str, Opened]:
    """Headers and bodies of some deliveries of a page, by id; of refused ones none."""
    kept = [one for one in entries if one.stored_at is not None]
    if not kept:
        return {}
    times = [naive_utc(one.received_at) for one in kept]
    rows = stores.events.rows(
        "SELECT id, headers, body FROM deliveries WHERE profile = ? AND received_at BETWEEN ?"  # noqa: S608
        f" AND ? AND id IN ({', '.join('?' * len(kept))})",
        [profile, min(times), max(times), *(one.id for one in kept)],
    )
    by_id = {one.id: one for one in kept}
    return {i: Opened(by_id[i], json.loads(headers), bytes(body)) for i, headers, body in rows}


def attempts(stores: Stores, profile: str, body_id: str, *, limit: int = 100) -> list[Logged]:
    """The deliveries of one body, first attempt first."""
    rows = stores.events.rows(
        f"SELECT {_COLUMNS} FROM deliveries WHERE profile = ? AND body_id = ?"  # noqa: S608
        " ORDER BY attempt, received_at LIMIT ?",
        [profile, body_id, limit],
    )
    return [_of_row(row) for row in rows]


def attempt_counts(stores: Stores, profile: str, entries: Sequence[Logged]) -> dict[str, int]:
    """How often the bodies of some entries came until now, by body id."""
    body_ids = list(dict.fromkeys(one.body_id for one in entries if one.body_id))
    if not body_ids:
        return {}
    # the last attempt has the number of all, and isn't older than any entry of its body
    oldest = min(one.received_at for one in entries if one.body_id)
    rows = stores.events.rows(
        "SELECT body_id, max(attempt) FROM deliveries WHERE profile = ?"  # noqa: S608
        f" AND received_at >= ? AND body_id IN ({', '.join('?' * len(body_ids))})"
        " GROUP BY body_id",
        [profile, naive_utc(oldest), *body_ids],
    )
    return {str(body): int(times) for body, times in rows}


_NAMES: Final = (
    *("id", "received_at", "kind", "verdict", "answer", "size", "attempt", "body_id"),
    *("delivery_id", "trigger", "webhook_id", "item_type", "item_id", "item_name", "actor_id"),
    *("actor_login", "actor_name", "account_id", "key", "occurred_at", "sent_at", "stored_at"),
)
_COLUMNS: Final = ", ".join(_NAMES)
_TIMES: Final = frozenset({"received_at", "occurred_at", "sent_at", "stored_at"})


def _accepted(
    stores: Stores, choice: Choice, requested: int, before: DeliveryCursor | None
) -> list[Logged]:
    found: list[Logged] = []
    high, window = choice.until, _FIRST_WINDOW
    if before is not None:
        high = min(high, before.received_at + timedelta(microseconds=1))
    while len(found) < requested and high > choice.since:
        low = max(choice.since, high - window)
        where = choice.between(low, high).condition(own=True)
        sql, parameters = where.sql, [*where.parameters]
        if before is not None:
            sql += " AND (received_at < ? OR (received_at = ? AND id < ?))"
            at = naive_utc(before.received_at)
            parameters += [at, at, _before_id(before)]
        rows = stores.events.rows(
            f"SELECT {_COLUMNS} FROM deliveries WHERE {sql}"  # noqa: S608  # our own names
            " ORDER BY received_at DESC, id DESC LIMIT ?",
            [*parameters, requested - len(found)],
        )
        found += map(_of_row, rows)
        high, window = low, window * _GROWTH
    return found


def _refused(
    stores: Stores, choice: Choice, requested: int, before: DeliveryCursor | None
) -> list[Logged]:
    """Refused ones come first of those that came in the same microsecond."""
    last: tuple[datetime, int] | None = None
    if before is not None:
        last = (before.received_at, _number(before.id))
    found = stores.ledger.deliveries.rejects(
        choice.profile,
        since=choice.since,
        until=choice.until,
        kinds=choice.kinds,
        reasons=choice.reasons,
        statuses=choice.answers,
        sizes=choice.sizes,
        before=last,
        limit=requested,
    )
    return [_of_reject(one) for one in found]


def _before_id(before: DeliveryCursor) -> str:
    """Accepted ones come after all refused ones of their microsecond."""
    return "~" if before.id.startswith(_REFUSED) else before.id


def _place(one: Logged) -> tuple[datetime, bool, int, str]:
    return one.received_at, one.id.startswith(_REFUSED), _number(one.id), one.id


def _number(id_: str) -> int:
    """The number in the id of a refused one; 0, which none has, for anything else."""
    found = _REFUSED_ID.fullmatch(id_)
    return int(found[1]) if found else 0


def _around(id_: str) -> tuple[str, list[datetime]]:
    """A bound for the search: an id begins with the millisecond in which its delivery came."""
    try:
        at = datetime.fromtimestamp(int(id_[:_ID_MS_DIGITS], 16) / 1000, UTC)
        span = [naive_utc(at - timedelta(seconds=1)), naive_utc(at + timedelta(seconds=1))]
    except (ValueError, OverflowError, OSError):
        return "", []
    return " AND received_at BETWEEN ? AND ?", span


def _of_row(row: tuple[Any, ...]) -> Logged:
    values = dict(zip(_NAMES, row, strict=True))
    for name in _TIMES:
        if values[name] is not None:
            values[name] = values[name].replace(tzinfo=UTC)
    return Logged(**values)


def _of_reject(one: Reject) -> Logged:
    return Logged(
        id=f"{_REFUSED}{one.id}",
        received_at=one.at,
        kind=one.kind,
        verdict=one.reason,
        answer=one.status,
        size=one.size,
        sent_at=None if one.age_s is None else one.at - timedelta(seconds=one.age_s),
    )
