"""From uploaded or pasted text to a JSON object, with a note of what was repaired.

It repairs what editors and chat apps do to JSON (byte order marks, UTF-16, curly quotes, a trailing
comma, lost outer braces) and names what isn't a settings file at all. It never looks at the values
of fields and never quotes the text: it may hold secrets. Source: RFC 8259.
"""

import base64
import binascii
import json
import re
from collections.abc import Callable
from typing import Any, Final

from lib.box.credential_problems import Problem, error, warning
from lib.core.invisible import INVISIBLE, SPACES

MAX_BYTES: Final = 64 * 1024
"""The largest file that is looked at; a settings file has about three thousand bytes."""

_DOWNLOAD: Final = (
    "Download the file again in Box's Developer Console: Configuration, Download as JSON."
)
_CURLY: Final = str.maketrans(dict.fromkeys("\u201c\u201d\u201e\u201f\u00ab\u00bb\u2033", '"'))
_STRING: Final = r'"(?:[^"\\]|\\.)*+"?+'
_TRAILING: Final = re.compile(rf"({_STRING})|,(?=\s*+[}}\]])", re.DOTALL)


def read_object(data: bytes | str) -> tuple[dict[str, Any] | None, list[Problem]]:
    """The JSON object in it, or None, and what was found on the way. Never raises."""
    size = len(data.encode("utf-8", "replace")) if isinstance(data, str) else len(data)
    if size > MAX_BYTES:
        return None, [
            error(
                "too_large",
                f"The file has {size:,} bytes; an app settings file has a few thousand.",
                f"The limit is {MAX_BYTES:,} bytes. {_DOWNLOAD}",
            )
        ]
    problems: list[Problem] = []
    only_zeros = isinstance(data, bytes) and not any(data)
    text = "" if only_zeros else _decode(data, problems)
    if text is None:
        return None, [
            error("not_text", "The file is binary, not a text file with JSON.", _DOWNLOAD)
        ]
    text = text.strip(SPACES + INVISIBLE + "\0")
    if not text:
        return None, [error("empty", "It is empty.", _DOWNLOAD)]
    other = _other_thing(text)
    if other:
        return None, [other]
    value = _parse(text, problems)
    if isinstance(value, dict):
        return value, problems
    if not isinstance(value, _Broken):
        problems.append(
            error("not_object", "It is JSON, but not an object in curly braces.", _DOWNLOAD)
        )
    return None, problems


def _decode(data: bytes | str, problems: list[Problem]) -> str | None:
    if isinstance(data, str):
        return data.removeprefix("\ufeff")
    wide = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    encoding = "utf-16" if wide else "utf-8-sig"
    if not wide and data[:1] and data[1:2] == b"\0":
        wide, encoding = True, "utf-16-le"
    elif not wide and data[:1] == b"\0":
        wide, encoding = True, "utf-16-be"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        return None
    if wide:
        problems.append(
            warning(
                "utf16",
                "The file is saved as UTF-16 (Windows calls it Unicode).",
                "It was read anyway. Save it as UTF-8 for other programs.",
            )
        )
    elif data.startswith(b"\xef\xbb\xbf"):
        problems.append(
            warning(
                "bom",
                "The file starts with a byte order mark.",
                "It was read anyway. Save it as UTF-8 without BOM for other programs.",
            )
        )
    return text


def _other_thing(text: str) -> Problem | None:
    head = text[:300].lower()
    if re.match(r"<(?:!doctype|html|head|body|\?xml)", head):
        return error(
            "html", "This is a web page, not the file.", f"Sign in to Box first. {_DOWNLOAD}"
        )
    if head.startswith("-----begin"):
        return error(
            "key_only",
            "This is only a key, not the app settings.",
            "Upload it on the JWT key page, or upload the JSON file that contains it.",
        )
    if head.startswith(("{\\rtf", "pk\x03\x04")):
        return error("not_text", "This is a word processor's document, not plain text.", _DOWNLOAD)
    if re.match(r"(?:\[[a-z_.\"-]+\]\s|[a-z_]{2,40}\s*=\s)", head):
        return error(
            "not_json",
            "This is a TOML or properties file, not JSON.",
            f"Put it into secrets.toml if it is meant for that. {_DOWNLOAD}",
        )
    return None


def _parse(text: str, problems: list[Problem]) -> Any:
    """The value, or why there is none. Repairs are tried only if the original can't be read."""
    first = _load(text, problems)
    if not isinstance(first, _Broken):
        return first
    curly = any(mark in text for mark in "\u201c\u201d\u201e\u201f\u00ab\u00bb\u2033")
    steps: tuple[tuple[bool, Callable[[str], str], Problem], ...] = (
        (curly, _straighten, _SMART_QUOTES),
        (_TRAILING.search(text) is not None, _drop_commas, _TRAILING_COMMA),
        (re.match(r"[\"\u201c]\w+[\"\u201d]\s*:", text) is not None, _embrace, _NO_BRACES),
        (_decodes(text) is not None, lambda text: _decodes(text) or text, _IN_BASE64),
    )
    mended, undone = text, []
    for applies, mend, notice in steps:
        if applies and (new := mend(mended)) != mended:
            mended = new
            undone.append(notice)
            value = _load(mended, problems)
            if not isinstance(value, _Broken):
                problems.extend(undone)
                return value
    problems.append(_not_json(first, text, curly=curly))
    return first


class _Broken:
    """Why and where a text isn't JSON."""

    def __init__(
        self, reason: str, line: int = 0, column: int = 0, *, at_end: bool = False
    ) -> None:
        self.reason, self.line, self.column, self.at_end = reason, line, column, at_end


def _load(text: str, problems: list[Problem]) -> Any:
    repeated: list[str] = []

    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for name, value in items:
            if name in result:
                repeated.append(name)
            result[name] = value
        return result

    try:
        value = json.loads(text, object_pairs_hook=pairs, strict=False)
    except json.JSONDecodeError as fault:
        at_end = fault.pos >= len(text.rstrip()) or "Unterminated" in fault.msg
        return _Broken(fault.msg, fault.lineno, fault.colno, at_end=at_end)
    except (ValueError, RecursionError):  # a number of thousands of digits; endless nesting
        return _Broken("")
    if repeated:
        problems.append(
            warning(
                "repeated_field",
                "A field is repeated; the last value was used.",
                "Two files may have been pasted together. Paste only one.",
            )
        )
    return value


def _straighten(text: str) -> str:
    return text.translate(_CURLY)


def _drop_commas(text: str) -> str:
    return _TRAILING.sub(lambda found: found[1] or "", text)


def _embrace(text: str) -> str:
    return "{" + text.rstrip().rstrip(",") + "}"


def _decodes(text: str) -> str | None:
    try:
        decoded = base64.b64decode("".join(text.split()), validate=True).decode()
    except (binascii.Error, ValueError):
        return None
    return decoded if decoded.lstrip().startswith("{") else None


_SMART_QUOTES: Final = warning(
    "smart_quotes",
    "The quotes are curly, as a word processor or a chat app makes them; JSON "
    "requires straight ones.",
    "They were straightened. If something still fails, upload the file itself: the "
    "program may have changed other characters too.",
)
_TRAILING_COMMA: Final = warning(
    "trailing_comma",
    "There is a comma before a closing brace, which JSON doesn't allow.",
    "It was removed. The file was edited by hand: check that nothing else is missing.",
)
_NO_BRACES: Final = warning(
    "no_braces",
    "The outer curly braces are missing.",
    "They were added. Paste the whole file, from the first { to the last }.",
)
_IN_BASE64: Final = warning(
    "base64",
    "The file is encoded in base64.",
    "It was decoded. Some hosts store it like this; Box's own file is plain JSON.",
)


def _not_json(broken: _Broken, text: str, *, curly: bool) -> Problem:
    place = f" (line {broken.line}, column {broken.column})" if broken.line else ""
    if broken.at_end and text.startswith("{"):
        return error(
            "cut_off",
            f"The text ends before the JSON is complete{place}.",
            "Copy the whole file, up to the last }.",
        )
    if curly:
        message = f"It isn't valid JSON{place}; it has curly quotes."
    elif text.startswith(("{'", "{\n'", "{ '")):
        message = f"It isn't valid JSON{place}: the names are in single quotes."
    else:
        message = f"It isn't valid JSON{place}."
    return error("not_json", message, _DOWNLOAD)
