"""Copies of both stores that belong together, and putting them back.

A backup is a folder: `ledger.sqlite`, `events.duckdb`, and `backup.json` with versions and digests.
One that was made before an upgrade has what was there, which may be one of the two alone. Both are
copied while nothing is committed to the event store, so what the one says of the other
holds. Putting one back refuses while anybody has the stores open, and keeps what was there.
"""

import hashlib
import json
import os
import shutil
import sqlite3
from contextlib import closing, suppress
from dataclasses import asdict, dataclass
from dataclasses import replace as changed
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from lib.core.errors import StoreError, Who
from lib.core.private_files import make_private, write_private
from lib.core.version import VERSION
from lib.settings.profiles import Settings
from lib.store.events.schema import EVENTS_VERSION
from lib.store.ledger.tables import LEDGER_VERSION
from lib.store.paths import events_path, ledger_path
from lib.store.restoring import begin, copy_of, finish

if TYPE_CHECKING:
    from lib.store import Stores

LEDGER: Final = "ledger.sqlite"
EVENTS: Final = "events.duckdb"
NOTE: Final = "backup.json"
_PARTS: Final = (LEDGER, EVENTS)
_CHUNK: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Backup:
    """What a backup holds: when it was made (RFC 3339), versions, and digests by file name.

    `app` is the version of the app whose stores they are; empty where they don't say.
    """

    made_at: str
    ledger: int
    events: int
    sha256: dict[str, str]
    app: str = ""

    @property
    def newer(self) -> bool:
        """Whether this app can't open what is in it."""
        return self.ledger > LEDGER_VERSION or self.events > EVENTS_VERSION


def back_up(stores: "Stores", settings: Settings, folder: Path, *, now: datetime) -> Backup:
    """Make a backup in a folder that doesn't exist yet, or is empty.

    Raises StoreError when it can't be written; then nothing is left of it.
    """
    source = ledger_path(settings)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise _refused(f"{folder} isn't empty.", "Name a folder that doesn't exist yet.")
        stores.events.copy_to(folder / EVENTS, lambda: copy_ledger(source, folder / LEDGER))
        made = Backup(
            now.astimezone(UTC).isoformat(), LEDGER_VERSION, EVENTS_VERSION, {}, app=VERSION
        )
        made = complete(folder, made)
    except (OSError, sqlite3.Error) as error:
        for name in (EVENTS, LEDGER, NOTE):
            with suppress(OSError):  # below a file there is nothing to take away
                (folder / name).unlink(missing_ok=True)
        raise _refused(
            f"The backup can't be written ({type(error).__name__}).",
            "Check the folder's permissions and the free disk space.",
        ) from error
    return made


def complete(folder: Path, backup: Backup) -> Backup:
    """Write the note beside the copies in a folder, with their digests; all durable.

    Raises OSError.
    """
    copies = [folder / name for name in _PARTS if (folder / name).exists()]
    for copy in copies:
        make_private(copy)
        _make_durable(copy)
    made = changed(backup, sha256={copy.name: _digest(copy) for copy in copies})
    write_private(folder / NOTE, json.dumps(asdict(made), indent=1).encode(), durable=True)
    return made


def read_note(folder: Path) -> Backup:
    """What a folder says that it holds. Raises StoreError for what is no backup."""
    try:
        value: dict[str, Any] = json.loads((folder / NOTE).read_text(encoding="utf-8"))
        return Backup(
            str(value["made_at"]),
            int(value["ledger"]),
            int(value["events"]),
            {str(name): str(digest) for name, digest in dict(value["sha256"]).items()},
            str(value.get("app", "")),
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise _no_backup(folder) from error


def read_backup(folder: Path) -> Backup:
    """What a folder holds, checked byte for byte. Raises StoreError for what is no whole backup."""
    found = read_note(folder)
    try:
        whole = bool(found.sha256) and all(
            name in _PARTS and _digest(folder / name) == digest
            for name, digest in found.sha256.items()
        )
    except OSError as error:
        raise _no_backup(folder) from error
    if not whole:
        raise _refused("The backup is damaged or was changed.", "Use another backup.")
    if found.newer:
        by = f"Box Runbook {found.app}, a newer version" if found.app else "a newer version"
        raise _refused(
            f"The backup was made by {by} of this app; this is {VERSION}.",
            f"Install {f'Box Runbook {found.app}' if found.app else 'that version'} or newer, or "
            "use another backup.",
        )
    return found


def restore(settings: Settings, folder: Path, *, replace: bool, now: datetime) -> list[Path]:
    """Put a backup in the place of the stores; where what was there is kept, now.

    Only for whoever holds the data folder's lock. Raises StoreError when the backup isn't whole,
    when there are stores already and `replace` isn't said, and when somebody has the ledger open.
    """
    parts = read_backup(folder).sha256
    finish(settings)  # one that was cut off
    places = {LEDGER: ledger_path(settings), EVENTS: events_path(settings)}
    there = [place for place in places.values() if place.exists()]
    if there and not replace:
        raise _refused(
            "There are stores in this data folder already.",
            "Use --replace: the existing stores are kept under another name.",
        )
    _nobody_has(places[LEDGER])
    stamp = now.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    copies = {place: copy_of(place) for name, place in places.items() if name in parts}
    try:
        for name, place in places.items():
            if name in parts:
                place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                shutil.copyfile(folder / name, copies[place])
                make_private(copies[place])
                _make_durable(copies[place])
        begin(settings, copies, stamp)
    except OSError as error:
        for copy in copies.values():
            copy.unlink(missing_ok=True)
        raise _refused(
            f"The backup can't be restored ({error.strerror or type(error).__name__}).",
            "Nothing was changed. Check permissions and free disk space, then try again.",
        ) from error
    return finish(settings)


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


def copy_ledger(source: Path, target: Path) -> None:
    """Copy a ledger, also while it is in use. Raises sqlite3.Error."""
    with (
        closing(sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True)) as existing,
        closing(sqlite3.connect(target)) as copy,
    ):
        existing.backup(copy)


def _make_durable(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def _digest(path: Path) -> str:
    found = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            found.update(chunk)
    return found.hexdigest()


def _no_backup(folder: Path) -> StoreError:
    return _refused(
        f"{folder} isn't a backup of this app.", "Name a folder that `store backup` created."
    )


def _refused(message: str, fix: str) -> StoreError:
    return StoreError(message, cause="", fix=fix, who=Who.YOU)
