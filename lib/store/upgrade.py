"""Before stores of an earlier version are upgraded, they are backed up: once, whole or not at all.

The backup is a folder in `backups/` of the data folder, named for the date and both versions:
`20261201T093000Z-from-0.1.0-to-0.2.0`. It is made under another name and gets its own when
everything is on the disk. `backups/upgrading.json` names it until the upgrade is done, so that one
that was cut off goes on with the same backup. Only the owner of the data folder comes here.
"""

import json
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import duckdb

from lib.core.errors import StoreError, Who
from lib.core.private_files import sync_folder, write_private
from lib.core.version import VERSION
from lib.settings.profiles import Settings
from lib.store.backup import EVENTS, LEDGER, Backup, complete, copy_ledger, read_backup, read_note
from lib.store.events.preparing import is_older
from lib.store.paths import events_path, is_ledger_file, ledger_path
from lib.store.schema_version import NewerStoreError, OnUpgrade, UpgradeProgress
from lib.store.versions import StoreVersion, known, of_events, of_ledger

BACKUPS: Final = "backups"
PENDING: Final = "upgrading.json"
_UNFINISHED: Final = ".making-"
_STEP: Final = "Backing up before the upgrade"
_CHUNK: Final = 4 << 20
_BESIDE: Final = ("", "-wal", ".wal")
_PLAIN: Final[dict[str, str | bool | int | float | list[str]]] = {
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
}
_EXTRA_BYTES: Final = 16 << 20
"""What the upgrade itself needs, beside a quarter of what the stores take."""


class Upgrade:
    """What an opening of both stores does first, where an earlier version made them."""

    def __init__(self, settings: Settings, on_progress: OnUpgrade) -> None:
        self._settings = settings
        self._on_progress = on_progress
        self._folder = settings.data_dir.absolute() / BACKUPS
        self._done = False

    def back_up(self) -> None:
        """Make the backup, unless this upgrade has one. Both stores have to be closed.

        Raises StoreError when it can't be made, NewerStoreError when one of the stores isn't
        older but newer; then nothing was changed.
        """
        if self._done or self._pending():
            return
        _fold(events_path(self._settings))
        self._check_free_space()
        versions = _versions(self._settings)
        making = self._folder / f"{_UNFINISHED}{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
        try:
            self._folder.mkdir(mode=0o700, exist_ok=True)
            for left in self._folder.glob(f"{_UNFINISHED}*"):
                shutil.rmtree(left)
            making.mkdir(mode=0o700)
            self._copy(making)
            made = complete(making, _note(versions))
            place = self._place(made)
            making.rename(place)
            sync_folder(self._folder)
            pending = json.dumps({"folder": place.name, "to": known()})
            write_private(self._folder / PENDING, pending.encode(), durable=True)
        except (OSError, sqlite3.Error) as error:
            shutil.rmtree(making, ignore_errors=True)
            reason = getattr(error, "strerror", None) or type(error).__name__
            raise StoreError(
                "The stores can't be backed up before the upgrade.",
                cause=f"{reason}. Nothing was changed.",
                fix="Check the permissions of the data folder and the free space on its disk, then"
                " start again.",
                who=Who.YOU,
            ) from error
        self._done = True

    def finish(self) -> None:
        """Both stores are of this version."""
        (self._folder / PENDING).unlink(missing_ok=True)

    def _pending(self) -> bool:
        """Whether an upgrade to this version was cut off after its backup, which is whole."""
        try:
            value: dict[str, Any] = json.loads((self._folder / PENDING).read_text("utf-8"))
            if value["to"] != known():
                return False
            read_backup(self._folder / Path(str(value["folder"])).name)
        except (OSError, ValueError, KeyError, TypeError, StoreError):
            return False
        return True

    def _check_free_space(self) -> None:
        """Raises StoreError where there is too little for the backup and the upgrade."""
        stores = sum(path.stat().st_size for path in _files(self._settings))
        needed = stores + stores // 4 + _EXTRA_BYTES
        free = shutil.disk_usage(self._settings.data_dir).free
        if free < needed:
            raise StoreError(
                "There isn't enough free disk space to upgrade the stores.",
                cause=f"They take {_mb(stores)}; their backup and the upgrade need {_mb(needed)},"
                f" and {_mb(free)} are free. Nothing was changed.",
                fix="Free some space, or move the data folder to a larger disk and name it in"
                " BOX_RUNBOOK_DATA, then start again.",
                who=Who.YOU,
            )

    def _copy(self, target: Path) -> None:
        events = events_path(self._settings)
        total = events.stat().st_size if events.exists() else 0
        self._on_progress(UpgradeProgress(_STEP, 0, total))
        if events.exists():
            with events.open("rb") as source, (target / EVENTS).open("xb") as copy:
                while chunk := source.read(_CHUNK):
                    copy.write(chunk)
                    self._on_progress(UpgradeProgress(_STEP, copy.tell(), total))
        if is_ledger_file(self._settings) and ledger_path(self._settings).exists():
            copy_ledger(ledger_path(self._settings), target / LEDGER)

    def _place(self, made: Backup) -> Path:
        """A name that isn't taken."""
        at = datetime.fromisoformat(made.made_at)
        source = made.app or f"schema-{made.ledger}.{made.events}"
        name = f"{at:%Y%m%dT%H%M%SZ}-from-{source}-to-{VERSION}"
        place, number = self._folder / name, 1
        while place.exists():
            number += 1
            place = self._folder / f"{name}-{number}"
        return place


@contextmanager
def way_back(settings: Settings) -> Iterator[None]:
    """Whoever is told that a store is newer is also told of the backup made before the upgrade."""
    try:
        yield
    except NewerStoreError as error:
        folder = settings.data_dir / BACKUPS
        notes = [(_note_in(one), one) for one in folder.glob("*-from-*-to-*")]
        mine = [(note.made_at, one) for note, one in notes if note and not note.newer]
        if mine:
            error.fix += (
                f" Or go back to what was there before the upgrade of {max(mine)[0][:10]}, without"
                " what came in since: `python -m lib store restore"
                f" {max(mine)[1]} --replace`."
            )
        raise


def _note(versions: tuple[StoreVersion | None, StoreVersion | None]) -> Backup:
    ledger, events = versions
    named = [one.app for one in versions if one is not None and one.app]
    return Backup(
        datetime.now(UTC).isoformat(),
        ledger.schema if ledger else 0,
        events.schema if events else 0,
        {},
        app=named[0] if named else "",
    )


def _note_in(folder: Path) -> Backup | None:
    try:
        return read_note(folder)
    except StoreError:
        return None


def _versions(settings: Settings) -> tuple[StoreVersion | None, StoreVersion | None]:
    ledger = of_ledger(ledger_path(settings)) if is_ledger_file(settings) else None
    return ledger, of_events(events_path(settings))


def _fold(events: Path) -> None:
    """Write the log of an event store into its file. Raises NewerStoreError, StoreError."""
    if not events.exists():
        return
    try:
        with closing(duckdb.connect(str(events), config=_PLAIN)) as connection:
            is_older(connection)
            connection.execute("CHECKPOINT")
    except duckdb.Error as error:
        raise StoreError(
            "The event store can't be read before the upgrade.",
            cause="The file isn't an event store of this app, is damaged, or another process has"
            " it open.",
            fix="Stop every process of this app that uses the data folder, then start again.",
            who=Who.YOU,
        ) from error


def _files(settings: Settings) -> list[Path]:
    stores = [events_path(settings)]
    if is_ledger_file(settings):
        stores.append(ledger_path(settings))
    found = [store.with_name(store.name + end) for store in stores for end in _BESIDE]
    return [path for path in found if path.exists()]


def _mb(size: int) -> str:
    return f"{size / 1e6:,.1f} MB"
