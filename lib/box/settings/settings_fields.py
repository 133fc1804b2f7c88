"""The fields of an app settings file: read one by one, each with its state, never its value."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from lib.box.credential_problems import Problem, error, warning

DOWNLOAD_AGAIN: Final = "Download the file again in Box's Developer Console: Configuration."
_LONGEST_PLACEHOLDER: Final = 200
_PLACEHOLDER: Final = re.compile(
    r"<.*>|\[.*\]|\{.*\}|\*{3,}|[xX]{4,}|.*\.{3}.*|(?:your|my|enter|insert|replace|todo)[ _-].*"
    r"|(?:your[ _-]?)?(?:client|enterprise)[ _-]?(?:id|secret)|passphrase|private[ _-]?key"
    r"|secret|example|sample|changeme|none|null|undefined",
    re.IGNORECASE,
)


class State(StrEnum):
    """The state of a field."""

    OK = "ok"
    MISSING = "missing"
    EMPTY = "empty"
    WRONG = "wrong"
    NOT_NEEDED = "not_needed"


@dataclass(frozen=True, slots=True)
class Field:
    """One field of the file: its dotted name, its state and a remark (never its value)."""

    name: str
    state: State
    note: str = ""


def spelled(tree: Mapping[str, Any], name: str) -> str | None:
    """The name under which the field stands there, in whatever spelling."""
    if name in tree:
        return name
    plain = name.lower()
    return next((key for key in tree if key.lower().replace("_", "") == plain), None)


class FieldReader:
    """Reads fields from an object and notes what it finds."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        self.fields: list[Field] = []

    def text(self, tree: Mapping[str, Any], name: str, path: str, *, needed: bool = True) -> str:
        """The field's text, trimmed; '' if it is missing or can't be used."""
        found = spelled(tree, name)
        if found is None:
            self._note(path, State.MISSING if needed else State.NOT_NEEDED, "not in the file")
            if needed:
                self._error("missing_field", path, "is missing", DOWNLOAD_AGAIN)
            return ""
        if found != name:
            self.problems.append(spelling(path))
        return self._value(tree[found], path, needed=needed)

    def _value(self, value: Any, path: str, *, needed: bool) -> str:
        if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
            self.problems.append(
                warning(
                    "number_not_text",
                    f"{path} is a number; in Box's file it is a string in quotes.",
                    "It was read as a string. Keep the quotes: some programs change long numbers.",
                )
            )
            value = str(value)
        if value is None:
            value = ""
        if not isinstance(value, str):
            self._wrong(path, "wrong_type", "isn't a string", DOWNLOAD_AGAIN)
            return ""
        trimmed = value.strip()
        if not trimmed:
            self._note(path, State.EMPTY if needed else State.NOT_NEEDED, "empty")
            if needed:
                self._error("empty_field", path, "is empty", DOWNLOAD_AGAIN)
            return ""
        is_key = trimmed.startswith("-----")
        if trimmed != value and not is_key:
            self.problems.append(
                warning(
                    "spaces",
                    f"{path} has spaces or line breaks at its start or end.",
                    "They were removed.",
                )
            )
        if len(trimmed) <= _LONGEST_PLACEHOLDER and _PLACEHOLDER.fullmatch(trimmed) and not is_key:
            self._wrong(path, "placeholder", "is a placeholder, not a value", DOWNLOAD_AGAIN)
            return ""
        self._note(path, State.OK)
        return value if is_key else trimmed

    def _note(self, path: str, state: State, note: str = "") -> None:
        self.fields.append(Field(path, state, note))

    def _error(self, code: str, path: str, what: str, fix: str) -> None:
        self.problems.append(error(code, f"{path} {what}.", fix))

    def _wrong(self, path: str, code: str, what: str, fix: str) -> None:
        self._note(path, State.WRONG, what)
        self._error(code, path, what, fix)

    def mark(self, path: str, note: str) -> None:
        """The field is there but wrong after all."""
        self.fields = [
            Field(path, State.WRONG, note) if field.name == path else field for field in self.fields
        ]


def spelling(path: str) -> Problem:
    """A warning about a name in another case or with underscores."""
    return warning(
        "spelling",
        f"{path} is spelled differently than in Box's file.",
        "It was read anyway; other programs need Box's spelling.",
    )
