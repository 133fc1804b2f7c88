"""The one boundary for what the system or the unexpected raises: cause, fix, and who.

A full disk, a missing folder and a folder that can't be written are called by their name. Only what
nobody knows is a fault of this app.
"""

import errno
import logging
from typing import Final

from lib.core.errors import REPORT_WITH, RunbookError, StoreError, Who

_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_READ_ONLY: Final = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})
_NOT_A_FILE: Final = frozenset({errno.EISDIR, errno.ENOTDIR, errno.EEXIST, errno.ENOTEMPTY})

_MAKE_SPACE: Final = (
    "Make room on the disk of the data folder; what waits is then stored by itself."
)
_log = logging.getLogger(__name__)


def explained(error: Exception, message: str) -> RunbookError:
    """The error that a person can act on; one that says so already stays as it is."""
    if isinstance(error, RunbookError):
        return error
    if isinstance(error, OSError):
        return of_system(error, message)
    _log.error("%s", type(error).__name__, exc_info=error)
    return RunbookError(
        message,
        cause=f"{type(error).__name__}; see the log.",
        fix=f"It is tried again by itself. If it fails again, report it. {REPORT_WITH}",
        who=Who.THIS_APP,
    )


def of_system(error: OSError, message: str) -> StoreError:
    """What the system said, by its name."""
    where = f" ({error.filename})" if error.filename else ""
    cause = f"{error.strerror or type(error).__name__}{where}."
    return StoreError(message, cause=cause, fix=_fix(error.errno), who=Who.YOU)


_SAID_FULL: Final = ("disk is full", "no space left", "file too large", "quota exceeded")
_SAID_DAMAGED: Final = ("malformed", "not a database", "corrupt", "not a valid duckdb", "checksum")
_SAID_READ_ONLY: Final = ("readonly", "read-only", "permission denied", "unable to open")


def fix_of_engine(said: str) -> str:
    """What mends a store, from what its engine says."""
    text = said.lower()
    if any(words in text for words in _SAID_FULL):
        return _MAKE_SPACE
    if any(words in text for words in _SAID_DAMAGED):
        return (
            "Restore a backup with `python -m lib store restore FOLDER --replace`, with the app"
            " stopped. The damaged file is kept beside it."
        )
    if any(words in text for words in _SAID_READ_ONLY):
        return "Make the data folder and its files writable for the user that runs this app."
    return (
        "Check that the data folder is writable, has free space, and that the file is of this app."
    )


def _fix(number: int | None) -> str:
    if number in _FULL:
        return _MAKE_SPACE
    if number in _READ_ONLY:
        return "Make the folder and its files writable for the user that runs this app."
    if number == errno.ENOENT:
        return "Put the folder back, or restore a backup with `python -m lib store restore FOLDER`."
    if number in _NOT_A_FILE:
        return "Move away what is at that place: a file is expected where a folder is, or a folder."
    return "Check the disk and the permissions of that place."
