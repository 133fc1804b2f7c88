"""`store`: migrate the stores, back them up, restore a backup, rebuild columns."""

import argparse
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from lib.cli.arguments import FAILED, OK, Answer
from lib.core.errors import StoreError, Who


def add(commands: Any, common: argparse.ArgumentParser) -> None:
    """Add the commands to the parser."""
    shared = argparse.ArgumentParser(add_help=False, parents=[common])
    shared.add_argument("--data", type=Path, metavar="DIR", help="data folder (default: .data)")
    parser = commands.add_parser("store", help="migrate, back up, restore, renormalise")
    kinds = parser.add_subparsers(required=True, metavar="WHAT")
    command = kinds.add_parser(
        "migrate", parents=[shared], help="migrate both stores to this version"
    )
    command.set_defaults(run=_migrate)
    command = kinds.add_parser(
        "backup", parents=[shared], help="copy both stores, even while the app runs"
    )
    command.add_argument("--out", type=Path, required=True, metavar="FOLDER")
    command.set_defaults(run=_backup)
    command = kinds.add_parser(
        "restore", parents=[shared], help="replace both stores with a backup"
    )
    command.add_argument("folder", type=Path, metavar="FOLDER")
    command.add_argument("--replace", action="store_true", help="keep the present stores beside it")
    command.set_defaults(run=_restore)
    command = kinds.add_parser(
        "renormalise", parents=[shared], help="rebuild columns from raw JSON"
    )
    command.add_argument(
        "--all", action="store_true", help="every event, not only those of older versions"
    )
    command.set_defaults(run=_renormalise)


def _migrate(arguments: argparse.Namespace) -> Answer:
    from lib.app.ownership import OwnerLock  # noqa: PLC0415  # as above
    from lib.cli.host import data_folder  # noqa: PLC0415  # loads the engines
    from lib.settings.loading import load_settings  # noqa: PLC0415  # as above
    from lib.store.versions import existing, known  # noqa: PLC0415  # as above

    settings = load_settings(data_dir=arguments.data)
    with OwnerLock(settings.data_dir) as lock:
        free = lock.acquire()
        before = existing(settings) if free else known()
    with data_folder(arguments.data) as found:
        found.own()  # opening migrates them; a running app has done so
    done_by = "this command" if free else "the running app"
    return {"ok": True, "from": before, "to": known(), "done_by": done_by}, OK


def _backup(arguments: argparse.Namespace) -> Answer:
    from lib.app.store_tasks import make_backup  # noqa: PLC0415  # as above
    from lib.cli.host import data_folder  # noqa: PLC0415  # loads the engines

    folder = arguments.out.absolute()
    with data_folder(arguments.data) as found:
        found.own()
        if found.owner is not None:
            made = make_backup(found.owner.stores, found.settings, folder)
        else:
            made = found.ask("/backup", {"folder": str(folder)})
    return {"ok": True, "folder": str(arguments.out), **made}, OK


def _restore(arguments: argparse.Namespace) -> Answer:
    from lib.activity.ingest.pairing import make_pair  # noqa: PLC0415  # loads the engines
    from lib.app.ownership import OwnerLock  # noqa: PLC0415  # as above
    from lib.app.upgrading import UpgradeLog  # noqa: PLC0415  # as above
    from lib.settings.loading import load_settings  # noqa: PLC0415  # loads the engines
    from lib.store import open_stores  # noqa: PLC0415  # as above
    from lib.store.backup import read_backup, restore  # noqa: PLC0415  # as above

    settings = load_settings(data_dir=arguments.data)
    made = read_backup(arguments.folder)
    with OwnerLock(settings.data_dir) as lock:
        if not lock.acquire():
            raise StoreError(
                "The app that uses this data folder is running.",
                cause="It has both stores open.",
                fix="Stop it, restore, and start it again.",
                who=Who.YOU,
            )
        kept = restore(settings, arguments.folder, replace=arguments.replace, now=datetime.now(UTC))
        stores = open_stores(settings, on_progress=UpgradeLog())
        try:
            make_pair(stores, datetime.now(UTC))  # a backup may have one of the two alone
            events = stores.events.count()
        finally:
            stores.close()
    names = [path.name for path in kept]
    return {"ok": True, "made_at": made.made_at, "events": events, "kept": names}, OK


def _renormalise(arguments: argparse.Namespace) -> Answer:
    from lib.app.store_tasks import rebuild  # noqa: PLC0415  # as above
    from lib.cli.host import data_folder  # noqa: PLC0415  # loads the engines
    from lib.cli.interrupts import interrupts  # noqa: PLC0415  # as above

    with data_folder(arguments.data) as found:
        found.own()
        if found.owner is None:
            done = found.ask("/renormalise", {"everything": arguments.all})
        else:
            with interrupts(arguments.ending) as stop:
                found.owner.drainer.finish()
                done = rebuild(found.owner.stores, everything=arguments.all, stopping=stop)
    if arguments.ending.stopped is not None:
        return {"ok": False, "stopped": arguments.ending.stopped, **done}, arguments.ending.code
    return {"ok": bool(done["whole"]), **done}, OK if done["whole"] else FAILED
