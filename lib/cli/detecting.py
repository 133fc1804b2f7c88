"""`detect`: run detections over the events of a profile, for people, cron and CI."""

import argparse
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from lib.cli.arguments import OK, Answer, known_ids, time_or_age
from lib.core.errors import ConfigurationError, Who

if TYPE_CHECKING:
    from lib.detections.running import DetectionReport
    from lib.store.ledger.findings import FindingMute, KeptFinding

_DEFAULT: Final = timedelta(days=30)
_MARKS: Final = {"high": "!! high  ", "medium": "!  medium", "low": "   low   "}


def add(commands: Any, common: argparse.ArgumentParser) -> None:
    """Add the command to the parser."""
    command = commands.add_parser("detect", parents=[common], help="find unusual activity")
    command.add_argument(
        "--profile", metavar="KEY", help="which profile (the only one, or sandbox)"
    )
    command.add_argument("--data", type=Path, metavar="DIR", help="data folder (.data)")
    command.add_argument(
        "--since", "--from", type=time_or_age, metavar="WHEN", help="30d (default), or RFC 3339"
    )
    command.add_argument(
        "--until",
        "--to",
        type=time_or_age,
        metavar="WHEN",
        help="as --since; exclusive (default: now)",
    )
    command.add_argument(
        "--only",
        action="append",
        metavar="ID",
        help="run only this detection; can be given several times",
    )
    command.add_argument("--source", help="instead of the profile's source of record")
    command.set_defaults(run=_detect)


def _detect(arguments: argparse.Namespace) -> Answer:
    from lib.activity.model.source import Source  # noqa: PLC0415  # loads the engines
    from lib.cli.host import host  # noqa: PLC0415  # as above
    from lib.detections import finding_records  # noqa: PLC0415  # as above

    only = _chosen(arguments.only or ())
    if arguments.source is not None and arguments.source not in [*Source]:
        raise ConfigurationError(
            f"--source: unknown source {arguments.source!r}.",
            cause="",
            fix=f"Choose from {', '.join(Source)}.",
            who=Who.YOU,
        )
    now = datetime.now(UTC)
    since, until = _period(arguments, now)
    with host(profile=arguments.profile, data=arguments.data) as found:
        report = found.detect(since, until, arguments.source, only)
        finding_records.keep(found.ledger, report, at=now)
        book = found.ledger.findings
        kept = {one.key: one for one in book.all(report.profile, since)}
        mutes = book.mutes(report.profile, now)
    findings = [
        {**one.as_dict(), "state": _state(kept.get(one.key), mutes)} for one in report.findings
    ]
    answer: dict[str, Any] = {"ok": True, **report.as_dict(), "findings": findings}
    if not arguments.json:
        answer = {"lines": list(_lines(report, findings))}
    return answer, OK


def _period(arguments: argparse.Namespace, now: datetime) -> tuple[datetime, datetime]:
    def at(value: timedelta | datetime | None, default: datetime) -> datetime:
        return now - value if isinstance(value, timedelta) else value or default

    until = at(arguments.until, now)
    since = at(arguments.since, until - _DEFAULT)
    if since >= until:
        raise ConfigurationError(
            "--since must be before --until.",
            cause=f"--since is {since.isoformat()}, --until is {until.isoformat()}.",
            fix="Swap them, or leave one out.",
            who=Who.YOU,
        )
    return since, until


def _chosen(only: Sequence[str]) -> tuple[str, ...]:
    from lib.detections.registry import DETECTIONS  # noqa: PLC0415  # as above

    return known_ids("detection", only, [one.id for one in DETECTIONS])


def _state(kept: "KeptFinding | None", mutes: "dict[tuple[str, str], FindingMute]") -> str | None:
    from lib.store.ledger.findings import muted  # noqa: PLC0415  # as above

    if kept is None:
        return None
    return "muted" if muted(mutes, kept) else str(kept.state)


def _called(actor_id: str, names: Mapping[str, str]) -> str:
    from lib.activity.ingest.derived_ids import is_derived  # noqa: PLC0415  # as above

    return names.get(actor_id, actor_id) if is_derived(actor_id) else actor_id


def _lines(report: "DetectionReport", findings: list[dict[str, Any]]) -> Iterator[str]:
    from lib.detections.registry import by_id  # noqa: PLC0415  # as above

    for one in findings:
        detection = by_id(one["detection"])
        title = detection.title if detection else one["detection"]
        who = f"  actor {_called(one['actor_id'], report.names)}" if one["actor_id"] else ""
        state = f"  [{one['state']}]" if one["state"] not in (None, "open") else ""
        yield f"{_MARKS[one['severity']]}  {one['from'][:19]}Z  {title}{who}{state}"
        yield f"           {one['why']} Confidence: {one['confidence']}."
    for name, reason in report.not_judged.items():
        yield f"?  not enough data: {name}  {reason}"
    count = len(findings)
    yield (
        f"{count} {'finding' if count == 1 else 'findings'} from"
        f" {report.since:%Y-%m-%d %H:%M} to {report.until:%Y-%m-%d %H:%M} UTC,"
        f" {len(report.ran)} detections."
    )
    if not report.seen:
        yield "This profile has no events yet. Read them first: python -m lib sync"
