"""No secret gets past this module: a wrapper for values, and a filter for texts.

`Secret` keeps a value out of `repr`, `str`, format strings, pickles and JSON. `redact` removes what
looks like a secret from a text that was written by somebody else (an answer of the other side, an
exception of a library, a line for the log). The names of the fields follow the sanitizers of the
official Box SDKs, and add ours. It never decides what is shown to whom: that is access's work.
"""

import hmac
import logging
import re
from collections.abc import Mapping
from typing import Any, Final, NoReturn, Self

HIDDEN: Final = "[hidden]"

_FIELDS: Final = (
    "access_?token|refresh_?token|subject_?token|actor_?token|developer_?token|bearer|token"
    "|client_?secret|secret|api_?key|assertion|private_?key|passphrase|password|primary_?key"
    "|secondary_?key|webhook_(?:primary|secondary)_key|shared_?link|download_?url|signature"
    "|jwt_?private_?key(?:_?passphrase)?|code"
)
# A name that ends in one of the fields, as a whole word or behind `_`, `-`, `.`, `__`.
_NAME: Final = rf"(?:[A-Za-z0-9]+[_.\-]+)*(?:{_FIELDS})"

_PATTERNS: Final[tuple[tuple[re.Pattern[str], str], ...]] = (
    (
        re.compile(
            r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----.*?(?:-----END [A-Z0-9 ]*PRIVATE KEY-----|\Z)",
            re.DOTALL,
        ),
        HIDDEN,
    ),
    # JWTs and other three-part tokens
    (re.compile(r"\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*"), HIDDEN),
    # Authorization: <scheme> <credential>
    (
        re.compile(r"(?i)\b(bearer|apikey|developerkey|basic)\s+[A-Za-z0-9._~+/=,-]{6,}"),
        rf"\1 {HIDDEN}",
    ),
    (
        re.compile(
            r"(?i)(box-signature-[a-z]+|x-kloudless-signature)([\"']?\s*[:=]\s*[\"']?)[^\s\"',;]+"
        ),
        rf"\1\2{HIDDEN}",
    ),
    # "name": "value" in JSON, Python reprs included
    (
        re.compile(rf"(?i)([\"']{_NAME}[\"']\s*:\s*)(\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*')"),
        rf'\1"{HIDDEN}"',
    ),
    # name=value in forms, queries and TOML (one line)
    (
        re.compile(rf"(?i)(?<![A-Za-z0-9])({_NAME})(\s*=\s*)(\"[^\"\n]*\"|'[^'\n]*'|[^\s&\"',;]+)"),
        rf"\1\2{HIDDEN}",
    ),
    # https://user:password@host
    (re.compile(r"(?i)\b([a-z][a-z0-9+.-]*://[^/\s:@]+):[^@\s/]+@"), rf"\1:{HIDDEN}@"),
)

_SECRET_HEADERS: Final = frozenset(
    {
        "authorization",
        "proxy-authorization",
        "cookie",
        "set-cookie",
        "x-kloudless-signature",
        "x-kloudless-raw-headers",
        "box-signature-primary",
        "box-signature-secondary",
        "boxapi",
        "x-runbook-token",
    }
)


class Secret:
    """A value that only `reveal()` shows.

    Equal to another Secret of the same value (compared in constant time), hashable by identity of
    the value, refuses to be pickled.
    """

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The value itself. Call it where the value is sent or used, nowhere else."""
        return self._value

    @classmethod
    def of(cls, value: "str | Secret | None") -> "Self | Secret | None":
        """Wrap a text; None and the empty text are None, a Secret stays as it is."""
        if isinstance(value, Secret):
            return value
        return cls(value) if value else None

    def __repr__(self) -> str:
        return f"Secret({HIDDEN})"

    def __str__(self) -> str:
        return HIDDEN

    def __format__(self, spec: str) -> str:
        return format(HIDDEN, spec)

    def __bool__(self) -> bool:
        return bool(self._value)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return hmac.compare_digest(self._value.encode(), other._value.encode())

    def __hash__(self) -> int:
        return hash(("Secret", self._value))

    def __reduce__(self) -> NoReturn:
        msg = "a secret is never pickled"
        raise TypeError(msg)


def redact(text: str) -> str:
    """The text with everything that looks like a secret replaced by `[hidden]`."""
    for pattern, replacement in _PATTERNS:
        text = pattern.sub(replacement, text)
    return text


def redact_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """Headers that may be shown: credentials and signatures hidden, other values redacted."""
    return {
        name: HIDDEN if name.lower() in _SECRET_HEADERS else redact(value)
        for name, value in headers.items()
    }


class RedactingFilter(logging.Filter):
    """A logging filter that redacts the message, its arguments and the traceback text."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Always true: the record stays, its secrets don't."""
        record.msg = redact(_message(record))
        record.args = ()
        if record.exc_info:
            record.exc_text = redact(logging.Formatter().formatException(record.exc_info))
            record.exc_info = None
        return True


def _message(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except (TypeError, ValueError):
        return str(record.msg)


def install_redaction(*loggers: str) -> None:
    """Make every handler of the root logger and of the named loggers redact what it writes."""
    guard = RedactingFilter()
    for name in ("", *loggers):
        for handler in logging.getLogger(name).handlers:
            if not any(isinstance(f, RedactingFilter) for f in handler.filters):
                handler.addFilter(guard)


def redact_value(value: Any) -> Any:
    """A copy of a JSON value with the values of secret fields hidden and texts redacted."""
    if isinstance(value, Mapping):
        return {
            key: HIDDEN if _is_secret_name(str(key)) and item else redact_value(item)
            for key, item in value.items()
        }
    if isinstance(value, list | tuple):
        return [redact_value(item) for item in value]
    return redact(value) if isinstance(value, str) else value


def _is_secret_name(name: str) -> bool:
    return re.fullmatch(rf"(?i){_NAME}", name) is not None
