"""Locks between processes that end with the process that holds them, however it ends.

They are the operating system's own: `flock` where there is one, `LockFileEx` on Windows. The lock's
file is empty, for its owner alone, and stays: removing it would let two processes lock two files
of one name.
"""

import os
from pathlib import Path

from filelock import lock_descriptor, unlock_descriptor


def lock(path: Path, *, wait: bool) -> int | None:
    """Lock a file, and make it if there is none; the descriptor that holds the lock.

    None when another holds it and `wait` is False. Raises OSError where no file can be made, or its
    file system has no locks.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        if lock_descriptor(descriptor, blocking=wait):
            return descriptor
    except BaseException:
        os.close(descriptor)
        raise
    os.close(descriptor)
    return None


def unlock(descriptor: int) -> None:
    """Let go of what `lock` took."""
    try:
        unlock_descriptor(descriptor)  # Windows lets go of a closed file's lock when it has time
    finally:
        os.close(descriptor)
