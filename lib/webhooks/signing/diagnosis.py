"""Why a signature doesn't match a body: the changes that usually happen to bodies on their way.

A signature covers raw bytes. Editors add a line ending, frameworks parse and serialize JSON,
proxies convert. Each such change is undone and tried: if the signature then matches, it was the
cause.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from lib.activity.ingest.json_values import NotJson, loads

MOST: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class BodyChange:
    """What happened to the body, and what to do; with it undone, the signature matches."""

    what: str
    fix: str


def diagnose(body: bytes, fits: Callable[[bytes], bool]) -> BodyChange | None:
    """The change that explains the mismatch; None if no change tried does.

    `fits` says whether the signature matches a body.
    """
    if len(body) > MOST:
        return None
    tried = {body}
    for other, finding in _variants(body):
        if other not in tried:
            tried.add(other)
            if fits(other):
                return finding
    return None


def _variants(body: bytes) -> Iterator[tuple[bytes, BodyChange]]:
    added = BodyChange(
        "A line ending was added to the body.",
        "Use the bytes as received: editors and copying add one.",
    )
    for end in (b"\r\n", b"\n", b"\r"):
        yield body.removesuffix(end), added
    yield (
        body.strip(),
        BodyChange("White space was added around the body.", "Use the bytes as received."),
    )
    lost = BodyChange(
        "The line ending at the end of the body was lost.",
        "Use the bytes as received: pasting drops it.",
    )
    for end in (b"\n", b"\r\n"):
        yield body + end, lost
    ends = BodyChange(
        "Line endings were converted.", "Send and store the body as bytes, not as text."
    )
    yield body.replace(b"\r\n", b"\n"), ends
    yield body.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"), ends
    yield (
        body.removeprefix(b"\xef\xbb\xbf"),
        BodyChange("A byte order mark was added before the body.", "Save the body without one."),
    )
    yield from _rewritten(body)


def _rewritten(body: bytes) -> Iterator[tuple[bytes, BodyChange]]:
    """The same JSON in other forms, as frameworks serialize it."""
    try:
        value: Any = loads(body)[0]
        json.dumps(value)
    except (NotJson, ValueError, TypeError, RecursionError):
        return
    again = "Verify the raw bytes before anything parses them."
    forms: Mapping[str, dict[str, Any]] = {
        "The body was parsed and serialized again: escapes (\\u00fc) became plain characters, or"
        " spaces were added.": {"ensure_ascii": True, "separators": (",", ":")},
        "The body was parsed and serialized again: plain characters became escapes.": {
            "ensure_ascii": False,
            "separators": (",", ":"),
        },
        "The body was parsed and serialized again: its spaces were removed.": {
            "ensure_ascii": True
        },
        "The body was parsed and serialized again: spaces removed, escapes made plain.": {
            "ensure_ascii": False
        },
    }
    for what, form in forms.items():
        text = json.dumps(value, **form)
        for one in (text, text.replace("/", "\\/")):
            yield one.encode("utf-8", "surrogatepass"), BodyChange(what, again)
