"""The jobs of the app without a browser: `python -m lib <command>`.

Each command is a few lines that call the layer below. With `--json` exactly one JSON document goes
to stdout; logs go to stderr, redacted. Exit codes: 0 all well, 1 something failed, 2 wrong usage or
configuration. No command prints a secret or a stack trace.
"""

import argparse
import json
import logging
import os
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, NoReturn

from lib.errors import ConfigurationError, RunbookError, Who
from lib.redaction import RedactingFilter, redact

OK: Final = 0
FAILED: Final = 1
USAGE: Final = 2


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code (0 all well, 1 failed, 2 usage)."""
    _log_to_stderr()
    as_json = "--json" in (sys.argv[1:] if argv is None else argv)
    try:
        arguments = build_parser().parse_args(argv)
        answer, code = arguments.run(arguments)
    except RunbookError as error:
        code = USAGE if isinstance(error, ConfigurationError) else FAILED
        answer = {"ok": False, "error": error.as_dict()}
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        sys.stderr.close()
        return FAILED
    _print(answer, as_json=as_json)
    return code


def _log_to_stderr() -> None:
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(RedactingFilter())
    handler.setFormatter(logging.Formatter("%(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler])


def _print(answer: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(answer, ensure_ascii=False, default=str))
        return
    error = answer.get("error")
    if error:
        print(f"{error['cause']}\n{error['fix']} (who: {error['who']})", file=sys.stderr)
        return
    for line in _lines(answer):
        print(redact(line))


def _lines(answer: dict[str, Any]) -> list[str]:
    lines = []
    for name, value in answer.items():
        if isinstance(value, list):
            lines.append(f"{name}: {len(value)}")
            lines.extend("  - " + "; ".join(f"{k}: {v}" for k, v in item.items()) for item in value)
        else:
            lines.append(f"{name}: {'yes' if value is True else 'no' if value is False else value}")
    return lines


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in the one shape that every error of a command has."""

    def error(self, message: str) -> NoReturn:
        raise ConfigurationError(
            f"{self.prog}: {message}.", cause="", fix=f"See {self.prog} --help", who=Who.YOU
        )


def build_parser() -> argparse.ArgumentParser:
    """The parser of every command."""
    parser = _Parser(prog="python -m lib", description=str(__doc__).split("\n", 1)[0])
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--json", action="store_true", help="print one JSON document")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    _add_sandbox(commands, common)
    _add_keys(commands, common)
    return parser


# -- sandbox ---------------------------------------------------------------------------------------


def _add_sandbox(commands: Any, common: argparse.ArgumentParser) -> None:
    command = commands.add_parser(
        "sandbox",
        parents=[common],
        help="serve a Box and a Kloudless of our own on a loopback port",
    )
    command.add_argument("--port", type=_port, default=8600, help="0 picks a free one (8600)")
    command.add_argument("--seed", type=int, default=None, help="which enterprise")
    command.add_argument("--days", type=_positive, default=None, help="days of activity (90)")
    command.add_argument("--users", type=_positive, default=None, help="managed users (about 60)")
    command.add_argument("--events-per-day", type=_positive, default=None, help="on average")
    command.add_argument(
        "--until", type=_time, default=None, help="end of the planted world, RFC 3339"
    )
    command.add_argument("--live", action="store_true", help="let activity go on after that")
    command.add_argument("--fault", action="append", default=[], metavar="NAME", help="switch on")
    command.add_argument("--no-rate-limits", action="store_true", help="answer as fast as asked")
    command.add_argument(
        "--stop-with-parent", action="store_true", help="end when standard input ends"
    )
    command.set_defaults(run=_sandbox)


def _sandbox(arguments: argparse.Namespace) -> tuple[dict[str, Any], int]:
    from lib.sandbox.serve import InvalidFault, UnknownFault, serve  # noqa: PLC0415  # only here
    from lib.sandbox.world import WorldSpec  # noqa: PLC0415  # as above

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
            f"The fault can't be switched on: {error}.",
            cause="",
            fix="GET /sandbox/faults of a running sandbox lists the names.",
            who=Who.YOU,
        ) from error
    except OSError as error:
        raise ConfigurationError(
            f"Port {arguments.port} can't be used.",
            cause=str(error.strerror or error),
            fix="Choose another with --port, or 0 for any free one.",
            who=Who.YOU,
        ) from error
    return {"ok": True}, OK


# -- keys ------------------------------------------------------------------------------------------


def _add_keys(commands: Any, common: argparse.ArgumentParser) -> None:
    keys = commands.add_parser("keys", help="judge or make an RSA key pair, offline")
    actions = keys.add_subparsers(title="actions", required=True, metavar="ACTION")
    inspect = actions.add_parser("inspect", parents=[common], help="judge a private key")
    inspect.add_argument("file", type=Path, metavar="FILE")
    inspect.add_argument(
        "--passphrase-env", metavar="VAR", help="variable that holds the passphrase"
    )
    inspect.add_argument(
        "--public", type=Path, metavar="FILE", help="does this public key belong to it?"
    )
    inspect.add_argument(
        "--config", type=Path, metavar="FILE", help="compare with a Box app settings file"
    )
    inspect.set_defaults(run=_keys_inspect)
    generate = actions.add_parser("generate", parents=[common], help="make a key pair for Box")
    generate.add_argument("--out", type=Path, required=True, metavar="DIR")
    generate.add_argument("--passphrase-env", required=True, metavar="VAR")
    generate.add_argument("--bits", type=_positive, default=2048)
    generate.set_defaults(run=_keys_generate)


def _keys_inspect(arguments: argparse.Namespace) -> tuple[dict[str, Any], int]:
    from lib.box.keys import inspect_key  # noqa: PLC0415  # cryptography loads only where it is used

    report = inspect_key(
        _read(arguments.file),
        _passphrase(arguments.passphrase_env),
        public=_read(arguments.public) if arguments.public else None,
        config=_read(arguments.config) if arguments.config else None,
    )
    answer = {
        "ok": report.ok,
        "format": report.format,
        "encrypted": report.encrypted,
        "bits": report.bits,
        "fingerprint_sha256": report.fingerprint_sha256,
        "problems": [
            {"code": p.code, "severity": p.severity, "message": p.message, "fix": p.fix}
            for p in report.problems
        ],
    }
    return answer, OK if report.ok else FAILED


def _keys_generate(arguments: argparse.Namespace) -> tuple[dict[str, Any], int]:
    from lib.box.keys import generate_key_pair  # noqa: PLC0415  # as above

    passphrase = _passphrase(arguments.passphrase_env)
    pair = generate_key_pair(passphrase or "", bits=arguments.bits)
    out: Path = arguments.out
    private, public = out / "private_key.pem", out / "public_key.pem"
    try:
        out.mkdir(mode=0o700, parents=True, exist_ok=True)
        _write_new(private, pair.private_pem.reveal())
        _write_new(public, pair.public_pem)
    except OSError as error:
        raise ConfigurationError(
            f"The key pair can't be written: {error.strerror or error} ({error.filename}).",
            cause="Existing files are never overwritten."
            if isinstance(error, FileExistsError)
            else "",
            fix="Choose an empty folder with --out.",
            who=Who.YOU,
        ) from error
    answer = {
        "ok": True,
        "private_key": str(private),
        "public_key": str(public),
        "bits": arguments.bits,
        "fingerprint_sha256": pair.fingerprint_sha256,
    }
    return answer, OK


# -- shared ----------------------------------------------------------------------------------------


def _passphrase(variable: str | None) -> str | None:
    if variable is None:
        return None
    if variable not in os.environ:
        raise ConfigurationError(
            f"The environment variable {variable} isn't set.",
            cause="It should hold the passphrase of the key.",
            fix=f"Set it for this shell, for example: read -rs {variable}; export {variable}",
            who=Who.YOU,
        )
    return os.environ[variable]


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ConfigurationError(
            f"{path} can't be read.",
            cause=str(error.strerror or type(error).__name__),
            fix="Check the name and the permissions.",
            who=Who.YOU,
        ) from error


def _write_new(path: Path, text: str) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(text)


def _port(text: str) -> int:
    value = int(text)
    if not 0 <= value <= 65535:  # noqa: PLR2004  # the range of TCP
        raise ValueError(text)
    return value


def _positive(text: str) -> int:
    value = int(text)
    if value < 1:
        raise ValueError(text)
    return value


def _time(text: str) -> datetime:
    """An RFC 3339 time with an offset, as UTC."""
    value = datetime.fromisoformat(text)
    if value.tzinfo is None:
        raise ValueError(text)
    return value.astimezone(UTC)
