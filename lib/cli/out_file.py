"""What a command writes with `--out`: a plain file is complete or absent, anything else is written.

Only a plain file is replaced by renaming, where a symlink leads. A device, a FIFO and standard
output (`-`) get the finished bytes and stay what they are: a rename would put a file in their
place, and root may do that even in `/dev`.
"""

import errno
import os
import shutil
import stat
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final, cast

from lib.cli.arguments import unreadable

STANDARD_OUTPUT: Final = Path("-")
# What is below these belongs to the system; shared memory is a folder like others.
_SYSTEM: Final = (Path("/dev"), Path("/proc"), Path("/sys"))
_SHARED_MEMORY: Final = Path("/dev/shm")  # noqa: S108  # compared, not used
_COPY_BYTES: Final = 1 << 20


@contextmanager
def whole_file(out: Path) -> Iterator[BinaryIO]:
    """A file to write and to read again; at the end it is, or goes to, what `out` names.

    A plain file is written beside its place and moved there at the end: a file that is there is
    complete. Its mode is 0600, because what the app knows is personal data. A folder is refused.
    Raises ConfigurationError when it can't be written.
    """
    try:
        if out == STANDARD_OUTPUT:
            with _spool() as file:
                yield file
                _copy(file, sys.stdout.buffer)
        elif is_replaced(place := out.resolve(), _status(out)):
            with _beside(place) as file:
                yield file
        else:
            _refuse_what_takes_nothing(out)
            with _spool() as file:
                yield file
                with os.fdopen(os.open(out, os.O_WRONLY), "wb") as target:
                    _copy(file, target)
    except OSError as error:
        raise unreadable(out, error) from error


def is_replaced(place: Path, status: os.stat_result | None) -> bool:
    """Whether a new file may be moved to that place: where a plain file is, or nothing.

    `place` is absolute and without symlinks, `status` what is there, None if nothing is. Nothing
    is ever moved to a place among the system's own.
    """
    owned = any(place.is_relative_to(folder) for folder in _SYSTEM)
    if owned and not place.is_relative_to(_SHARED_MEMORY):
        return False
    return status is None or stat.S_ISREG(status.st_mode)


def _status(out: Path) -> os.stat_result | None:
    """What is there, through symlinks; None if nothing is. Raises OSError for a wrong name."""
    try:
        return out.stat()
    except FileNotFoundError:
        return None


@contextmanager
def _beside(place: Path) -> Iterator[BinaryIO]:
    """A new file in the folder of that place; without an error it takes the place."""
    partial = place.with_name(f".{place.name}.{os.getpid()}.part")
    descriptor = os.open(partial, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w+b") as file:
            yield file
        if not is_replaced(place, _status(place)):  # it changed meanwhile
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST))
        partial.replace(place)
    finally:
        partial.unlink(missing_ok=True)


def _spool() -> BinaryIO:
    """A file without a name, for its owner alone: whoever makes an export goes back in it."""
    return cast("BinaryIO", tempfile.TemporaryFile())


def _copy(file: BinaryIO, target: BinaryIO) -> None:
    file.seek(0)
    shutil.copyfileobj(file, target, _COPY_BYTES)
    target.flush()


def _refuse_what_takes_nothing(out: Path) -> None:
    if out.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    if not os.access(out, os.W_OK):
        raise OSError(errno.EACCES, os.strerror(errno.EACCES))
