"""The one object behind all pages of a process: profiles, stores, clients and background work.

`start_background()` makes it once and starts its threads; it is safe to call from anywhere, any
number of times. Only the process that holds the data folder's lock (the owner) opens the event
store, drains and polls; another process says so instead of showing empty charts.
"""

import logging
import os
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from lib.errors import RunbookError
from lib.profiles import Profile, Settings
from lib.redaction import install_redaction
from lib.server.ownership import OwnerLock
from lib.server.sandbox import Sandbox

VERSION: Final = "0.1.0"

_log = logging.getLogger(__name__)


class Runtime:
    """What this process knows and does. Made by `start_background()`."""

    def __init__(
        self,
        settings: Settings,
        *,
        show_configured: bool = True,
        problem: RunbookError | None = None,
    ) -> None:
        self.settings = settings
        self.problem = problem
        self.shows_configured = show_configured
        self.sandbox = Sandbox(settings.data_dir, url=settings.sandbox_url)
        self.lock = OwnerLock(settings.data_dir)
        self._stopping = threading.Event()

    # -- profiles ------------------------------------------------------------------------------

    @property
    def needs_sandbox(self) -> bool:
        """Whether the sandbox is what visitors see: nothing configured, or nothing to be shown."""
        return self.problem is None and (not self.settings.profiles or not self.shows_configured)

    @property
    def owner(self) -> bool:
        """Whether this process owns the data folder."""
        return self.lock.held

    def configured(self) -> Mapping[str, Profile]:
        """Profiles of the host's settings, by key."""
        return self.settings.profiles

    # -- life ----------------------------------------------------------------------------------

    def start(self) -> None:
        """Start everything that runs without a visitor, and return at once."""
        self.lock.acquire()
        if self.needs_sandbox:
            self.sandbox.start()

    def stop(self) -> None:
        """End background work, the child process and the ownership."""
        self._stopping.set()
        self.sandbox.stop()
        self.lock.release()

    def health(self) -> dict[str, Any]:
        """The answer of `GET /healthz`."""
        return {"ok": True, "ledger": True, "events": True, "drain_lag_s": 0.0, "version": VERSION}


_guard = threading.Lock()
_runtime: Runtime | None = None


def current() -> Runtime | None:
    """The runtime of this process, if it was started."""
    return _runtime


def start_background(
    load: Callable[[], Settings],
    *,
    show_configured: Callable[[Settings], bool] = lambda _settings: True,
) -> Runtime:
    """The runtime of this process, started the first time this is called.

    A wrong setting doesn't keep the app from starting: it is kept in `problem` and every page
    shows it.
    """
    global _runtime  # noqa: PLW0603  # one per process is the point
    with _guard:
        if _runtime is None:
            install_redaction("uvicorn", "uvicorn.error", "streamlit")
            runtime = _load(load, show_configured)
            runtime.start()
            _runtime = runtime
        return _runtime


def stop_background() -> None:
    """Stop and forget the runtime of this process."""
    global _runtime  # as above
    with _guard:
        runtime, _runtime = _runtime, None
        if runtime is not None:
            runtime.stop()


def _load(load: Callable[[], Settings], show: Callable[[Settings], bool]) -> Runtime:
    try:
        settings = load()
        return Runtime(settings, show_configured=show(settings))
    except RunbookError as error:
        _log.error("%s %s", error.message, error.fix)  # its text is the whole story
        folder = Path(os.environ.get("BOX_RUNBOOK_DATA") or ".data")
        return Runtime(Settings(folder, MappingProxyType({})), problem=error)
