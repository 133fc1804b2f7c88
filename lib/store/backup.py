"""Copies of both stores that belong together, and putting them back.

A backup is a folder: `ledger.sqlite`, `events.duckdb`, and `backup.json` with versions and digests.
Both are copied while nothing is committed to the event store, so what the one says of the other
holds. Putting one back refuses while anybody has the stores open, and keeps what was there.
"""

import hashlib
import json
import os
import shutil
import sqlite3
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from lib.core.errors import StoreError, Who
from lib.core.private_files import make_private
from lib.settings.profiles import Settings
from lib.store import Stores, events_path, ledger_path
from lib.store.events.schema import EVENTS_VERSION
from lib.store.ledger.tables import LEDGER_VERSION

LEDGER: Final = "ledger.sqlite"
EVENTS: Final = "events.duckdb"
NOTE: Final = "backup.json"
_CHUNK: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Backup:
    """What a backup holds: when it was made (RFC 3339), versions, and digests by file name."""

    made_at: str
    ledger: int
    events: int
    sha256: dict[str, str]


def back_up(stores: Stores, settings: Settings, folder: Path, *, now: datetime) -> Backup:
    """Make a backup in a folder that doesn't exist yet, or is empty.

    Raises StoreError when it can't be written; then nothing is left of it.
    """
    source = ledger_path(settings)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise _refused(f"{folder} isn't empty.", "Name a folder that doesn't exist yet.")
        stores.events.copy_to(folder / EVENTS, lambda: _copy_ledger(source, folder / LEDGER))
        for name in (EVENTS, LEDGER):
            make_private(folder / name)
        made = Backup(
            now.astimezone(UTC).isoformat(),
            LEDGER_VERSION,
            EVENTS_VERSION,
            {name: _digest(folder / name) for name in (LEDGER, EVENTS)},
        )
        _write(folder / NOTE, asdict(made))
    except (OSError, sqlite3.Error) as error:
        for name in (EVENTS, LEDGER, NOTE):
            (folder / name).unlink(missing_ok=True)
        raise _refused(
            f"The backup can't be written ({type(error).__name__}).",
            "Check the folder's permissions and the free disk space.",
        ) from error
    return made


def read_backup(folder: Path) -> Backup:
    """What a folder holds, checked byte for byte. Raises StoreError for what is no whole backup."""
    try:
        value: dict[str, Any] = json.loads((folder / NOTE).read_text(encoding="utf-8"))
        found = Backup(
            str(value["made_at"]),
            int(value["ledger"]),
            int(value["events"]),
            {str(name): str(digest) for name, digest in dict(value["sha256"]).items()},
        )
        whole = set(found.sha256) == {LEDGER, EVENTS} and all(
            _digest(folder / name) == digest for name, digest in found.sha256.items()
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise _refused(
            f"{folder} isn't a backup of this app.", "Name a folder that `store backup` created."
        ) from error
    if not whole:
        raise _refused("The backup is damaged or was changed.", "Use another backup.")
    if found.ledger > LEDGER_VERSION or found.events > EVENTS_VERSION:
        raise _refused("The backup was made by a newer version of this app.", "Update the app.")
    return found


def restore(settings: Settings, folder: Path, *, replace: bool, now: datetime) -> list[Path]:
    """Put a backup in the place of the stores; where what was there is kept, now.

    Only for whoever holds the data folder's lock. Raises StoreError when the backup isn't whole,
    when there are stores already and `replace` isn't said, and when somebody has the ledger open.
    """
    read_backup(folder)
    places = {LEDGER: ledger_path(settings), EVENTS: events_path(settings)}
    there = [place for place in places.values() if place.exists()]
    if there and not replace:
        raise _refused(
            "There are stores in this data folder already.",
            "Use --replace: the existing stores are kept under another name.",
        )
    _nobody_has(places[LEDGER])
    stamp = now.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    kept: list[Path] = []
    try:
        new = {}
        for name, place in places.items():
            place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            new[name] = place.with_name(f".{place.name}.restoring")
            shutil.copyfile(folder / name, new[name])
            make_private(new[name])
        for place in places.values():
            kept += _aside(place, stamp)
        for name, place in places.items():
            new[name].replace(place)
    except OSError as error:
        raise _refused(
            f"The backup can't be restored ({error.strerror or type(error).__name__}).",
            "The previous stores are kept under names that end in the time. Check permissions and "
            "free disk space, then try again.",
        ) from error
    return kept


def _aside(place: Path, stamp: str) -> list[Path]:
    """Move a store and what belongs to it out of the way."""
    moved = []
    for suffix in ("", "-wal", "-shm", ".wal"):
        old = place.with_name(place.name + suffix)
        if old.exists():
            new = place.with_name(f"{place.name}.before-{stamp}{suffix}")
            old.replace(new)
            moved.append(new)
    return moved


def _nobody_has(ledger: Path) -> None:
    """Refuse while another process has the ledger open, though it owns nothing."""
    if not ledger.exists():
        return
    try:
        with closing(sqlite3.connect(ledger, timeout=0.5, isolation_level=None)) as connection:
            connection.execute("PRAGMA locking_mode=EXCLUSIVE")
            connection.execute("BEGIN EXCLUSIVE")
            connection.execute("ROLLBACK")
    except sqlite3.OperationalError as error:
        raise _refused(
            "Another process has the ledger open.",
            "Stop the app and its commands (sync, receive), then try again.",
        ) from error
    except sqlite3.DatabaseError:
        return  # no ledger any more: that may be why it is restored


def _copy_ledger(source: Path, target: Path) -> None:
    with (
        closing(sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True)) as existing,
        closing(sqlite3.connect(target)) as copy,
    ):
        existing.backup(copy)


def _digest(path: Path) -> str:
    found = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            found.update(chunk)
    return found.hexdigest()


def _write(path: Path, value: dict[str, Any]) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(value, file, indent=1)


def _refused(message: str, fix: str) -> StoreError:
    return StoreError(message, cause="", fix=fix, who=Who.YOU)
