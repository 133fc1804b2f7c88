"""The app's sandbox: found, or started as a child process that dies with us.

Looked for in this order: `BOX_RUNBOOK_SANDBOX`, then `sandbox.json` of the data folder if its
process answers, then a child of our own. The child ends when its standard input does, so it can't
outlive a parent that was killed. `start()` returns at once; `profile()` waits.
"""

import json
import logging
import os
import subprocess
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, Final

from lib.core.errors import REPORT_WITH, ConfigurationError, Unreachable, Who
from lib.core.private_files import WINDOWS, write_private
from lib.settings.profiles import Profile, sandbox_profile

SANDBOX_NAME: Final = "sandbox.json"
CREDENTIALS: Final = "/sandbox/credentials"
WORLD: Final = "/sandbox/world"
START_TIMEOUT_S: Final = 30.0
COMMAND: Final = ("sandbox", "--port", "0", "--live", "--stop-with-parent")

_log = logging.getLogger(__name__)


class Sandbox:
    """One sandbox for this process: its URL, its profile, and the child if it is ours."""

    def __init__(
        self,
        data_dir: Path,
        *,
        url: str | None = None,
        command: Sequence[str] = (sys.executable, "-m", "lib", *COMMAND),
    ) -> None:
        self._data_dir = data_dir
        self._fixed_url = url
        self._named = url is not None
        self._command = command
        self._child: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()
        self._started = False
        self._settled = threading.Event()
        self._url: str | None = None
        self._profile: Profile | None = None
        self._credentials: dict[str, Any] = {}

    @property
    def url(self) -> str | None:
        """Its base URL, as soon as it can be read."""
        return self._url

    @property
    def known(self) -> Profile | None:
        """Its profile, if it can be read already."""
        return self._profile

    @property
    def settled(self) -> bool:
        """Whether it is known if it can be read."""
        return self._settled.is_set()

    @property
    def credentials(self) -> dict[str, Any]:
        """Its whole answer to `GET /sandbox/credentials`; empty until it can be read."""
        return self._credentials

    def start(self) -> None:
        """Find or start it, without waiting. Calling again does nothing."""
        with self._lock:
            if self._started:
                return
            self._started = True
        if self._fixed_url is None and self._left_over() is None:
            self._spawn()
        threading.Thread(target=self._prepare, name="sandbox-start", daemon=True).start()

    def profile(self, timeout_s: float = START_TIMEOUT_S) -> Profile:
        """The sandbox's profile, waiting until it can be read.

        Raises Unreachable when it did not start in time, ConfigurationError when the address that
        was set has none.
        """
        self.start()
        settled = self._settled.wait(timeout_s)
        if self._profile is None and self._named:
            raise ConfigurationError(
                "The setting BOX_RUNBOOK_SANDBOX is wrong: no sandbox answers there.",
                cause="Nothing listens at that address, or it isn't a sandbox.",
                fix="Start one with `python -m lib sandbox` and set its address, or unset it.",
                who=Who.YOU,
            )
        if not settled or self._profile is None:
            raise Unreachable(
                "The sandbox did not start.",
                kind="timeout",
                cause="Its process ended or did not answer in time.",
                fix="Run `python -m lib sandbox` in a terminal to see its output, then restart. "
                f"If it fails again, report it. {REPORT_WITH}",
                who=Who.THIS_APP,
            )
        return self._profile

    def stop(self) -> None:
        """End the child, if it is ours, and take its file away."""
        with self._lock:
            child, self._child = self._child, None
        if child is None:
            return
        with suppress(OSError):
            (self._data_dir / SANDBOX_NAME).unlink()
        if child.stdin is not None:
            child.stdin.close()
        child.terminate()
        try:
            child.wait(5)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
        if child.stdout is not None:
            child.stdout.close()

    def _publish(self, pid: int, url: str, seed: object) -> None:
        text = json.dumps({"url": url, "pid": pid, "seed": seed})
        try:
            self._data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_private(self._data_dir / SANDBOX_NAME, text.encode())
        except OSError as error:  # the sandbox still runs
            _log.warning("Other processes won't find the sandbox: %s.", error.strerror)

    def _left_over(self) -> str | None:
        """The URL of a sandbox that another process of this data folder left running."""
        try:
            value = json.loads((self._data_dir / SANDBOX_NAME).read_text(encoding="utf-8"))
            url, pid = str(value["url"]), int(value["pid"])
            if not WINDOWS:  # where signal 0 is Ctrl-C
                os.kill(pid, 0)
        except (OSError, ValueError, KeyError, TypeError):
            return None
        if _ask(url, CREDENTIALS, timeout_s=2.0) is None:
            return None
        self._fixed_url = url
        return url

    def _spawn(self) -> None:
        # The child's log goes to ours: it redacts its own lines, as its tests prove.
        self._child = subprocess.Popen(  # noqa: S603  # our own interpreter and module
            self._command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=Path(__file__).parents[3],
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )

    def _prepare(self) -> None:
        try:
            self._become_ready()
        finally:
            self._settled.set()  # ready or not, nobody waits any longer

    def _become_ready(self) -> None:
        url = self._fixed_url or self._announced()
        if url is None:
            _log.error("The sandbox's process ended before it was ready.")
            return
        answer = _ask(url, CREDENTIALS, timeout_s=START_TIMEOUT_S)
        if answer is None:
            _log.error("The sandbox does not answer.")
            return
        self._credentials = answer
        self._url = url.rstrip("/")
        child = self._child
        if child is not None:
            world = _ask(url, WORLD, timeout_s=START_TIMEOUT_S) or {}
            self._publish(child.pid, url, world.get("seed"))
        self._profile = sandbox_profile(answer)

    def _announced(self) -> str | None:
        child = self._child
        if child is None or child.stdout is None:
            return None
        for line in child.stdout:
            text = line.decode(errors="replace").strip()
            if text.startswith("http"):
                threading.Thread(
                    target=_drain, args=(child.stdout,), name="sandbox-output", daemon=True
                ).start()
                return text
        return None


def _drain(stream: IO[bytes]) -> None:
    """Read on, so that the child never blocks on a full pipe."""
    try:
        while stream.read(4096):
            pass
    except ValueError:  # closed by stop()
        return


def _ask(url: str, path: str, *, timeout_s: float) -> dict[str, Any] | None:
    """One of the sandbox's own answers, over loopback; None when it can't be read."""
    import httpx  # noqa: PLC0415  # the child starts while this is imported

    try:
        with httpx.Client(timeout=timeout_s, trust_env=False) as client:
            response = client.get(url.rstrip("/") + path)
            response.raise_for_status()
            answer = response.json()
    except (httpx.HTTPError, ValueError):
        return None
    return answer if isinstance(answer, dict) else None
