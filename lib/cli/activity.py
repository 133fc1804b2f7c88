"""`sync` and `export`: events in and out, without a browser. `import` is next door."""

import argparse
import csv
import io
import logging
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Final

from lib.cli.arguments import FAILED, OK, Answer, of_profile, span, time_or_age
from lib.cli.interrupts import Stopped, interrupts
from lib.cli.out_file import whole_file
from lib.core.errors import ConfigurationError, RunbookError, Who
from lib.core.time_texts import rfc3339

if TYPE_CHECKING:
    from lib.activity.ingest.sync import SyncResult
    from lib.cli.host import Host
    from lib.cli.interrupts import Stop
    from lib.store.ledger.missing import Missing

# The engines behind these commands load in a second; `keys` and `sandbox` don't wait for them.

POLL_S: Final = 10.0
_DRAIN: Final = timedelta(seconds=60)
_FIRST: Final = datetime(1970, 1, 1, tzinfo=UTC)
_LAST: Final = datetime(9999, 1, 1, tzinfo=UTC)
_CHOICES: Final = ("type", "category", "actor", "item")

_log = logging.getLogger(__name__)


def add(commands: Any, common: argparse.ArgumentParser) -> None:
    """Add the commands to the parser."""
    shared = of_profile(common)
    _add_sync(commands, shared)
    _add_export(commands, shared)


def _add_sync(commands: Any, shared: argparse.ArgumentParser) -> None:
    command = commands.add_parser(
        "sync", parents=[shared], help="read events, resuming where the last run stopped"
    )
    command.add_argument(
        "--since",
        type=span,
        metavar="SPAN",
        help="30d, 24h, … (default: all that the sender keeps)",
    )
    command.add_argument("--follow", action="store_true", help="keep reading until interrupted")
    command.add_argument(
        "--wait",
        type=span,
        metavar="SPAN",
        help="how long the command may take, with --follow how long each round waits until the rows"
        " can be charted (default: no limit, and 60s for that wait)",
    )
    command.set_defaults(run=_sync)


def _add_export(commands: Any, shared: argparse.ArgumentParser) -> None:
    command = commands.add_parser("export", parents=[shared], help="write events to a file")
    command.add_argument("--format", choices=("csv", "jsonl", "parquet"), required=True)
    command.add_argument("--out", type=Path, required=True, metavar="FILE")
    command.add_argument("--since", type=time_or_age, metavar="WHEN", help="30d, or RFC 3339")
    command.add_argument("--until", type=time_or_age, metavar="WHEN", help="as --since; exclusive")
    for name in _CHOICES:
        command.add_argument(
            f"--{name}", action="append", metavar=name.upper(), help="can be given several times"
        )
    command.add_argument("--source", help="instead of the profile's source of record")
    command.set_defaults(run=_export)


# -- sync ------------------------------------------------------------------------------------------


def _sync(arguments: argparse.Namespace) -> Answer:
    from lib.activity.ingest.pairing import sentence  # noqa: PLC0415  # see the top
    from lib.cli.host import host  # noqa: PLC0415  # see the top

    if arguments.follow:
        arguments.ending.serves()
    results: dict[int, SyncResult] = {}
    facts = _StoreFacts()
    limit = None if arguments.follow else arguments.wait
    with interrupts(arguments.ending, limit=limit) as stop:
        try:
            with host(profile=arguments.profile, data=arguments.data) as found:
                facts.before = found.ledger.missing.of(found.key)
                for one in facts.before:
                    if one.readable or one.reported_at is None:
                        _log.warning("%s", sentence(one))
                for result in _reading(found, arguments, stop):
                    results[result.run_id] = result
                facts.look_again(found, results.values())
        except Stopped:
            if not results:
                raise
    return _answer([*results.values()], facts, arguments)


class _StoreFacts:
    """What the stores lack and what was set aside: before a sync, and after it.

    `after` and `aside` are None where the command was ended before it could look.
    """

    def __init__(self) -> None:
        self.before: Sequence[Missing] = ()
        self.after: Sequence[Missing] | None = None
        self.aside: list[dict[str, Any]] | None = None

    def look_again(self, found: "Host", results: Iterable["SyncResult"]) -> None:
        """Look at what is missing still, and note that it was reported."""
        after = found.ledger.missing.of(found.key)
        found.ledger.missing.reported(found.key, datetime.now(UTC))
        self.aside = found.quarantined([one.run_id for one in results if one.quarantined])
        self.after = after

    @property
    def whole(self) -> bool:
        """Nothing was set aside, and nothing is missing that wasn't reported before."""
        if self.after is None or self.aside is None:
            return False
        return not self.aside and not any(
            one.readable or one.reported_at is None for one in self.after
        )


def _answer(
    results: Sequence["SyncResult"], facts: _StoreFacts, arguments: argparse.Namespace
) -> Answer:
    """The document of all rounds, and the exit code; what is still pending isn't complete."""
    last, ending = results[-1], arguments.ending
    if arguments.follow:  # it goes on until somebody ends it; what is pending is drained later
        complete = last.pending == 0 or ending.stopped is not None
    else:
        complete = last.pending == 0 and last.state == "done"
    complete = complete and facts.whole
    stopped = ending.stopped or ("wait" if last.state == "done" and last.pending else None)
    after = facts.before if facts.after is None else facts.after
    answer = {
        "profile": last.profile,
        "ok": complete,
        "read": sum(r.read for r in results),
        "added": sum(r.added for r in results),
        "repeated": sum(r.repeated for r in results),
        "quarantined": sum(r.quarantined for r in results),
        "pending": last.pending,
        "position": last.position,
        "oldest": _text(min((r.oldest for r in results if r.oldest), default=None)),
        "newest": _text(max((r.newest for r in results if r.newest), default=None)),
        "quarantine": facts.aside or [],
        "reread": [_missing(one) | {"calls": one.calls} for one in facts.before if one.readable],
        "lost": [_missing(one) | {"events": one.events} for one in after if not one.readable],
    }
    if complete:
        return answer, OK
    if stopped is not None:
        answer["stopped"] = stopped
    return answer, (ending.code or FAILED) if ending.stopped else FAILED


def _reading(found: "Host", arguments: argparse.Namespace, stop: "Stop") -> Iterator["SyncResult"]:
    """One result for each run: one, or with `--follow` as many as it takes until interrupted."""
    from lib.activity.ingest.sync import result_of, sync  # noqa: PLC0415  # see the top

    profile = found.profile()
    seen = 0
    while True:
        try:
            result = sync(
                profile,
                found.clients.reader(profile),
                found.ledger,
                since=arguments.since,
                on_progress=lambda _progress: found.woken(),
                cancelled=stop,
            )
            yield result  # kept should the wait for the drain be interrupted
            found.settle(result.run_id, arguments.wait or _DRAIN)
            seen += 1
            yield result_of(found.ledger, result.run_id)
        except RunbookError as error:
            if not (arguments.follow and seen):
                raise
            _log.warning("%s %s", error.message, error.cause)
        if not arguments.follow or stop.wait(POLL_S):
            return


def _missing(one: "Missing") -> dict[str, Any]:
    return {"source": one.source, "from": _text(one.from_at), "to": _text(one.to_at)}


def _text(at: datetime | None) -> str | None:
    return None if at is None else rfc3339(at)


# -- export ----------------------------------------------------------------------------------------


def _export(arguments: argparse.Namespace) -> Answer:
    from lib.activity.exporting.event_files import ExportFormat  # noqa: PLC0415  # as above
    from lib.activity.model.event import CATEGORIES  # noqa: PLC0415  # see the top
    from lib.activity.model.source import Source  # noqa: PLC0415  # see the top
    from lib.activity.queries.filters import Filters  # noqa: PLC0415  # as above
    from lib.cli.host import host  # noqa: PLC0415  # as above

    _known("source", [arguments.source] if arguments.source else [], [*Source])
    _known("category", arguments.category or [], CATEGORIES)
    now = datetime.now(UTC)
    since, until = _at(arguments.since, now, _FIRST), _at(arguments.until, now, _LAST)
    if since >= until:
        raise ConfigurationError(
            "--since must be before --until.",
            cause=f"--since is {_text(since)}, --until is {_text(until)}.",
            fix="Swap them, or leave one out.",
            who=Who.YOU,
        )
    form = ExportFormat(arguments.format)
    with host(profile=arguments.profile, data=arguments.data) as found:
        filters = Filters(
            profile=found.key,
            since=since,
            until=until,
            source=arguments.source,
            include={n: tuple(v) for n in _CHOICES if (v := getattr(arguments, n))},
        )
        with whole_file(arguments.out) as file:
            found.export(filters, form, file)
            rows = _count(file, form)
        aside = found.quarantined()
    return {"ok": True, "rows": rows, "refused": [], "quarantine": aside}, OK


def _known(option: str, given: Iterable[str], words: Sequence[str]) -> None:
    for word in given:
        if word not in words:
            raise ConfigurationError(
                f"--{option}: unknown {option} {word!r}.",
                cause="",
                fix=f"Choose from {', '.join(words)}.",
                who=Who.YOU,
            )


def _at(value: timedelta | datetime | None, now: datetime, default: datetime) -> datetime:
    return now - value if isinstance(value, timedelta) else value or default


def _count(file: BinaryIO, form: str) -> int:
    """How many rows a finished export holds; it stays open."""
    file.flush()
    file.seek(0)
    if form == "parquet":
        import pyarrow.parquet as pq  # noqa: PLC0415  # see the top

        return int(pq.ParquetFile(file).metadata.num_rows)
    if form == "jsonl":
        return sum(1 for _ in file)
    text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
    try:
        return max(0, sum(1 for _ in csv.reader(text)) - 1)
    finally:
        text.detach()
