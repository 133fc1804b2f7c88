"""`sandbox`: serve a local Box and Kloudless."""

import argparse
from typing import Any

from lib.cli.arguments import OK, Answer, port, positive, time
from lib.core.errors import ConfigurationError, Who


def add(commands: Any, common: argparse.ArgumentParser) -> None:
    """Add the command to the parser."""
    command = commands.add_parser(
        "sandbox",
        parents=[common],
        help="serve a local Box and Kloudless on a loopback port",
    )
    command.add_argument(
        "--port", type=port, default=8600, help="0 picks a free one (default: 8600)"
    )
    command.add_argument("--seed", type=int, help="seed of the generated enterprise")
    command.add_argument(
        "--days",
        type=positive,
        help="days of activity (default: 90); Box keeps 365, so older ones can't be read",
    )
    command.add_argument(
        "--users",
        type=positive,
        help="managed users, admins included (default: 60); at least 12 are created",
    )
    command.add_argument("--events-per-day", type=positive, help="average number of events")
    command.add_argument("--until", type=time, help="end of the generated activity, RFC 3339")
    command.add_argument("--live", action="store_true", help="continue activity after that")
    command.add_argument(
        "--fault", action="append", default=[], metavar="NAME", help="activate this fault"
    )
    command.add_argument("--no-rate-limits", action="store_true", help="answer without rate limits")
    command.add_argument(
        "--stop-with-parent", action="store_true", help="stop when standard input ends"
    )
    command.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> Answer:
    from lib.sandbox.serve import InvalidFault, UnknownFault, serve  # noqa: PLC0415  # only here
    from lib.sandbox.world import WorldSpec  # noqa: PLC0415  # as above

    arguments.ending.serves()
    chosen = {
        name: getattr(arguments, name)
        for name in ("seed", "days", "users", "events_per_day", "until")
        if getattr(arguments, name) is not None
    }
    try:
        serve(
            WorldSpec(live=arguments.live, **chosen),
            port=arguments.port,
            faults=arguments.fault,
            rate_limits=not arguments.no_rate_limits,
            stop_with_parent=arguments.stop_with_parent,
        )
    except (UnknownFault, InvalidFault) as error:
        raise ConfigurationError(
            "The fault can't be activated.",
            cause=str(error),
            fix="GET /sandbox/faults of a running sandbox lists the names.",
            who=Who.YOU,
        ) from error
    except OSError as error:
        raise ConfigurationError(
            f"Port {arguments.port} can't be used.",
            cause=f"{error.strerror or error}.",
            fix="Choose another with --port, or 0 for any free one.",
            who=Who.YOU,
        ) from error
    return {"ok": True}, OK
