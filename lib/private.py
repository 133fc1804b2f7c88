"""Files that are for their owner alone, whatever the folder around them allows.

A store holds personal data. A process that opens one sets its umask to `OWNER_ONLY`, so that the
engines' own files (journals, temporary ones) are born private too; what an older run left readable
is tightened when it is opened.
"""

import os
from contextlib import suppress
from pathlib import Path
from typing import Final

OWNER_ONLY: Final = 0o077
"""The umask of every process that keeps something."""
_MODE: Final = 0o600
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
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, _MODE))
    make_private(path)
