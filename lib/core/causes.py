"""The table of causes: what a fault of Box, Kloudless or the network means, and what to do.

The texts and the patterns that choose one are data (`lib/core/data/causes.toml`); nothing here
knows a fault by name except `unknown`. A fault that no entry fits stays unknown and is shown as it
came: a confident wrong cause is worse. What is inferred is worded as a guess. Never holds a secret:
what the other side wrote passes through `redact`.
"""

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any, Final

from lib.core.errors import Explanation, Who
from lib.core.redaction import redact

UNKNOWN: Final = "unknown"
_FILE: Final = Path(__file__).with_name("data") / "causes.toml"
_SHOWN: Final = 500  # characters of a foreign message
_MATCHED: Final = 4000  # characters of it that the patterns see


class Mark(StrEnum):
    """How we know: the other side says so, it was seen, or it is our guess."""

    DOCUMENTED = "documented"
    OBSERVED = "observed"
    INFERRED = "inferred"


class Api(StrEnum):
    """Whose fault it is that is looked up."""

    BOX_TOKEN = "box_token"  # noqa: S105  # the name of an endpoint
    BOX = "box"
    KLOUDLESS = "kloudless"
    NETWORK = "network"
    BOX_CONSENT = "box_consent"
    KLOUDLESS_CONSENT = "kloudless_consent"


@dataclass(frozen=True, slots=True)
class Cause:
    """One row: what happened (`title`), why (`text`), what next (`fix`), who can do it.

    `where` is the way through the other side's console, `known_good` the ISO date of the
    documentation that names it so.
    """

    id: str
    title: str
    text: str
    fix: str
    who: Who
    where: str | None
    known_good: str | None
    mark: Mark

    @property
    def explanation(self) -> Explanation:
        """What an error of this cause carries."""
        return Explanation(cause=self.text, fix=self.fix, who=self.who, cause_id=self.id)


class TableError(ValueError):
    """The table of causes has a row that isn't right; says which."""


@dataclass(frozen=True, slots=True)
class _Fault:
    api: Api
    status: int = 0
    code: str = ""
    text: str = ""
    header: str = ""
    as_user: bool = False
    path: str = ""


_Test = Callable[[_Fault], bool]


def token_error(error: str, description: str, *, status: int) -> Cause:
    """The cause of a refusal by Box's token endpoint, from its two error fields."""
    fault = _Fault(Api.BOX_TOKEN, status, error or "", (description or "")[:_MATCHED])
    return _find(fault, f"{error}: {description}")


def box_error(
    status: int,
    *,
    code: str | None = None,
    message: str | None = None,
    www_authenticate: str | None = None,
    as_user: bool = False,
    path: str | None = None,
) -> Cause:
    """The cause of a fault of Box's API. `as_user` and `path` (`/2.0/…`) say what was asked."""
    fault = _Fault(
        Api.BOX,
        status,
        code or "",
        (message or "")[:_MATCHED],
        (www_authenticate or "")[:_MATCHED],
        as_user,
        path or "",
    )
    return _find(fault, " ".join(str(part) for part in (status, code, message) if part))


def kloudless_error(status: int, error_code: str | None, *, message: str | None = None) -> Cause:
    """The cause of a fault of Kloudless, from its status and `error_code`."""
    fault = _Fault(Api.KLOUDLESS, status, error_code or "", (message or "")[:_MATCHED])
    return _find(fault, " ".join(str(part) for part in (status, error_code, message) if part))


def consent_error(api: Api, error: str, description: str = "") -> Cause:
    """The cause of `error` in the address that a person comes back to from a consent page."""
    fault = _Fault(api, code=error, text=description[:_MATCHED])
    return _find(fault, f"{error}: {description}" if description else error)


def network_error(kind: str) -> Cause:
    """The cause of no answer; `kind` as in `Unreachable`."""
    return _find(_Fault(Api.NETWORK, code=kind), kind)


def cause(cause_id: str) -> Cause:
    """The row of that id, or `unknown` for an id that isn't in the table."""
    rows = _table()[0]
    return rows.get(cause_id, rows[UNKNOWN])


def all_causes() -> tuple[Cause, ...]:
    """Every row, in the order of the file."""
    return tuple(_table()[0].values())


def _find(fault: _Fault, as_it_came: str) -> Cause:
    rows, tests = _table()
    for cause_id, test in tests:
        if test(fault):
            return rows[cause_id]
    unknown = rows[UNKNOWN]
    shown = "".join(c if c.isprintable() else " " for c in redact(as_it_came[:_MATCHED]))
    shown = shown.strip()[:_SHOWN]
    return replace(unknown, text=f"{unknown.text} It says: {shown}") if shown else unknown


@cache
def _table() -> tuple[Mapping[str, Cause], tuple[tuple[str, _Test], ...]]:
    return read_table(_FILE.read_text(encoding="utf-8"))


def read_table(text: str) -> tuple[Mapping[str, Cause], tuple[tuple[str, _Test], ...]]:
    """The rows by id and, in the order of the file, the tests that choose one.

    Raises TableError for a row with a missing or unknown field, a repeated id, a wrong word.
    """
    rows: dict[str, Cause] = {}
    tests: list[tuple[str, _Test]] = []
    for raw in tomllib.loads(text).get("cause", []):
        row = _row(raw)
        if row.id in rows:
            raise TableError(f"{row.id} is there twice")
        rows[row.id] = row
        tests.extend((row.id, _test(row.id, match)) for match in raw.get("match", []))
    if UNKNOWN not in rows:
        raise TableError("there is no row for unknown faults")
    return rows, tuple(tests)


_TEXTS: Final = ("id", "title", "text", "fix", "who", "mark")
_OPTIONAL: Final = frozenset({"where", "known_good", "match"})


def _row(raw: Mapping[str, Any]) -> Cause:
    name = str(raw.get("id", "?"))
    for field in _TEXTS:
        if not isinstance(raw.get(field), str) or not raw[field].strip():
            raise TableError(f"{name}: {field} is missing")
    stray = set(raw) - set(_TEXTS) - _OPTIONAL
    if stray:
        raise TableError(f"{name}: there is no field {min(stray)}")
    known_good = raw.get("known_good")
    if ("where" in raw) != isinstance(known_good, date):
        raise TableError(f"{name}: a way through a console needs the date it was read, and only it")
    try:
        return Cause(
            id=name,
            title=raw["title"],
            text=raw["text"],
            fix=raw["fix"],
            who=Who(raw["who"]),
            where=raw.get("where"),
            known_good=known_good.isoformat() if known_good else None,
            mark=Mark(raw["mark"]),
        )
    except ValueError as error:
        raise TableError(f"{name}: {error}") from error


_CONDITIONS: Final = frozenset({"api", "status", "code", "text", "header", "as_user", "path"})


def _test(name: str, match: Mapping[str, Any]) -> _Test:
    stray = set(match) - _CONDITIONS
    if stray or "api" not in match or len(match) == 1:
        words = ", ".join(sorted(_CONDITIONS - {"api"}))
        raise TableError(f"{name}: a match names an api and something of {words}")
    try:
        api = Api(match["api"])
        patterns = {
            field: re.compile(match[field], re.IGNORECASE)
            for field in ("text", "header", "path")
            if field in match
        }
    except (ValueError, re.error) as error:
        raise TableError(f"{name}: {error}") from error
    statuses = frozenset(match.get("status", ()))
    codes = frozenset(match.get("code", ()))
    as_user = match.get("as_user")

    def fits(fault: _Fault) -> bool:
        return (
            fault.api is api
            and (not statuses or fault.status in statuses)
            and (not codes or fault.code in codes)
            and (as_user is None or fault.as_user is as_user)
            and all(pattern.search(getattr(fault, field)) for field, pattern in patterns.items())
        )

    return fits
