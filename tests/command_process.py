"""Commands in processes that start at once: forked from one that has loaded what they need.

So that a test can kill many of them. Each writes its answer to a file and its end into another.
"""

import contextlib
import json
import multiprocessing
import os
import signal
import sys
from collections.abc import Sequence
from multiprocessing.context import ForkServerContext, ForkServerProcess
from pathlib import Path
from types import ModuleType
from typing import Any
from unittest.mock import patch

from lib.cli import main


def forking() -> ForkServerContext:
    """Where commands are forked from."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(
        ["tests.command_process", "lib.cli.host", "lib.cli.activity", "lib.activity.ingest.sync"]
    )
    return context


def run(arguments: Sequence[str], out: str, environment: dict[str, str], most_bytes: int) -> None:
    """One command; what it prints goes to a file. Files don't grow beyond `most_bytes`, if any."""
    os.setsid()
    os.environ.update(environment)
    if most_bytes:
        import resource  # noqa: PLC0415  # Windows has none

        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (most_bytes, most_bytes))
    answer = Path(out).open("w", encoding="utf-8")  # noqa: SIM115  # until the process ends
    with contextlib.redirect_stdout(answer), contextlib.redirect_stderr(sys.__stderr__):
        code = main(arguments)
    answer.flush()
    os._exit(code)


class Command:
    """A command that runs until it ends or is killed."""

    def __init__(
        self,
        context: ForkServerContext,
        arguments: Sequence[str],
        folder: Path,
        environment: dict[str, str],
        *,
        most_bytes: int = 0,
    ) -> None:
        self._out = folder / "answer.json"
        self._out.unlink(missing_ok=True)
        given = (tuple(arguments), str(self._out), environment, most_bytes)
        self._process: ForkServerProcess = context.Process(target=run, args=given)
        with patch.dict(sys.modules, {"__main__": ModuleType("__main__")}):
            self._process.start()  # it would run what a page's test left there as `__main__`

    def kill_after(self, seconds: float) -> bool:
        """Kill it then; False if it had ended by itself."""
        self._process.join(seconds)
        alive = self._process.exitcode is None
        if alive:
            self._process.kill()
            self._process.join()
        return alive

    def answer(self) -> dict[str, Any]:
        """What it answered in the end, `exit` added."""
        self._process.join(300)
        found: dict[str, Any] = json.loads(self._out.read_text(encoding="utf-8"))
        return found | {"exit": self._process.exitcode}
