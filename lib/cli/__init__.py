"""Box Runbook on the command line: `python -m lib <command>`.

Each command is a few lines that call the layer below. With `--json` exactly one JSON document goes
to stdout; logs go to stderr, redacted. Exit codes: 0 all well, 1 something failed, 2 wrong usage or
configuration. No command prints a secret or a stack trace.
"""

import argparse
import io
import json
import logging
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TextIO

from lib.cli import (
    activity,
    check,
    detecting,
    diagnostics,
    importing,
    keys,
    reporting,
    sandbox,
    store,
    webhooks,
)
from lib.cli.arguments import FAILED, USAGE, Answer, Parser
from lib.cli.interrupts import Ending, Stopped, ended_by_sigterm
from lib.cli.out_file import STANDARD_OUTPUT
from lib.core.errors import REPORT_WITH, ConfigurationError, RunbookError, Who
from lib.core.private_files import OWNER_ONLY
from lib.core.redaction import RedactingFilter, redact
from lib.core.system_errors import of_system

if TYPE_CHECKING:
    from lib.http import Waiting

INTERRUPTED = 130

_log = logging.getLogger(__name__)

__all__ = ["build_parser", "main"]


def main(argv: Sequence[str] | None = None, *, waiting: "Waiting | None" = None) -> int:
    """Run one command and return its exit code (0 all well, 1 failed, 2 usage).

    `waiting` replaces how checks wait before they retry.
    """
    os.umask(OWNER_ONLY)
    _log_to_stderr()
    as_json = "--json" in (sys.argv[1:] if argv is None else argv)
    _any_letter(as_json=as_json)
    to = [sys.stdout]
    ending = Ending(lambda answer: _print(answer, to[0], as_json=as_json))
    try:
        with ended_by_sigterm(ending):
            answer, code = _run(argv, ending, to, waiting)
        if ending.say_once():
            _print(answer, to[0], as_json=as_json)
    except BrokenPipeError:  # the reader has gone: `… | head`
        sys.stderr.close()
    except KeyboardInterrupt:
        code = INTERRUPTED
    finally:
        ending.over()
    return int(code)


def _run(
    argv: Sequence[str] | None, ending: Ending, to: list[TextIO], waiting: "Waiting | None"
) -> Answer:
    """The document and the exit code of one command, however it ends."""
    try:
        arguments = build_parser().parse_args(argv)
        arguments.waiting, arguments.ending = waiting, ending
        if getattr(arguments, "out", None) == STANDARD_OUTPUT:
            to[0] = sys.stderr  # standard output takes what was asked for, and nothing else
        answer, code = arguments.run(arguments)
    except Stopped:
        answer, code = ending.answer, ending.code
    except KeyboardInterrupt:
        raise
    except RunbookError as error:
        code = USAGE if isinstance(error, ConfigurationError) else FAILED
        answer = {"ok": False, "error": error.as_dict()}
    except Exception as error:  # noqa: BLE001  # nothing shows a stack trace
        code = FAILED
        answer = {"ok": False, "error": _unexpected(error).as_dict()}
    if ending.stopped is not None and "error" in answer:
        return ending.answer, ending.code  # what it ran into while it ended
    return answer, code


def build_parser() -> argparse.ArgumentParser:
    """The parser of every command."""
    parser = Parser(prog="python -m lib", description=str(__doc__).split("\n", 1)[0])
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--json", action="store_true", help="print one JSON document")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    areas = (
        sandbox,
        check,
        keys,
        activity,
        detecting,
        importing,
        reporting,
        store,
        webhooks,
        diagnostics,
    )
    for area in areas:
        area.add(commands, common)
    return parser


def _unexpected(error: Exception) -> RunbookError:
    """What the system said, by its name; else a fault of ours, with its trace in the log."""
    if isinstance(error, OSError):
        return of_system(error, "The command failed.")
    _log.error("%s", type(error).__name__, exc_info=error)
    return RunbookError(
        "The command failed unexpectedly.",
        cause=f"{type(error).__name__}; see the log on stderr.",
        fix=f"Report it with this log. {REPORT_WITH}",
        who=Who.THIS_APP,
    )


def _log_to_stderr() -> None:
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(RedactingFilter())
    handler.setFormatter(logging.Formatter("%(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler])


def _any_letter(*, as_json: bool) -> None:
    """Let stdout take every character, where Windows gives a pipe or a file an old code page.

    JSON between programs is UTF-8 (RFC 8259, 8.1); lines for people keep the code page.
    """
    out = sys.stdout
    if isinstance(out, io.TextIOWrapper):
        out.reconfigure(encoding="utf-8" if as_json else out.encoding, errors="backslashreplace")


def _print(answer: Mapping[str, Any], to: TextIO, *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(answer, ensure_ascii=False, default=str), file=to, flush=True)
        return
    error = answer.get("error")
    if error:
        print(f"{error['cause']}\n{error['fix']} (who: {error['who']})", file=sys.stderr)
        return
    for line in answer["lines"] if "lines" in answer else _lines(answer):
        print(redact(line), file=to, flush=True)


_ODD = bool | None
_WORDS = {True: "yes", False: "no", None: "none"}


def _lines(answer: Mapping[str, Any]) -> Iterator[str]:
    for name, value in answer.items():
        if isinstance(value, list):
            yield f"{name}: {len(value)}"
            yield from ("  - " + _item(item) for item in value)
        else:
            yield f"{name}: {_WORDS.get(value, value) if isinstance(value, _ODD) else value}"


def _item(item: Any) -> str:
    if not isinstance(item, Mapping):
        return str(item)
    return "; ".join(f"{k}: {v}" for k, v in item.items())
