"""Where things are kept: the ledger (transactional, shared) and the event store (charted, owned).

A session profile gets the same two in memory; they are gone when closed.
"""

from dataclasses import dataclass
from typing import Final

from lib.settings.profiles import Settings
from lib.store.events.events import EventStore
from lib.store.ledger.ledger import Ledger
from lib.store.paths import SQLITE, events_path, is_ledger_file, ledger_path
from lib.store.restoring import check_whole, finish
from lib.store.schema_version import NotUpgradedError, OnUpgrade, ignore
from lib.store.upgrade import Upgrade, way_back
from lib.store.versions import ledger_is_older

SESSION_ROW_LIMIT: Final = 200_000
"""How many events a session profile can hold; its pages say so."""

__all__ = [
    "SESSION_ROW_LIMIT",
    "EventStore",
    "Ledger",
    "Stores",
    "events_path",
    "ledger_path",
    "open_ledger",
    "open_stores",
    "session_stores",
]


@dataclass(frozen=True, slots=True)
class Stores:
    """The two stores of one host, or of one session."""

    ledger: Ledger
    events: EventStore

    def close(self) -> None:
        """Let go of both."""
        self.events.close()
        self.ledger.close()

    def delete_profile(self, profile: str) -> None:
        """Forget everything of a profile but the audit record."""
        self.ledger.delete_profile(profile)
        self.events.delete_profile(profile)


def open_ledger(settings: Settings) -> Ledger:
    """The host's ledger; any process may open it. A relative path is inside the data folder.

    Raises NotUpgradedError for an older one, which its owner upgrades, and NewerStoreError.
    """
    check_whole(settings)
    with way_back(settings):
        if ledger_is_older(settings):
            raise NotUpgradedError
        return _open_ledger(settings)


def open_stores(settings: Settings, *, on_progress: OnUpgrade = ignore) -> Stores:
    """Both stores of the host. Only the owner may call it; others use `open_ledger`.

    A restore that was cut off is finished first. Stores of an earlier version are backed up, then
    upgraded. Raises StoreError when that can't be
    done, when a newer version made one, and when another process holds the event store.
    """
    finish(settings)
    path = events_path(settings)
    upgrade = Upgrade(settings, on_progress)
    with way_back(settings):
        if ledger_is_older(settings):
            upgrade.back_up()
        events = EventStore.open(path, before_upgrade=upgrade.back_up, on_progress=on_progress)
        try:
            ledger = _open_ledger(settings, on_progress)
        except BaseException:
            events.close()
            raise
    upgrade.finish()
    return Stores(ledger, events)


def _open_ledger(settings: Settings, on_progress: OnUpgrade = ignore) -> Ledger:
    url = settings.ledger_url
    if is_ledger_file(settings):
        url = f"{SQLITE}{ledger_path(settings)}"
    return Ledger.open(url, on_progress=on_progress)


def session_stores(*, row_limit: int = SESSION_ROW_LIMIT) -> Stores:
    """The stores of one session, in memory: no byte of them is written to disk."""
    return Stores(
        Ledger.in_memory(),
        EventStore.open(":memory:", memory_limit="300MB", threads=1, row_limit=row_limit),
    )
