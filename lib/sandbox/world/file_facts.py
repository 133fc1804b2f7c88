"""What a file is called, how large it is, and which classification it bears."""

from datetime import date
from typing import NamedTuple

from lib.sandbox.world import names

_EXTENSIONS = [e for e in names.EXTENSIONS for _ in range(e[3])]
_LABELS = {0: "Confidential", 1: "Internal", 2: "Internal"}


class FileFacts(NamedTuple):
    """What an event says about a file; `size` in bytes, `label` its classification."""

    id: str
    version_id: str
    name: str
    size: int
    label: str | None


def file_name(key: int, department: str, ordinal: int) -> str:
    """The name of a file; about one in 120 is a hostile one; `key` is the file's own number."""
    if key % 120 == 0:
        return names.HOSTILE[(key >> 16) % len(names.HOSTILE)]
    extension = _EXTENSIONS[(key >> 8) % len(_EXTENSIONS)][0]
    subjects = names.SUBJECTS[department]
    if (key >> 20) % 25 == 0:
        other = names.OTHER_NAMES[(key >> 28) % len(names.OTHER_NAMES)]
        return f"{other} {key >> 40 & 63}.{extension}"
    subject = subjects[(key >> 28) % len(subjects)]
    form = key >> 36 & 3
    if form == 0:
        qualifier = names.QUALIFIERS[(key >> 40) % len(names.QUALIFIERS)]
        return f"{subject} {qualifier}.{extension}"
    if form == 1:
        return f"{date.fromordinal(ordinal):%Y-%m-%d} {subject}.{extension}"
    return f"{subject} {key >> 40 & 1023:03d}.{extension}"


def file_size(key: int, part: float) -> int:
    """The size of a file in bytes; `part` (0 to 1) is its place between least and most."""
    _, low, high, _ = _EXTENSIONS[(key >> 8) % len(_EXTENSIONS)]
    return low + int((high - low) * part * part * part)


def classification(key: int) -> str | None:
    """The classification label of a file, if it bears one."""
    return _LABELS.get(key >> 30 & 15)
