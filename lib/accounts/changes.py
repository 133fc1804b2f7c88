"""Changes to Kloudless accounts: what is sent, what the answer shows, what confirms a deletion.

Each change is one call. A failure with a known cause is returned, not raised. An answer that
doesn't show the requested change isn't a success. Nothing here keeps a token.
"""

import time
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final

from lib.accounts.rows import AccountRow, account_row
from lib.core.errors import KloudlessApiError, RunbookError
from lib.core.texts import disguises, plural, undisguised
from lib.http import capturing
from lib.http.outcome import Fact, Outcome, failed
from lib.kloudless import KloudlessClient
from lib.kloudless.account_import import ImportOrder, body

_NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})
_NOT_FOUND: Final = 404
_LONGEST_NAME: Final = 100
_AT_ONCE: Final = timedelta(seconds=10)


class Action(StrEnum):
    """What can be done to an account; the words are those of the audit record."""

    IMPORT = "import_account"
    ENABLE = "enable_account"
    DISABLE = "disable_account"
    RENAME = "rename_account"
    TOKENS = "update_account_tokens"
    DELETE = "delete_account"


DONE: Final = {
    Action.IMPORT: "Imported",
    Action.ENABLE: "Enabled",
    Action.DISABLE: "Disabled",
    Action.RENAME: "Renamed",
    Action.TOKENS: "Tokens updated",
    Action.DELETE: "Deleted",
}
NOT_DONE: Final = {
    Action.IMPORT: "Not imported",
    Action.ENABLE: "Not enabled",
    Action.DISABLE: "Not disabled",
    Action.RENAME: "Not renamed",
    Action.TOKENS: "Tokens not updated",
    Action.DELETE: "Not deleted",
}
#: The actions that can be applied to several accounts at once.
TOGETHER: Final = (Action.ENABLE, Action.DISABLE, Action.DELETE)


@dataclass(frozen=True, slots=True)
class Change:
    """A change of an account. `body` is what is sent; its secrets are wrapped."""

    action: Action
    body: Mapping[str, Any] = field(default_factory=lambda: _NOTHING)


def switching(row: AccountRow, *, on: bool) -> Change:
    """Enable or disable an account, by the field that its Kloudless knows."""
    return Change(Action.ENABLE if on else Action.DISABLE, {row.switch: on})


def change_of(action: Action, row: AccountRow) -> Change:
    """A change that needs only the account."""
    return Change(action) if action is Action.DELETE else switching(row, on=action is Action.ENABLE)


def needless(action: Action, row: AccountRow) -> bool:
    """Whether the account is already in that state."""
    return (action is Action.ENABLE and row.enabled) or (
        action is Action.DISABLE and not row.enabled
    )


def apply(
    client: KloudlessClient,
    row: AccountRow,
    change: Change,
    *,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    monotonic: Callable[[], float] = time.monotonic,
) -> Outcome:
    """Make a change and return its outcome."""

    def work() -> tuple[str, tuple[Fact, ...]]:
        if change.action is Action.DELETE:
            return _delete(client, row), ()
        reported = account_row(client.patch_account(row.id, change.body))
        return DONE[change.action], _facts(change, reported)

    name = undisguised(row.account) or f"account {row.id}"
    return _describe(change.action, name, work, now=now, monotonic=monotonic)


def bring_in(
    client: KloudlessClient,
    order: ImportOrder,
    *,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    monotonic: Callable[[], float] = time.monotonic,
) -> tuple[Outcome, AccountRow | None]:
    """Import an account; the outcome, and the account if Kloudless accepted it."""
    taken: list[AccountRow] = []

    def work() -> tuple[str, tuple[Fact, ...]]:
        row = account_row(client.import_account(body(order)))
        taken.append(row)
        return DONE[Action.IMPORT], _facts_of_import(order, row)

    name = undisguised(order.account.strip())
    outcome = _describe(Action.IMPORT, name, work, now=now, monotonic=monotonic)
    return outcome, taken[0] if taken else None


def _describe(
    action: Action,
    name: str,
    work: Callable[[], tuple[str, tuple[Fact, ...]]],
    *,
    now: Callable[[], datetime],
    monotonic: Callable[[], float],
) -> Outcome:
    """Run `work` and return its outcome; `work` returns what was done and the answer's facts."""
    at, started = now(), monotonic()
    with capturing() as exchanges:
        try:
            done, facts = work()
        except RunbookError as error:
            ms, calls = (monotonic() - started) * 1000, tuple(one.call for one in exchanges)
            return failed(f"{NOT_DONE[action]}: {name}", error, at=at, ms=ms, calls=calls)
    ms, calls = (monotonic() - started) * 1000, tuple(one.call for one in exchanges)
    return Outcome(f"{done}: {name}", ok=True, at=at, ms=ms, facts=facts, calls=calls)


def _delete(client: KloudlessClient, row: AccountRow) -> str:
    try:
        client.delete_account(row.id)
    except KloudlessApiError as error:
        if error.status != _NOT_FOUND:
            raise
        return "Was already gone"
    return DONE[Action.DELETE]


def _facts_of_import(order: ImportOrder, row: AccountRow) -> tuple[Fact, ...]:
    rights = "Admin, organisation-wide" if row.admin else "Personal"
    doubt = (
        "You asked for an organisation's account." if order.organisation and not row.admin else ""
    )
    created = (
        f"{row.created_at:%Y-%m-%d %H:%M} UTC" if row.created_at else "Not reported by Kloudless"
    )
    again = "The account existed before; Kloudless renewed it." if _was_there(row) else ""
    return (
        Fact("Kloudless ID", row.id, verbatim=True),
        Fact("Rights", rights, doubt),
        Fact("Created", f"{created}. {again}" if again else created),
    )


def _was_there(row: AccountRow) -> bool:
    """Whether Kloudless created the account well before it changed it, both by its own clock."""
    if row.created_at is None or row.modified_at is None:
        return False
    return row.modified_at - row.created_at > _AT_ONCE


def _facts(change: Change, reported: AccountRow) -> tuple[Fact, ...]:
    if change.action is Action.RENAME:
        return (_compared("Name", reported.account, str(change.body.get("account", ""))),)
    if change.action is Action.TOKENS:
        return (
            Fact("Sent", ", ".join(change.body)),
            Fact("Verified", "No. Kloudless doesn't test the tokens now."),
        )
    words = {True: "enabled", False: "disabled"}
    requested = change.action is Action.ENABLE
    return (_compared("Kloudless reports", words[reported.enabled], words[requested]),)


def _compared(label: str, reported: str, requested: str) -> Fact:
    if reported == requested:
        return Fact(label, undisguised(reported), verbatim=True)
    return Fact(
        label,
        undisguised(reported) or "nothing",
        f"Kloudless answered without an error, but this isn't what you requested ({requested}).",
        verbatim=True,
    )


def as_asked(outcome: Outcome) -> bool:
    """Whether the change was made, and the answer shows it."""
    return outcome.ok and not any(fact.warning for fact in outcome.facts)


def audit_outcome(outcome: Outcome) -> tuple[str, str | None]:
    """The word for the audit record, and why it isn't ok."""
    if outcome.fault is None:
        return (
            ("ok", None) if as_asked(outcome) else ("unclear", "the answer doesn't show the change")
        )
    status = f"{outcome.fault.status} " if outcome.fault.status else "no answer "
    return "refused", f"{status}{outcome.fault.said}".strip()


def what_to_type(row: AccountRow) -> str:
    """What a person types to delete an account: its name, or its id where that can't be typed."""
    name = _plain(row.account)
    typeable = name and len(name) <= _LONGEST_NAME and name.isprintable() and not disguises(name)
    return name if typeable else row.id


def is_confirmed(requested: str, typed: str) -> bool:
    """Whether what was typed is what must be typed."""
    return bool(requested) and _plain(typed) == _plain(requested)


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())


def together_to_type(rows: Sequence[AccountRow]) -> str:
    """What a person types to delete several accounts."""
    return f"delete {plural(len(rows), 'account')}"


@dataclass(slots=True)
class AccountBatch:
    """One change to several accounts: it can stop at any row and continue later.

    `owner` is the key of the profile whose accounts they are.
    """

    action: Action
    rows: tuple[AccountRow, ...]
    owner: str
    outcomes: dict[str, Outcome] = field(default_factory=dict)

    @property
    def left(self) -> tuple[AccountRow, ...]:
        """The accounts that remain."""
        return tuple(row for row in self.rows if row.id not in self.outcomes)

    @property
    def words(self) -> str:
        """“2 enabled · 1 refused · 3 remaining”."""
        found = [self.outcomes[row.id] for row in self.rows if row.id in self.outcomes]
        good = sum(as_asked(one) for one in found)
        parts = [
            f"{good} {DONE[self.action].lower()}" if good else "",
            f"{len(found) - good} refused" if len(found) > good else "",
            f"{len(self.left)} remaining" if self.left else "",
        ]
        return " · ".join(part for part in parts if part)


def work_through(
    batch: AccountBatch,
    client: KloudlessClient,
    *,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Iterator[tuple[AccountRow, Outcome]]:
    """Change the accounts in turn; each outcome is in the batch before it is yielded."""
    for row in batch.left:
        if needless(batch.action, row):
            words = f"Already {DONE[batch.action].lower()}"
            outcome = Outcome(words, ok=True, at=now(), ms=0.0)
        else:
            outcome = apply(client, row, change_of(batch.action, row), now=now)
        batch.outcomes[row.id] = outcome
        yield row, outcome
