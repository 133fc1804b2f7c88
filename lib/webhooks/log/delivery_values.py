"""The values of a field that deliveries have: listed, searched, named."""

from collections.abc import Sequence
from typing import Final

from lib.activity.queries.value_search import Match, Matches
from lib.store import Stores
from lib.store.events import dialect
from lib.webhooks.log.delivery_filter import COLUMNS, Choice

_NAMES: Final = {"item": ("item_name",), "actor": ("actor_name", "actor_login")}


def values(
    stores: Stores, choice: Choice, field: str, *, limit: int = 200
) -> list[tuple[str, str | None, int]]:
    """The values of a field of `choice.COLUMNS` in a choice: value, newest name, deliveries."""
    where = choice.condition()
    column = COLUMNS[field]
    rows = stores.events.rows(
        f"SELECT {column}, {_label(field)}, count(*) AS n FROM deliveries WHERE {where.sql}"  # noqa: S608
        f" AND {column} IS NOT NULL GROUP BY {column} ORDER BY n DESC, {column} LIMIT ?",
        [*where.parameters, limit],
    )
    return [(str(value), label, int(n)) for value, label, n in rows]


def find(stores: Stores, profile: str, field: str, text: str, *, limit: int = 50) -> Matches:
    """The values of a field that a typed text means, among all deliveries that are kept."""
    text = " ".join(text.split())
    if not text:
        return Matches(text)
    column = COLUMNS[field]
    names = (column, *_NAMES.get(field, ()))
    word = f"contains({dialect.plain('{}')}, {dialect.plain('?')})"
    fits = " OR ".join(
        "(" + " AND ".join([word.format(name)] * len(text.split())) + ")" for name in names
    )
    exact = " OR ".join(f"{dialect.plain(name)} = {dialect.plain('?')}" for name in names)
    rows = stores.events.rows(
        f"SELECT {column}, {_label(field)}, count(*) AS n, count(*) OVER ()"  # noqa: S608
        f" FROM deliveries WHERE profile = ? AND {column} IS NOT NULL AND ({fits})"
        f" GROUP BY {column} ORDER BY bool_or({exact}) DESC, n DESC, {column} LIMIT ?",
        [profile, *text.split() * len(names), *[text] * len(names), limit],
    )
    found = tuple(Match(str(value), label or str(value), None, n) for value, label, n, _ in rows)
    return Matches(text, found, int(rows[0][3]) if rows else 0)


def known(stores: Stores, profile: str, field: str, requested: Sequence[str]) -> dict[str, str]:
    """What values are called by any delivery that is kept; those without a name are absent."""
    if field not in _NAMES or not requested:
        return {}
    column = COLUMNS[field]
    rows = stores.events.rows(
        f"SELECT {column}, {_label(field)} FROM deliveries"  # noqa: S608  # our own names
        f" WHERE profile = ? AND {dialect.one_of(column)} GROUP BY {column}",
        [profile, list(requested)],
    )
    return {str(value): label for value, label in rows if label}


def _label(field: str) -> str:
    """The newest name of a value."""
    names = _NAMES.get(field)
    return f"arg_max(coalesce({', '.join(names)}), received_at)" if names else "NULL"
