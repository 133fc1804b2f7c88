"""Putting copies in the place of the stores, so that a kill at any moment is finished or undone.

The copies are made beside their places and are on the disk before `restoring.json` says so in the
data folder. Until then a restore that was cut off is undone: the copies are deleted. From then on
it is finished, by whoever opens both stores next. Only for whoever holds the data folder's lock.
"""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from lib.core.errors import StoreError, Who
from lib.core.private_files import sync_folder, write_private
from lib.settings.profiles import Settings
from lib.store.paths import events_path, is_ledger_file, ledger_path

JOURNAL: Final = "restoring.json"
_BESIDE: Final = ("", "-wal", "-shm", "-journal", ".wal")


def copy_of(place: Path) -> Path:
    """Where the copy of a store waits to take its place."""
    return place.with_name(f".{place.name}.restoring")


def begin(settings: Settings, parts: Iterable[Path], stamp: str) -> None:
    """From here on the copies of these are put in place, whatever happens. Raises OSError."""
    note = json.dumps({"stamp": stamp, "parts": [place.name for place in parts]}).encode()
    write_private(settings.data_dir / JOURNAL, note, durable=True)


def is_cut_off(settings: Settings) -> bool:
    """Whether a restore is under way, or was cut off and waits for the next owner."""
    return (settings.data_dir / JOURNAL).exists()


def check_whole(settings: Settings) -> None:
    """Raise StoreError while the stores are being put back."""
    if is_cut_off(settings):
        raise StoreError(
            "A backup is being restored.",
            cause="`store restore` is at work, or was stopped before its end.",
            fix="Wait until it is done. If nothing is at work, start the app: it finishes it.",
            who=Who.YOU,
        )


def finish(settings: Settings) -> list[Path]:
    """Finish a restore that has begun, undo one that hasn't; where what was there is kept.

    Raises StoreError when that can't be done.
    """
    if not is_ledger_file(settings):
        return []
    places = (ledger_path(settings), events_path(settings))
    journal = settings.data_dir / JOURNAL
    try:
        if not journal.exists():
            for place in places:
                copy_of(place).unlink(missing_ok=True)
            return []
        stamp, *parts = _read(journal)
        kept = _put_in_place(places, parts, stamp)
        for folder in {place.parent for place in places}:
            sync_folder(folder)
        journal.unlink()
        sync_folder(journal.parent)
    except (OSError, ValueError, KeyError, TypeError) as error:
        reason = getattr(error, "strerror", None) or type(error).__name__
        raise StoreError(
            f"The backup can't be restored ({reason}).",
            cause="The copies and the previous stores are kept.",
            fix="Check permissions and free disk space, then start again: it goes on where it was.",
            who=Who.YOU,
        ) from error
    return kept


def _read(journal: Path) -> list[str]:
    """The time of the restore, and the names of the stores that it puts back."""
    found = json.loads(journal.read_text(encoding="utf-8"))
    return [str(found["stamp"]), *map(str, found["parts"])]


def _put_in_place(places: Iterable[Path], parts: Iterable[str], stamp: str) -> list[Path]:
    """Everything old aside, then the copies; what a run before this did isn't done again."""
    kept: list[Path] = []
    for place in places:
        if copy_of(place).exists() or place.name not in parts:  # else it is the restored one
            kept += _aside(place, stamp)
    for place in places:
        copy = copy_of(place)
        if copy.exists():
            copy.replace(place)
    return kept


def _aside_name(place: Path, stamp: str, end: str = "") -> Path:
    return place.with_name(f"{place.name}.before-{stamp}{end}")


def _aside(place: Path, stamp: str) -> list[Path]:
    """Move a store and what belongs to it out of the way."""
    moved = []
    for end in _BESIDE:
        old = place.with_name(place.name + end)
        if old.exists():
            new = _aside_name(place, stamp, end)
            old.replace(new)
            moved.append(new)
    return moved
