"""A command that owns the stores of a data folder, as `sync --follow` does, for tests to ask."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.sandbox_server import ROOT

STARTED_S = 60


@dataclass
class OwnerProcess:
    """The process; `note` is where it says how to ask it, `printed` its answer once it ended."""

    process: subprocess.Popen[str]
    note: Path
    printed: Any = None


@contextmanager
def owner_process(env: Mapping[str, str], data: Path, *since: str) -> Iterator[OwnerProcess]:
    """An owner that can be asked. It must live as long as the block, and ends as on Ctrl-C."""
    process = subprocess.Popen(
        [sys.executable, "-m", "lib", "sync", "--follow", *since, "--json"],
        cwd=ROOT,
        env={**os.environ, **env},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    owner = OwnerProcess(process, data / "owner.json")
    try:
        deadline = time.monotonic() + STARTED_S
        while not owner.note.exists():
            assert time.monotonic() < deadline
            assert process.poll() is None
            time.sleep(0.05)
        yield owner
        assert process.poll() is None
    finally:
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=STARTED_S)
    owner.printed = json.loads(out)
