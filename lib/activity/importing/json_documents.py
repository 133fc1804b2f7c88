"""JSON documents of events, taken apart: arrays, pages with `entries`, several one after another.

What is inside is handed on as the text that stood there, with its line. A document that breaks off
gives what came before, and one refusal for the rest; the next document that begins a line is read.
"""

import json
import re
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from typing import Final

BROKEN: Final = "not valid JSON from here on, up to the next document"
TOO_DEEP: Final = "nested too deeply"

_DECODER: Final = json.JSONDecoder()
_SPACE: Final = re.compile(r"[ \t\r\n\ufeff]*")
_BEGIN: Final = re.compile(r"^[\[{]", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Piece:
    """A value of a document, with the line (from 1) it begins at; or why it can't be read."""

    line: int
    text: str
    problem: str = ""


def pieces(text: str) -> Iterator[Piece]:
    """The events of JSON documents. Never raises for what is in the text."""
    return _Scan(text).documents()


class _Scan:
    def __init__(self, text: str) -> None:
        self._text = text
        self._counted, self._line = 0, 1

    def documents(self) -> Iterator[Piece]:
        at = self._skip(0)
        while at < len(self._text):
            try:
                at = yield from self._document(at)
            except (ValueError, RecursionError) as error:
                failed = max(at, getattr(error, "pos", at))
                deep = isinstance(error, RecursionError)
                yield Piece(self._line_of(failed), "", TOO_DEEP if deep else BROKEN)
                following = _BEGIN.search(self._text, failed + 1)
                if following is None:
                    return
                at = following.start()
            at = self._skip(at)

    def _document(self, at: int) -> Generator[Piece, None, int]:
        sign = self._text[at]
        if sign == "[":
            return (yield from self._array(at))
        if sign == "{":
            return (yield from self._object(at))
        return (yield from self._value(at))

    def _value(self, at: int) -> Generator[Piece, None, int]:
        line = self._line_of(at)
        _, end = _DECODER.raw_decode(self._text, at)
        yield Piece(line, self._text[at:end])
        return end

    def _array(self, at: int) -> Generator[Piece, None, int]:
        at = self._skip(at + 1)
        if self._at(at) == "]":
            return at + 1
        while True:
            nested = self._at(at) == "{"
            at = yield from (self._object(at) if nested else self._value(at))
            at = self._skip(at)
            if self._at(at) == "]":
                return at + 1
            at = self._skip(self._expect(at, ","))

    def _object(self, at: int) -> Generator[Piece, None, int]:
        """The entries of a page, or the object itself."""
        start, line, page = at, self._line_of(at), False
        at = self._skip(at + 1)
        if self._at(at) == "}":
            yield Piece(line, self._text[start : at + 1])
            return at + 1
        while True:
            key, at = _DECODER.raw_decode(self._text, at)
            if not isinstance(key, str):
                raise json.JSONDecodeError("no name", self._text, at)
            at = self._skip(self._expect(self._skip(at), ":"))
            if key == "entries" and self._at(at) == "[":
                page = True
                at = yield from self._array(at)
            else:
                _, at = _DECODER.raw_decode(self._text, at)
            at = self._skip(at)
            if self._at(at) == "}":
                break
            at = self._skip(self._expect(at, ","))
        if not page:
            yield Piece(line, self._text[start : at + 1])
        return at + 1

    def _skip(self, at: int) -> int:
        found = _SPACE.match(self._text, at)
        return found.end() if found else at

    def _at(self, at: int) -> str:
        return self._text[at : at + 1]

    def _expect(self, at: int, sign: str) -> int:
        if self._at(at) != sign:
            raise json.JSONDecodeError(f"no {sign}", self._text, at)
        return at + 1

    def _line_of(self, at: int) -> int:
        if at >= self._counted:
            self._line += self._text.count("\n", self._counted, at)
            self._counted = at
        return self._line
