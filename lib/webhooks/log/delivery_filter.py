"""Which deliveries a query is about, and which part of it each of the two stores can answer.

Accepted deliveries are in the event store, rejected ones in the ledger. The body of a rejected one
is never parsed: it has no trigger, item or actor, so a filter by one of these leaves it out.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final

from lib.activity.ingest.delivery_events import ACCEPTED, OWN, REPEATED
from lib.activity.queries.filters import Condition
from lib.store.times import naive_utc
from lib.webhooks.receive.refusals import Refusal

VERDICTS: Final[tuple[str, ...]] = (ACCEPTED, REPEATED, OWN, *Refusal)
"""What a delivery can be: the first of its body, a repeat, this app's own, or refused."""
COLUMNS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "trigger": "trigger",
        "item": "item_id",
        "actor": "actor_id",
        "webhook": "webhook_id",
        "account": "account_id",
        "key": "key",
        "body": "body_id",
    }
)
"""Fields that only accepted deliveries have, and their columns. Names are those of links."""
_NOTHING: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Choice:
    """Deliveries of one profile, received from `since` (inclusive) to `until` (exclusive), UTC.

    `kinds` and `verdicts` (see `VERDICTS`) apply to all; `only` maps names of `COLUMNS` to values,
    any of which does. `attempts` and `sizes` are the least and most, None is no bound. `answers`
    are statuses. What is empty doesn't choose.
    """

    profile: str
    since: datetime
    until: datetime
    kinds: tuple[str, ...] = ()
    verdicts: tuple[str, ...] = ()
    only: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: _NOTHING)
    attempts: tuple[int | None, int | None] = (None, None)
    sizes: tuple[int | None, int | None] = (None, None)
    answers: tuple[int, ...] = ()

    def between(self, since: datetime, until: datetime) -> "Choice":
        """The same choice in another period."""
        return replace(self, since=since, until=until)

    @property
    def reasons(self) -> tuple[str, ...]:
        """The refusals that are chosen; all of them without a choice of verdicts."""
        return tuple(v for v in self.verdicts or Refusal if v in set(Refusal))

    @property
    def wants_accepted(self) -> bool:
        """Whether accepted deliveries can be in it."""
        return not self.verdicts or not {ACCEPTED, REPEATED, OWN}.isdisjoint(self.verdicts)

    @property
    def wants_refused(self) -> bool:
        """Whether refused ones can be in it."""
        inside = any(self.only.values()) or self.attempts != (None, None)
        return bool(self.reasons) and not inside

    def condition(self, *, own: bool = False) -> Condition:
        """The SQL condition for the accepted deliveries; values go in as parameters.

        What this app sent itself is left out, unless `own` or the verdicts ask for it.
        """
        found = Condition(
            "profile = ? AND received_at >= ? AND received_at < ?",
            (self.profile, naive_utc(self.since), naive_utc(self.until)),
        )
        lists: list[tuple[str, tuple[Any, ...]]] = [("kind", self.kinds), ("answer", self.answers)]
        lists += [(COLUMNS[name], values) for name, values in self.only.items()]
        if self.verdicts:
            lists.append(("verdict", self.verdicts))
        elif not own:
            found &= Condition("verdict <> ?", (OWN,))
        for column, values in lists:
            if values:
                marks = ", ".join("?" * len(values))
                found &= Condition(f"{column} IN ({marks})", values)
        for column, (least, most) in (("attempt", self.attempts), ("size", self.sizes)):
            if least is not None:
                found &= Condition(f"{column} >= ?", (least,))
            if most is not None:
                found &= Condition(f"{column} <= ?", (most,))
        return found
