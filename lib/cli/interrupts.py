"""Orderly ends: Ctrl-C, SIGTERM and a time limit end every command soon, with one document.

A command that reads or serves is asked first, and finishes what is at hand. One that doesn't come
back in time is interrupted wherever it waits, and a process that even then goes on is ended.
"""

import _thread
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, Final

from lib.core.private_files import WINDOWS

OF_SIGNALS: Final = 128
"""The exit code of a command that a signal ended is this and the signal's number."""
GRACE_S: Final = 2.0
"""How long a command that was asked may take for what is at hand."""
MOST_S: Final = 4.0
"""After how long the process ends, whatever it is doing."""
_TURN_S: Final = 0.5
_OUT_OF_TIME: Final = "The time that --wait gives ran out."
_AGAIN: Final = "Run it again: what it kept so far stays, and it goes on from there."


class Stopped(KeyboardInterrupt):
    """Raised in the main thread, wherever it is, to end the command."""


class Ending:
    """How a command ends when something from outside ends it.

    `code` and `answer` are the exit code and the document then. `stopped` says what ended it:
    `signal`, `wait`, or None.
    """

    def __init__(self, last_words: Callable[[dict[str, Any]], None]) -> None:
        self.stopped: str | None = None
        self.code = OF_SIGNALS + signal.SIGTERM
        self.answer: dict[str, Any] = {"ok": False}
        self._serves = False
        self._last_words = last_words
        self._said = threading.Lock()
        self._over = threading.Event()

    def serves(self) -> None:
        """The command goes on until somebody ends it: that is no failure."""
        self._serves = True

    def say_once(self) -> bool:
        """Whether the document is still to be printed; True only once."""
        return self._said.acquire(blocking=False)

    def ask(self, number: int = 0) -> None:
        """Note what ends the command (a signal, else its time limit), and see that it ends."""
        if self.stopped is not None:
            return
        self.stopped = "signal" if number else "wait"
        if self._serves:
            self.code, self.answer = 0, {"ok": True}
        else:
            self.code = OF_SIGNALS + number if number else 1
            ended = f"{signal.Signals(number).name} ended the command." if number else _OUT_OF_TIME
            reason = {"cause": ended, "fix": _AGAIN, "who": "you"}
            self.answer = {"ok": False, "stopped": self.stopped, "error": reason}
        threading.Thread(target=self._watch, name="ending", daemon=True).start()

    def over(self) -> None:
        """The command has ended by itself."""
        self._over.set()

    def _watch(self) -> None:
        if self._over.wait(MOST_S):
            return
        if self.say_once():
            self._last_words(self.answer)
        os._exit(self.code)  # a call or a lock that hangs keeps nobody waiting


@contextmanager
def ended_by_sigterm(ending: Ending) -> Iterator[None]:
    """SIGTERM interrupts the main thread wherever it is; elsewhere signals can't be taken."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def end(number: int, _frame: object) -> None:
        ending.ask(number)
        raise Stopped

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


class Stop(threading.Event):
    """Set when the command is to end. `interrupt` follows where it doesn't come to look.

    Waits in short turns: Windows tells a waiting thread of Ctrl-C only when its wait ends.
    """

    def __init__(self, ending: Ending) -> None:
        super().__init__()
        self.ending = ending
        self.left = False
        self.raising = False

    def wait(self, timeout: float | None = None) -> bool:
        """As `threading.Event.wait`."""
        end = None if timeout is None else time.monotonic() + timeout
        while True:
            left = _TURN_S if end is None else min(_TURN_S, end - time.monotonic())
            if super().wait(max(0.0, left)) or left <= 0:
                return self.is_set()

    def ask(self, number: int = 0) -> None:
        """Ask for the end; who doesn't look within the grace is interrupted."""
        if not self.is_set():
            self.ending.ask(number)
            self.set()
            timer = threading.Timer(GRACE_S, self._interrupt)
            timer.daemon = True
            timer.start()

    def _interrupt(self) -> None:
        if self.left:
            return
        self.raising = True
        if WINDOWS:  # where a signal of one's own would end the process at once
            _thread.interrupt_main(signal.SIGTERM)
        else:  # the main thread comes back for it from where it waits in the system
            os.kill(os.getpid(), signal.SIGTERM)


@contextmanager
def interrupts(ending: Ending, *, limit: timedelta | None = None) -> Iterator[Stop]:
    """An event that Ctrl-C, SIGTERM and the limit set: what is at hand is finished, then it ends.

    A second signal, or no end within the grace, raises in the main thread.
    """
    stop = Stop(ending)

    def ask(number: int, _frame: object) -> None:
        if stop.raising or stop.is_set():
            raise Stopped
        stop.ask(number)

    clock = threading.Timer(0 if limit is None else limit.total_seconds(), stop.ask)
    clock.daemon = True
    before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    if limit is not None:
        clock.start()
    try:
        yield stop
    finally:
        stop.left = True
        clock.cancel()
        for number, handler in before.items():
            signal.signal(number, handler)
