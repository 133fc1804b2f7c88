"""Upgrading stores of an earlier version: the log says how far it is, and commands do it first."""

import logging
from typing import Final

from lib.app.ownership import OwnerLock
from lib.settings.profiles import Settings
from lib.store import open_stores
from lib.store.restoring import is_cut_off
from lib.store.schema_version import UpgradeProgress
from lib.store.versions import ledger_is_older

_EVERY_PERCENT: Final = 10

_log = logging.getLogger(__name__)
_log.setLevel(logging.INFO)  # it can take a minute, and nobody asked for it


class UpgradeLog:
    """Writes to the log how far an upgrade is: each step as it begins, then every 10 %."""

    def __init__(self) -> None:
        self._last: tuple[str, int] = ("", 0)

    def __call__(self, progress: UpgradeProgress) -> None:
        """Note that."""
        reached = (progress.step, progress.percent // _EVERY_PERCENT)
        if reached != self._last:
            self._last = reached
            _log.info("%s: %d %%", progress.step, progress.percent)


def upgrade_unowned(settings: Settings) -> None:
    """Upgrade the stores before a command opens the ledger alone, where nobody owns them.

    A restore that was cut off is finished.

    Raises StoreError when they can't be upgraded, and ConfigurationError as the lock does.
    """
    if not is_cut_off(settings) and not ledger_is_older(settings):
        return
    with OwnerLock(settings.data_dir) as lock:
        if lock.acquire():
            open_stores(settings, on_progress=UpgradeLog()).close()
