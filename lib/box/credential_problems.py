"""The problems of a key or a settings file, in one shape for both.

A problem never quotes a secret: it names the field, the line or the kind of thing that was found.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class ProblemSeverity(StrEnum):
    """An error prevents use; a warning was repaired or can wait."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Problem:
    """One finding: a stable code, its severity, what is wrong and what to do about it."""

    code: str
    severity: ProblemSeverity
    message: str
    fix: str

    def as_dict(self) -> dict[str, str]:
        """The shape that `--json` prints."""
        return {
            "code": self.code,
            "severity": self.severity.value,
            "message": self.message,
            "fix": self.fix,
        }


def error(code: str, message: str, fix: str) -> Problem:
    """A problem that prevents use."""
    return Problem(code, ProblemSeverity.ERROR, message, fix)


def warning(code: str, message: str, fix: str) -> Problem:
    """A problem that was repaired on reading, or can wait."""
    return Problem(code, ProblemSeverity.WARNING, message, fix)


def has_error(problems: Iterable[Problem]) -> bool:
    """Whether one of the problems is an error."""
    return any(problem.severity is ProblemSeverity.ERROR for problem in problems)
