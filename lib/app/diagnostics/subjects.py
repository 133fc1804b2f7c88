"""What there is to look at: the running app, a command that owns the stores, or files alone."""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from lib.app.diagnostics import contents
from lib.app.diagnostics.collecting import DiagnosticsSources, Document, collect
from lib.app.diagnostics.running import RunningApp, RunningOwner
from lib.app.ownership import OwnerLock
from lib.app.routes.loopback_api import json_body
from lib.core.errors import RunbookError
from lib.core.version import VERSION
from lib.settings.loading import load_settings, settings_origins
from lib.settings.profiles import Profile, Settings

APP: Final = "the running app"
COMMAND: Final = "a command; no app answered"
OWNING_COMMAND: Final = "the running command that owns the stores"
_ELSEWHERE: Final = "another process owns the data folder, and wasn't or couldn't be asked"


def diagnose(runtime: RunningApp, own: Profile | None = None) -> Document:
    """The document of the running app; `own` is the session profile of whoever asks."""
    subject = of_runtime(runtime)
    if own is not None:
        subject = replace(subject, own=(own, _session_records(runtime, own)))
    return collect(subject, now=datetime.now(UTC))


def of_runtime(runtime: RunningApp) -> DiagnosticsSources:
    """The running app, whether or not it owns the data folder."""
    settings = runtime.settings if runtime.problem is None else None
    owner = runtime.open_owner
    lacks = _ELSEWHERE
    if runtime.problem is not None:
        lacks = "the settings can't be used, so no store was opened"
    elif runtime.store_problem is not None:
        lacks = f"couldn't be opened: {runtime.store_problem.message}"
    elif runtime.owner and owner is None:
        lacks = "being opened"
    return DiagnosticsSources(
        kind=APP,
        version=VERSION,
        data_dir=runtime.settings.data_dir,
        started_at=runtime.started_at,
        settings=settings,
        problem=runtime.problem or runtime.store_problem,
        origins=settings_origins,
        owner="yes" if runtime.owner else "no, another process does",
        hosting=lambda: runtime.hosting(runtime.settings),
        events=owner.stores.events.rows if owner is not None else None,
        no_events=lacks,
        clients=runtime.clients,
        drainer=owner.drainer if owner is not None else None,
        sandbox_url=runtime.sandbox.url,
        sandbox_state=_sandbox_state(runtime),
        given_by_sandbox=runtime.sandbox.known,
        readers=owner.readers if owner is not None else {},
        sessions=len(runtime.sessions),
    )


def of_owner(owner: RunningOwner) -> DiagnosticsSources:
    """A command that owns the stores, such as `sync --follow`."""
    return DiagnosticsSources(
        kind=OWNING_COMMAND,
        version=VERSION,
        data_dir=owner.settings.data_dir,
        started_at=owner.started_at,
        settings=owner.settings,
        owner="yes",
        events=owner.stores.events.rows,
        clients=owner.clients,
        drainer=owner.drainer,
        readers=owner.readers,
    )


@contextmanager
def of_files(data_dir: Path | None, now: datetime, why: str) -> Iterator[DiagnosticsSources]:
    """The files of a data folder, looked at by this process; `why` nobody else was asked.

    Wrong settings are part of what is told. The data folder isn't made where there is none.
    """
    folder = data_folder(data_dir)
    subject = DiagnosticsSources(
        kind=COMMAND,
        version=VERSION,
        data_dir=folder,
        started_at=now,
        origins=settings_origins,
        owner=why,
        no_events=_ELSEWHERE,
    )
    try:
        settings = load_settings(data_dir=data_dir)
    except RunbookError as error:
        yield replace(subject, problem=error)
        return
    subject = replace(subject, settings=settings, sandbox_url=settings.sandbox_url)
    lock = OwnerLock(folder)
    with ExitStack() as stack:
        stack.callback(lock.release)  # after the event store is closed again
        free, lacks = _try_lock(lock, folder)
        events = _query(settings, stack) if free else None
        yield replace(subject, events=events, no_events=lacks)


def data_folder(data_dir: Path | None) -> Path:
    """The data folder that a command means, whatever its settings say besides."""
    return data_dir or Path(os.environ.get("BOX_RUNBOOK_DATA") or ".data")


async def diagnostics(request: Request, subject: DiagnosticsSources) -> Response:
    """`POST /diagnostics` of the owner: `{"profile"?}`."""
    profile = (await json_body(request)).get("profile")
    found = await run_in_threadpool(
        lambda: collect(
            subject,
            now=datetime.now(UTC),
            profile=profile if isinstance(profile, str) else None,
        )
    )
    return JSONResponse(found)


def _sandbox_state(runtime: RunningApp) -> str:
    if not runtime.needs_sandbox:
        return "not needed: profiles are configured"
    if runtime.sandbox.url is not None:
        return "started"
    return "not started" if runtime.sandbox.settled else "starting"


def _session_records(runtime: RunningApp, own: Profile) -> Callable[[], list[Mapping[str, Any]]]:
    return lambda: runtime.watch_for(own).book.latest(own.key)


def _try_lock(lock: OwnerLock, folder: Path) -> tuple[bool, str]:
    """Whether nobody owns the stores while this looks at them, and why it can't look if not."""
    if not folder.is_dir():
        return False, "there is no data folder"
    try:
        return lock.acquire(), _ELSEWHERE
    except OSError:
        return True, ""  # nothing can be written there; the engine says if another has the store


def _query(settings: Settings, stack: ExitStack) -> contents.Query:
    """Asks the event store's file, which is opened with the first question."""
    opened: list[contents.Query] = []

    def query(sql: str) -> Sequence[tuple[Any, ...]]:
        if not opened:
            opened.append(stack.enter_context(contents.reading_events(settings)))
        return opened[0](sql)

    return query
