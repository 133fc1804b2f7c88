"""`import`: examine or import a file of events, without a browser."""

import argparse
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from lib.cli.arguments import FAILED, OK, Answer, of_profile, unreadable
from lib.core.errors import ConfigurationError, Who
from lib.core.time_texts import rfc3339

if TYPE_CHECKING:
    from lib.activity.importing.importer import ImportOptions, ImportResult

_WAIT: Final = timedelta(minutes=10)


def add(commands: Any, common: argparse.ArgumentParser) -> None:
    """Add the command to the parser."""
    command = commands.add_parser(
        "import", parents=[of_profile(common)], help="import a file of events"
    )
    command.add_argument("file", type=Path, metavar="FILE")
    command.add_argument(
        "--dry-run", action="store_true", help="only report what would be imported"
    )
    command.add_argument(
        "--column",
        action="append",
        default=[],
        metavar="HEADER=COLUMN",
        help="maps a column of a foreign CSV; nothing after = skips it",
    )
    command.add_argument(
        "--timezone",
        default="UTC",
        metavar="ZONE",
        help="time zone of times without a UTC offset (default: UTC)",
    )
    command.add_argument(
        "--dates", choices=("month-first", "day-first"), help="how to read 03/04/2026"
    )
    command.add_argument("--encoding", help="text encoding (default: detected)")
    command.set_defaults(run=_import)


def _import(arguments: argparse.Namespace) -> Answer:
    from lib.activity.importing.importer import examine, import_file  # noqa: PLC0415  # loads the engines
    from lib.activity.ingest.sync import result_of  # noqa: PLC0415  # as above
    from lib.cli.host import host  # noqa: PLC0415  # as above

    options = _options(arguments)
    try:
        file = arguments.file.open("rb")
    except OSError as error:
        raise unreadable(arguments.file, error) from error
    with file:
        if arguments.dry_run:
            looked = examine(file, clock=_now, options=options)
            ok = not looked.refused_count and not (looked.columns and looked.columns.missing)
            answer = _looked(looked, ok=ok, timezone=arguments.timezone)
            if looked.columns and looked.columns.missing and not arguments.json:
                answer["lines"] = [_lacks(looked.columns.missing)]
            return answer, OK if ok else FAILED
        with host(profile=arguments.profile, data=arguments.data) as found:
            result = import_file(file, found.key, found.ledger, clock=_now, options=options)
            settled = found.settle(result.run_id, _WAIT)
            aside = found.quarantined([result.run_id])
            stored = result_of(found.ledger, result.run_id)
    complete = settled and not result.refused_count and not aside
    refused = [asdict(row) for row in result.refused]
    return {
        "ok": complete,
        "rows": stored.added,
        "repeated": stored.repeated,
        "timezone": _assumed(result, arguments.timezone),
        "refused": refused,
        "quarantine": aside,
    }, OK if complete else FAILED


def _assumed(found: "ImportResult", timezone: str) -> str | None:
    """The zone that times were taken to be in; None where each has an offset."""
    from lib.activity.importing.csv_rows import NO_OFFSET  # noqa: PLC0415  # loads the engines

    return timezone if found.notes[NO_OFFSET] else None


def _lacks(missing: Sequence[str]) -> str:
    names = " and ".join(missing)
    return f"No column is {names}. Name it with --column 'HEADER={missing[0]}'."


def _now() -> datetime:
    return datetime.now(UTC)


def _options(arguments: argparse.Namespace) -> "ImportOptions":
    from lib.activity.importing.importer import ImportOptions  # noqa: PLC0415  # loads the engines
    from lib.activity.importing.times import Dates  # noqa: PLC0415  # as above

    columns: dict[str, str | None] = {}
    for text in arguments.column:
        header, sign, column = text.rpartition("=")
        if not sign or not header:
            raise ConfigurationError(
                f"--column {text!r} doesn't name a column.",
                cause="",
                fix="Write HEADER=COLUMN, for example --column 'When=occurred_at'.",
                who=Who.YOU,
            )
        columns[header] = column or None
    return ImportOptions(
        columns=columns,
        timezone=arguments.timezone,
        dates=Dates(arguments.dates) if arguments.dates else None,
        encoding=arguments.encoding,
    )


def _looked(found: "ImportResult", *, ok: bool, timezone: str) -> dict[str, Any]:
    """What the dry run says: the answer of an import, and how the file was understood."""
    shape, columns = found.shape, found.columns
    pairs = zip(columns.headers, columns.taken, strict=True) if columns else ()
    return {
        "ok": ok,
        "rows": found.rows,
        "refused": [asdict(row) for row in found.refused],
        "dry_run": True,
        "timezone": _assumed(found, timezone),
        "format": str(shape.form) if shape else None,
        "encoding": shape.encoding if shape else None,
        "separator": shape.separator if shape else None,
        "columns": [{"header": header, "column": column} for header, column in pairs],
        "missing": list(columns.missing) if columns else [],
        "dates": str(found.order.dates) if found.order else None,
        "dates_sure": found.order.sure if found.order else True,
        "types": _counted(found.types, "type"),
        "problems": _counted(found.problems, "reason"),
        "notes": _counted(found.notes, "note"),
        "words": [
            {"given": given, "taken": taken, "rows": rows}
            for (given, taken), rows in found.words.most_common()
            if given != taken
        ],
        "above_header": found.above,
        "repeated": found.repeated,
        "oldest": rfc3339(found.oldest) if found.oldest else None,
        "newest": rfc3339(found.newest) if found.newest else None,
    }


def _counted(counts: Counter[str], name: str) -> list[dict[str, Any]]:
    return [{name: key, "rows": rows} for key, rows in counts.most_common()]
