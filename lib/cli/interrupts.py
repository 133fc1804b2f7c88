"""Orderly ends: the first Ctrl-C or SIGTERM asks to stop, the second one aborts."""

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

_TURN_S: Final = 0.5


class _Stop(threading.Event):
    """Waits in short turns: Windows tells a waiting thread of Ctrl-C only when its wait ends."""

    def wait(self, timeout: float | None = None) -> bool:
        """As `threading.Event.wait`."""
        end = None if timeout is None else time.monotonic() + timeout
        while True:
            left = _TURN_S if end is None else min(_TURN_S, end - time.monotonic())
            if super().wait(max(0.0, left)) or left <= 0:
                return self.is_set()


@contextmanager
def interrupts() -> Iterator[threading.Event]:
    """An event that Ctrl-C and SIGTERM set: what is at hand is finished, then the command ends."""
    stop = _Stop()

    def ask(_number: int, _frame: object) -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()

    before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
