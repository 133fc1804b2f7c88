"""A file that a command writes: complete or absent, and readable by its owner only."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from lib.cli.arguments import unreadable


@contextmanager
def whole_file(out: Path) -> Iterator[tuple[BinaryIO, Path]]:
    """A new file and where it is until it is whole; then it takes the place of what `out` was.

    Written beside its place and moved there at the end: a file that is there is complete. Its mode
    is 0600, because what the app knows is personal data. A folder or a device is refused. Raises
    ConfigurationError when it can't be written.
    """
    partial = out.with_name(f".{out.name}.{os.getpid()}.part") if out.name else out
    try:
        _refuse_what_is_no_file(out)
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as file:
                yield file, partial
            partial.replace(out)
        finally:
            partial.unlink(missing_ok=True)
    except OSError as error:
        raise unreadable(out, error) from error


def _refuse_what_is_no_file(out: Path) -> None:
    if not out.name or out.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    if out.exists() and not out.is_file():
        raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))
