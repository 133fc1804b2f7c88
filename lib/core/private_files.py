"""Files that are for their owner alone, whatever the folder around them allows.

A store holds personal data. A process that opens one sets its umask to `OWNER_ONLY`, so that the
engines' own files (journals, temporary ones) are born private too; what an older run left readable
is tightened when it is opened.
"""

import os
import time
from contextlib import suppress
from pathlib import Path
from typing import Final

WINDOWS: Final = os.name == "nt"
OWNER_ONLY: Final = 0o077
"""The umask of every process that keeps something."""
_MODE: Final = 0o600
_PAUSES_S: Final = (0.01, 0.05, 0.2, 0.5)
# What SQLite and DuckDB put beside their files.
_BESIDE: Final = ("", "-wal", "-shm", "-journal", ".wal")


def make_private(path: Path) -> None:
    """Take group and others away from a store's file and those beside it, as far as they exist.

    A file of another user stays as it is: whether it can be used is for the engine to say.
    """
    for end in _BESIDE:
        file = path.with_name(path.name + end)
        with suppress(OSError):
            if file.stat().st_mode & OWNER_ONLY:
                file.chmod(_MODE)


def touch_private(path: Path) -> None:
    """Make an empty file for its owner alone, if there is none; tighten it if there is.

    One that is there isn't opened: closing it again would drop the locks that SQLite may hold on
    it in this process, and another process would take its journal away (fcntl(2), record locks).
    """
    with suppress(OSError):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, _MODE))
    make_private(path)


def write_private(path: Path, data: bytes, *, durable: bool = False) -> None:
    """Replace a file at once, for its owner alone; `durable` waits until it is on the disk.

    Raises OSError when it can't be written: what was there then stays.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.unlink(missing_ok=True)
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _MODE)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            if durable:
                file.flush()
                os.fsync(file.fileno())
        _put(temporary, path)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise
    if durable:
        sync_folder(path.parent)


def _put(new: Path, place: Path) -> None:
    """Move a file to its place. Windows refuses while another process reads what is there."""
    for pause_s in _PAUSES_S:
        try:
            new.replace(place)
        except PermissionError:
            time.sleep(pause_s)
        else:
            return
    new.replace(place)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable. Windows opens no folder, and keeps names by itself."""
    if WINDOWS:
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
