"""Takes from this Python, and from those it starts, what Windows doesn't have.

Python runs it at its start when its folder is on PYTHONPATH. What is loaded first stands for the
Windows halves of Python's own library and of filelock; everything else has to do without.
"""

import asyncio  # noqa: F401  # as above
import concurrent.futures.process  # noqa: F401  # as above
import logging.handlers  # noqa: F401  # as above
import os
import signal
import socket
import ssl  # noqa: F401  # as above
import subprocess  # noqa: F401  # as above
import sys
import tempfile  # noqa: F401  # as above
import time
import uuid  # noqa: F401  # as above
from typing import Any, Final

import filelock  # noqa: F401  # as above

MODULES: Final = (
    *("fcntl", "resource", "pwd", "grp", "termios", "tty", "pty", "syslog", "readline", "curses"),
    *("crypt", "spwd", "nis", "uvloop"),
)
NAMES: Final[dict[Any, tuple[str, ...]]] = {
    os: (
        *("O_CLOEXEC", "O_NOFOLLOW", "O_DIRECTORY", "O_NONBLOCK", "O_SYNC", "O_DSYNC", "O_TMPFILE"),
        *("fork", "forkpty", "getuid", "geteuid", "getgid", "getegid", "getgroups", "getpwuid"),
        *("fchmod", "fchown", "chown", "lchown", "fchdir", "chroot", "mkfifo", "statvfs", "sync"),
        *("fdatasync", "fstatvfs", "uname", "sysconf", "getloadavg", "sched_getaffinity", "nice"),
        *("killpg", "setsid", "getsid", "setpgid", "getpgid", "getpgrp", "wait", "wait3", "wait4"),
        *("WNOHANG", "pread", "pwrite", "sendfile", "lockf", "posix_fallocate", "getxattr"),
    ),
    signal: (
        *("SIGKILL", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2", "SIGALRM", "SIGCHLD", "SIGPIPE"),
        *("SIGWINCH", "alarm", "setitimer", "pthread_kill", "pthread_sigmask", "sigwait", "pause"),
    ),
    socket: ("SO_REUSEPORT", "SO_PEERCRED"),
    time: ("tzset", "pthread_getcpuclockid"),
}
# Used by libraries and Python itself where `sys.platform` is Linux: only our own code does without.
LEFT: Final = ("uname", "sysconf", "sched_getaffinity", "WNOHANG")


def take_away() -> None:
    """Leave what there is on Windows."""
    for name in MODULES:
        sys.modules[name] = None  # type: ignore[assignment]  # an import of it then fails
    for module, names in NAMES.items():
        for name in set(names).difference(LEFT):
            vars(module).pop(name, None)
    kill, opened = os.kill, os.open

    def windows_kill(pid: int, number: int) -> None:
        if number == 0:
            raise AssertionError("os.kill(pid, 0) presses Ctrl-C on Windows")
        kill(pid, number)

    def windows_open(path: Any, flags: int, mode: int = 0o777, **more: Any) -> int:
        if os.path.isdir(path):  # noqa: PTH112  # pathlib would come back here
            raise PermissionError(13, "Permission denied", path)
        return opened(path, flags, mode, **more)

    os.kill, os.open = windows_kill, windows_open

    import lib.core.private_files  # noqa: PLC0415  # only now

    lib.core.private_files.WINDOWS = True  # type: ignore[misc]  # what our own code asks


if os.environ.get("WITHOUT_POSIX"):
    take_away()
