"""`report`: a report for a period as a file, without a browser."""

import argparse
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lib.cli.arguments import OK, Answer, of_profile, time_or_age
from lib.cli.out_file import whole_file
from lib.core.errors import ConfigurationError, Who

if TYPE_CHECKING:
    from lib.report.report import ReportFormat


def add(commands: Any, common: argparse.ArgumentParser) -> None:
    """Add the command to the parser."""
    command = commands.add_parser(
        "report", parents=[of_profile(common)], help="write a report for a period"
    )
    command.add_argument("--out", type=Path, required=True, metavar="FILE")
    command.add_argument("--format", choices=("html", "pdf"), help="default: from the file name")
    command.add_argument(
        "--since", type=time_or_age, metavar="WHEN", help="30d (the default) or RFC 3339"
    )
    command.add_argument("--until", type=time_or_age, metavar="WHEN", help="as --since; exclusive")
    command.add_argument(
        "--timezone", default="UTC", metavar="ZONE", help="time zone of the report (default: UTC)"
    )
    command.add_argument("--source", help="instead of the profile's source of record")
    command.set_defaults(run=_report)


def _report(arguments: argparse.Namespace) -> Answer:
    from lib.activity.model.source import Source  # noqa: PLC0415  # loads the engines
    from lib.activity.model.zones import zone  # noqa: PLC0415  # as above
    from lib.activity.queries.filters import Filters  # noqa: PLC0415  # as above
    from lib.cli.host import host  # noqa: PLC0415  # as above
    from lib.report.report import DEFAULT, ReportScope  # noqa: PLC0415  # as above

    form = _format(arguments)
    zone(arguments.timezone)
    if arguments.source is not None and arguments.source not in list(Source):
        raise _wrong(f"--source: there is no source {arguments.source!r}.", ", ".join(Source))
    now = datetime.now(UTC)
    until = _at(arguments.until, now, now)
    since = _at(arguments.since, now, until - DEFAULT)
    if since >= until:
        raise _wrong("--since isn't before --until.", "an earlier --since or a later --until")
    with host(profile=arguments.profile, data=arguments.data) as found:
        chosen = found.settings.profile(found.key)
        filters = Filters(profile=found.key, since=since, until=until, source=arguments.source)
        scope = ReportScope(filters, chosen.label if chosen else "Sandbox", arguments.timezone)
        with whole_file(arguments.out) as file:
            found.report(scope, form, file)
            size = file.tell()
    answer = {
        "ok": True,
        "profile": filters.profile,
        "format": str(form),
        "since": since.isoformat(),
        "until": until.isoformat(),
        "bytes": size,
    }
    return answer, OK


def _format(arguments: argparse.Namespace) -> "ReportFormat":
    from lib.report.report import ReportFormat  # noqa: PLC0415  # loads the engines

    reported = arguments.format or arguments.out.suffix.lower().removeprefix(".")
    reported = "html" if reported == "htm" else reported
    if reported not in list(ReportFormat):
        raise _wrong("The report's format is unknown.", "--format html or --format pdf")
    return ReportFormat(reported)


def _at(value: timedelta | datetime | None, now: datetime, default: datetime) -> datetime:
    return now - value if isinstance(value, timedelta) else value or default


def _wrong(message: str, use: str) -> ConfigurationError:
    return ConfigurationError(message, cause="", fix=f"Use {use}.", who=Who.YOU)
