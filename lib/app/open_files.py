"""Notices that files which are open aren't at their place any more.

A folder that is deleted under a process takes nothing from it: it goes on writing files that no
other process will ever find. What is committed there is lost, so nobody may be told that it's kept.
"""

from collections.abc import Iterable
from pathlib import Path

from lib.core.errors import StoreError, Who


class OpenFiles:
    """The files of a store that was just opened."""

    def __init__(self, paths: Iterable[Path]) -> None:
        self._seen = {path: _identity(path) for path in paths}

    def check(self) -> None:
        """Raise StoreError if a process that starts now would open other files."""
        for path, seen in self._seen.items():
            if _identity(path) != seen:
                raise StoreError(
                    f"{path.name} isn't in the data folder any more.",
                    cause=f"{path.parent} was deleted, moved or replaced while it was in use.",
                    fix="Put the folder back, or restore a backup with `python -m lib store restore"
                    " FOLDER`. Until then the app goes on with what it finds there.",
                    who=Who.YOU,
                )


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino
