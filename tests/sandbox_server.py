"""A sandbox for tests: the real program in a process of its own, reached over loopback HTTP."""

import contextlib
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

ROOT = Path(__file__).resolve().parent.parent
UNTIL = "2026-11-01T00:00:00Z"

_client = httpx.Client(timeout=60, trust_env=False)
"""One for all: loading the certificates that loopback doesn't need takes longer than a call."""


@dataclass(frozen=True, slots=True)
class SandboxServer:
    """A running sandbox; `url` is its base address."""

    url: str
    process: "subprocess.Popen[str]"

    def get(self, path: str) -> Any:
        """The JSON of one of the sandbox's own calls, such as `/sandbox/truth`."""
        return _client.get(f"{self.url}{path}").raise_for_status().json()

    def post(self, path: str, body: Mapping[str, Any]) -> Any:
        """The JSON answer to a POST to one of the sandbox's own calls."""
        return _client.post(f"{self.url}{path}", json=body).raise_for_status().json()

    def credentials(self) -> Any:
        """`GET /sandbox/credentials`."""
        return self.get("/sandbox/credentials")

    def truth(self) -> Any:
        """`GET /sandbox/truth`."""
        return self.get("/sandbox/truth")

    @contextlib.contextmanager
    def fault(self, name: str, **parameters: Any) -> Iterator[None]:
        """One fault switched on for the length of a `with` block."""
        self.post("/sandbox/faults", {"name": name, **parameters})
        try:
            yield
        finally:
            self.clear_faults()

    def clear_faults(self) -> None:
        """Switch every fault off."""
        _client.delete(f"{self.url}/sandbox/faults").raise_for_status()


@contextlib.contextmanager
def running_sandbox(*options: str, until: str | None = UNTIL) -> Iterator[SandboxServer]:
    """Start `python -m lib sandbox --port 0 …`, wait until its world can be read, end it after."""
    command = [sys.executable, "-m", "lib", "sandbox", "--port", "0", *options]
    if until is not None:
        command += ["--until", until]
    process = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    try:
        stdout = process.stdout
        url = stdout.readline().strip() if stdout else ""
        if not url.startswith("http://"):
            message = f"the sandbox didn't start: {url!r}, exit code {process.poll()}"
            raise RuntimeError(message)
        yield SandboxServer(url, process)
    finally:
        process.terminate()
        process.wait(timeout=20)
        if process.stdout:
            process.stdout.close()
