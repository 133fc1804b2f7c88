"""What the schema version in a store says: refused if newer, upgraded step by step if older.

Beside the number, `meta` says which version of the app gave the store that schema (`app`); stores
made before 0.1.0 don't. Nothing here opens a store.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from lib.core.errors import StoreError, Who
from lib.core.version import VERSION

SCHEMA: Final = "version"
APP: Final = "app"
"""The rows of `meta`."""


@dataclass(frozen=True, slots=True)
class UpgradeProgress:
    """How far an upgrade is: the step at work, and how much of it is done (bytes or steps)."""

    step: str
    done: int
    total: int

    @property
    def percent(self) -> int:
        """How much of the step is done."""
        return min(100, 100 * self.done // self.total) if self.total else 100


OnUpgrade = Callable[[UpgradeProgress], None]


def ignore(progress: UpgradeProgress) -> None:
    """For whoever opens a store and doesn't show how far its upgrade is."""
    del progress


class NotUpgradedError(StoreError):
    """The ledger still is as an earlier version made it, and this process isn't its owner."""

    def __init__(self) -> None:
        super().__init__(
            "The data folder is of an earlier version of this app and isn't upgraded yet.",
            cause="Only the process that owns it upgrades it. That one is at it, or still runs the"
            " earlier version.",
            fix="Wait until the app has started. If an earlier version still runs, stop it and"
            " start this one, or run `python -m lib store migrate`.",
            who=Who.YOU,
        )


class NewerStoreError(StoreError):
    """A newer version of the app gave the store its schema. `app` is that version, if known."""

    def __init__(self, name: str, found: int, known: int, app: str | None) -> None:
        by = f"Box Runbook {app}, a newer version" if app else "a newer version of this app"
        needed = f"Box Runbook {app} or newer" if app else "a newer version of Box Runbook"
        super().__init__(
            f"The {name} was made by {by}; this is Box Runbook {VERSION}.",
            cause=f"Its schema has version {found}, and this app knows up to {known}."
            " Nothing was changed.",
            fix=f"Install {needed}, or name another data folder (BOX_RUNBOOK_DATA).",
            who=Who.YOU,
        )
        self.app = app
