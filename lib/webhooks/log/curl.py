"""Exports one delivery: as a shell command, and as a line of JSON. Neither holds a signature."""

import base64
import shlex
from dataclasses import asdict
from typing import Any, Final

import orjson

from lib.core.redaction import HIDDEN
from lib.webhooks.log.log import Opened

ADDRESS: Final = "https://YOUR-HOST/webhooks"
_LEFT_TO_CURL: Final = frozenset(
    {"host", "content-length", "connection", "accept-encoding", "transfer-encoding"}
)


def as_curl(found: Opened, profile: str) -> str:
    """The request as curl sends it: what was hidden is the name of a variable."""
    lines = [f"curl -X POST {shlex.quote(f'{ADDRESS}/{found.logged.kind}/{profile}')}"]
    for name, value in found.headers.items():
        if name in _LEFT_TO_CURL:
            continue
        if value == HIDDEN:
            # In double quotes, so that the shell puts the variable's value there.
            lines.append(f'-H "{_plain(name)}: ${_variable(name)}"')
        else:
            lines.append(f"-H {shlex.quote(f'{name}: {value}')}")
    if found.body is not None:
        lines.append(f"--data-binary {_quoted(found.body)}")
    return " \\\n  ".join(lines)


def as_jsonl(found: Opened) -> bytes:
    """One line: everything of the log, headers (redacted), the body as text, or in base64."""
    return orjson.dumps(row(found)) + b"\n"


def row(found: Opened) -> dict[str, Any]:
    """The same as a mapping."""
    body = found.body
    said: dict[str, Any] = {"body": None}
    if body is not None:
        try:
            said = {"body": body.decode("utf-8")}
        except UnicodeDecodeError:
            said = {"body_base64": base64.b64encode(body).decode("ascii")}
    return {**asdict(found.logged), "headers": dict(found.headers), **said}


def _quoted(body: bytes) -> str:
    """The bytes for a shell, exactly: bash's own quoting where they are no plain text."""
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        text = ""
    if text and text.isprintable():
        return shlex.quote(text)
    if not body:
        return "''"
    return "$'" + "".join(_escaped(byte) for byte in body) + "'"


def _escaped(byte: int) -> str:
    char = chr(byte)
    plain = " " <= char <= "~" and char not in "'\\"
    return char if plain else f"\\x{byte:02x}"


def _plain(name: str) -> str:
    return "".join(c for c in name if c.isascii() and (c.isalnum() or c == "-"))


def _variable(name: str) -> str:
    return "".join(c if c.isalnum() else "_" for c in _plain(name).upper())
