"""Why a signature doesn't belong to a body: what usually happens to bodies on their way.

A signature is over raw bytes. Editors add a line's end, frameworks parse JSON and write it again,
proxies convert. Each such change is undone and tried: if the signature fits then, that was it.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from lib.activity.ingest.json_values import NotJson, loads

MOST: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Finding:
    """A body that the signature fits, and what must have happened to it."""

    what: str
    fix: str


def diagnose(body: bytes, fits: Callable[[bytes], bool]) -> Finding | None:
    """The change that explains it; None where none of those that are tried does.

    `fits` says whether the signature belongs to a body.
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


def _variants(body: bytes) -> Iterator[tuple[bytes, Finding]]:
    added = Finding(
        "A line's end was added to the body.",
        "Take the bytes as they came: an editor, or copying, adds one.",
    )
    for end in (b"\r\n", b"\n", b"\r"):
        yield body.removesuffix(end), added
    yield (
        body.strip(),
        Finding("Blanks around the body were added.", "Take the bytes as they came."),
    )
    lost = Finding(
        "A line's end at the end of the body was lost.",
        "Take the bytes as they came: pasting drops it.",
    )
    for end in (b"\n", b"\r\n"):
        yield body + end, lost
    ends = Finding("Line ends were converted.", "Send and keep the body as bytes, not as text.")
    yield body.replace(b"\r\n", b"\n"), ends
    yield body.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"), ends
    yield (
        body.removeprefix(b"\xef\xbb\xbf"),
        Finding("A byte order mark was put before the body.", "Save it without one."),
    )
    yield from _rewritten(body)


def _rewritten(body: bytes) -> Iterator[tuple[bytes, Finding]]:
    """The same JSON written otherwise, as frameworks do."""
    try:
        value: Any = loads(body)[0]
        json.dumps(value)
    except (NotJson, ValueError, TypeError, RecursionError):
        return
    again = "Verify the raw bytes before anything parses them."
    forms: Mapping[str, dict[str, Any]] = {
        "The body was parsed and written again: characters that were escapes (\\u00fc) are plain"
        " now, or spaces came in.": {"ensure_ascii": True, "separators": (",", ":")},
        "The body was parsed and written again: plain characters are escapes now.": {
            "ensure_ascii": False,
            "separators": (",", ":"),
        },
        "The body was parsed and written again: its spaces are gone.": {"ensure_ascii": True},
        "The body was parsed and written again: its spaces are gone, its characters plain.": {
            "ensure_ascii": False
        },
    }
    for what, form in forms.items():
        text = json.dumps(value, **form)
        for one in (text, text.replace("/", "\\/")):
            yield one.encode("utf-8", "surrogatepass"), Finding(what, again)
