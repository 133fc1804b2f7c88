"""The one runtime of a process: made and started once, from anywhere, any number of times."""

import logging
import os
import threading
from collections.abc import Callable
from pathlib import Path
from types import MappingProxyType

from lib.app.hosting import Hosting
from lib.app.logs import redact_all_logs
from lib.app.runtime import Runtime
from lib.core.errors import RunbookError
from lib.core.private_files import OWNER_ONLY
from lib.settings.profiles import Settings

_log = logging.getLogger(__name__)

_guard = threading.Lock()
_runtime: Runtime | None = None


def current() -> Runtime | None:
    """The runtime of this process, if it was started."""
    return _runtime


def start_background(
    load: Callable[[], Settings],
    *,
    show_configured: Callable[[Settings], bool] = lambda _settings: True,
    hosting: Callable[[Settings], Hosting] = lambda _settings: Hosting(),
) -> Runtime:
    """The runtime of this process, started the first time this is called.

    `hosting` tells the diagnostics file how the app is reached.

    A wrong setting doesn't keep the app from starting: it is kept in `problem` and every page
    shows it.
    """
    global _runtime  # noqa: PLW0603  # one per process is the point
    with _guard:
        if _runtime is None:
            os.umask(OWNER_ONLY)
            redact_all_logs()
            runtime = _load(load, show_configured, hosting)
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


def _load(
    load: Callable[[], Settings],
    show: Callable[[Settings], bool],
    hosting: Callable[[Settings], Hosting],
) -> Runtime:
    try:
        settings = load()
        return Runtime(settings, show_configured=show(settings), hosting=hosting)
    except RunbookError as error:
        _log.error("%s %s", error.message, error.fix)  # its text is the whole story
        folder = Path(os.environ.get("BOX_RUNBOOK_DATA") or ".data")
        return Runtime(Settings(folder, MappingProxyType({})), problem=error, hosting=hosting)
