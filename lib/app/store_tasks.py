"""Work on the stores that only their owner can do: backups, and rebuilding columns.

A command requests it over loopback when the app runs, and does it itself otherwise.
"""

import threading
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from lib.activity.ingest.renormalise import renormalise
from lib.activity.model.directory import ledger_directories
from lib.app.routes.loopback_api import json_body
from lib.settings.profiles import Settings
from lib.store import Stores
from lib.store.backup import back_up


def make_backup(stores: Stores, settings: Settings, folder: Path) -> dict[str, Any]:
    """Make a backup; what it holds. Raises StoreError."""
    made = asdict(back_up(stores, settings, folder, now=datetime.now(UTC)))
    del made["app"]  # this one's
    return made


def rebuild(stores: Stores, *, everything: bool, stopping: threading.Event) -> dict[str, Any]:
    """Build columns again until done or stopping: `events`, `changed`, `kept`, `whole`."""
    directories = ledger_directories(stores.ledger)
    done = renormalise(
        stores.events,
        directories,
        everything=everything,
        on_step=lambda _so_far: not stopping.wait(0),
    )
    return {**asdict(done), "whole": not stopping.is_set()}


async def backup_route(request: Request, stores: Stores, settings: Settings) -> Response:
    """`POST /backup` of the owner: `{"folder"}`."""
    folder = Path(str((await json_body(request)).get("folder", "")))
    return JSONResponse(await run_in_threadpool(make_backup, stores, settings, folder))


async def rebuild_route(request: Request, stores: Stores, stopping: threading.Event) -> Response:
    """`POST /renormalise` of the owner: `{"everything"}`."""
    everything = bool((await json_body(request)).get("everything"))
    done = await run_in_threadpool(
        lambda: rebuild(stores, everything=everything, stopping=stopping)
    )
    return JSONResponse(done)
