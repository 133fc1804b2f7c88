"""`diagnostics`: one file to attach to a bug report, from the running app or from its files."""

import argparse
import platform
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from lib.cli.arguments import OK, Answer, of_profile
from lib.core.version import VERSION

_ANSWER_S: Final = 60.0


def add(commands: Any, common: argparse.ArgumentParser) -> None:
    """Add the command to the parser."""
    command = commands.add_parser(
        "diagnostics",
        parents=[of_profile(common)],
        help="write a file for a bug report: versions, last errors, sizes; no secrets",
    )
    command.add_argument("--out", type=Path, required=True, metavar="FILE")
    command.set_defaults(run=_diagnostics)


def _diagnostics(arguments: argparse.Namespace) -> Answer:
    from lib.app.diagnostics import markdown, scrub  # noqa: PLC0415  # loads the server
    from lib.cli.out_file import whole_file  # noqa: PLC0415  # only where a file is written

    _check_profile(arguments)
    with whole_file(arguments.out) as file:  # first: a wrong name costs no work
        document = _document(arguments)
        body = markdown(scrub(document))
        file.write(body)
    return {
        "ok": True,
        "path": str(arguments.out),
        "bytes": len(body),
        "made_by": document["made_by"],
        "missing": [
            {"part": one.get("part", ""), "says": one.get("says") or one.get("error", "")}
            for one in document["missing"]
        ],
    }, OK


def _check_profile(arguments: argparse.Namespace) -> None:
    """Raises ConfigurationError for a profile that isn't there; wrong settings are told, not it."""
    from lib.core.errors import ConfigurationError  # noqa: PLC0415  # as above
    from lib.settings.loading import load_settings  # noqa: PLC0415  # as above

    if arguments.profile is None:
        return
    try:
        settings = load_settings(data_dir=arguments.data)
    except ConfigurationError:
        return
    settings.profile(arguments.profile)


def _document(arguments: argparse.Namespace) -> dict[str, Any]:
    """The owner's document; without an answer what this process finds itself, and why."""
    from lib.app.diagnostics import collect  # noqa: PLC0415  # as above
    from lib.app.diagnostics.subjects import data_folder, of_files  # noqa: PLC0415  # as above

    found, why = _asked(data_folder(arguments.data), arguments.profile)
    now = datetime.now(UTC)
    if found is None:
        with of_files(arguments.data, now, why) as subject:
            found = collect(subject, now=now, profile=arguments.profile)
        lacks = "held in the app's memory, so only a running app has them"
        found["missing"][:0] = [{"part": "errors, calls, reading, sessions", "says": lacks}]
    found["command"] = {"Box Runbook": VERSION, "Python": platform.python_version(), "app": why}
    return found


def _asked(folder: Path, profile: str | None) -> tuple[dict[str, Any] | None, str]:
    """The document of the data folder's owner, or None; and how the request ended."""
    import httpx  # noqa: PLC0415  # as above

    from lib.app.owner_client import owner_client  # noqa: PLC0415  # as above

    client = owner_client(folder, _ANSWER_S)
    if client is None:
        return None, "no running app found for this data folder"
    try:
        with client:
            answer = client.post("/diagnostics", json={"profile": profile})
            found = answer.raise_for_status().json()
    except httpx.HTTPStatusError as error:
        return None, f"the running app answered {error.response.status_code}: another version?"
    except (httpx.HTTPError, ValueError) as error:
        return None, f"an app was running here, but doesn't answer ({type(error).__name__})"
    if not isinstance(found, dict) or not isinstance(found.get("missing"), list):
        return None, "the running app has another version"
    return found, "asked, and it answered"
