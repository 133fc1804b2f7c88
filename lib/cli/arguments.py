"""Parses the commands' arguments: times, durations, ports, files; and the shape of a command.

A wrong argument raises ConfigurationError, so that `--json` prints it like every other error.
"""

import argparse
import os
import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final, NoReturn

from lib.core.errors import ConfigurationError, Who

OK: Final = 0
FAILED: Final = 1
USAGE: Final = 2

Answer = tuple[dict[str, Any], int]
"""What a command returns: the JSON document it prints, and its exit code."""

_UNITS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_MOST_DAYS: Final = 36_525


class Parser(argparse.ArgumentParser):
    """Reports errors in the one shape that every command error has."""

    def error(self, message: str) -> NoReturn:
        """Raise ConfigurationError in place of leaving the process."""
        raise ConfigurationError(
            f"{self.prog}: {message}.", cause="", fix=f"See {self.prog} --help", who=Who.YOU
        )


def of_profile(common: argparse.ArgumentParser) -> argparse.ArgumentParser:
    """The options of a command that is about one profile of a data folder."""
    shared = argparse.ArgumentParser(add_help=False, parents=[common])
    shared.add_argument(
        "--profile", metavar="KEY", help="profile (default: the only one, or sandbox)"
    )
    shared.add_argument("--data", type=Path, metavar="DIR", help="data folder (default: .data)")
    return shared


def port(text: str) -> int:
    """A TCP port, 0 to 65535."""
    value = int(text)
    if not 0 <= value <= 65535:  # noqa: PLR2004  # the range of TCP
        raise ValueError(text)
    return value


def positive(text: str) -> int:
    """A whole number above 0."""
    value = int(text)
    if value < 1:
        raise ValueError(text)
    return value


def time(text: str) -> datetime:
    """An RFC 3339 time with an offset, as UTC."""
    value = datetime.fromisoformat(text)
    if value.tzinfo is None:
        raise argparse.ArgumentTypeError(
            f"{text!r} has no UTC offset; write for example 2026-03-01T09:00:00Z"
        )
    return value.astimezone(UTC)


def span(text: str) -> timedelta:
    """A span such as 90s, 15m, 24h, 30d or 2w."""
    match = re.fullmatch(r"(\d{1,9})([smhdw])", text.strip())
    seconds = int(match[1]) * _UNITS[match[2]] if match else 0
    if not 0 < seconds <= _MOST_DAYS * _UNITS["d"]:
        raise argparse.ArgumentTypeError(f"{text!r} isn't a duration such as 90s, 15m, 24h or 30d")
    return timedelta(seconds=seconds)


def time_or_age(text: str) -> timedelta | datetime:
    """A span before now (`30d`), or an RFC 3339 time."""
    return span(text) if re.fullmatch(r"\d+[smhdw]", text.strip()) else time(text)


def known_ids(noun: str, only: Sequence[str], known: Sequence[str]) -> tuple[str, ...]:
    """The ids that were asked for. Raises ConfigurationError for one that isn't known."""
    for one in only:
        if one not in known:
            raise ConfigurationError(
                f"There is no {noun} {one!r}.",
                cause=f"Known {noun}s: {', '.join(known)}.",
                fix="Use one of these ids.",
                who=Who.YOU,
            )
    return tuple(only)


def passphrase(variable: str | None) -> str | None:
    """The value of the environment variable that holds a passphrase; None without a variable."""
    if variable is None:
        return None
    if variable not in os.environ:
        raise ConfigurationError(
            f"The environment variable {variable} isn't set.",
            cause="It must hold the key's passphrase.",
            fix=f"Set it for this shell, for example: read -rs {variable}; export {variable}",
            who=Who.YOU,
        )
    return os.environ[variable]


def read_file(path: Path, *, most: int | None = None) -> bytes:
    """The first `most` bytes of a file, or all. Raises ConfigurationError naming the file."""
    try:
        with path.open("rb") as file:
            return file.read() if most is None else file.read(most)
    except OSError as error:
        raise unreadable(path, error) from error


def unreadable(path: Path, error: OSError) -> ConfigurationError:
    """The error for a file that can't be opened."""
    return ConfigurationError(
        f"{path} can't be opened.",
        cause=str(error.strerror or type(error).__name__) + ".",
        fix="Check the name and the permissions.",
        who=Who.YOU,
    )
