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

# A name is a secret's if it ends in one of these, `_`, `-` and `.` left out, in any case.
_STRONG: Final = (
    "token",
    "secret",
    "apikey",
    "assertion",
    "privatekey",
    "passphrase",
    "password",
    "primarykey",
    "secondarykey",
    "sharedlink",
    "downloadurl",
    "signature",
    "signatureprimary",
    "signaturesecondary",
    "bearer",
    "jwt",
    "authorization",
    "cookie",
    "boxapi",
    "rawheaders",
)
_CODES: Final = frozenset({"code", "authcode", "authorizationcode"})
_STATE: Final = "state"  # of an OAuth sign-in, in an address; else a word like any other
_STATE_LENGTH: Final = 20
_ENDINGS: Final = (
    "token",
    "secret",
    "key",
    "assertion",
    "phrase",
    "password",
    "link",
    "url",
    "signature",
    "primary",
    "secondary",
    "bearer",
    "jwt",
    "authorization",
    "cookie",
    "api",
    "headers",
    "code",
    "state",
)
_WHOLE_LINE: Final = ("authorization", "cookie", "boxapi", "rawheaders")
_SEPARATORS: Final = str.maketrans("", "", "_-.")

_SPACE: Final = r"(?:[ +_]|%20|\\u0020)"
_DASHES: Final = r"(?:-|%2[dD]|\\u002[dD])"
_KEY_LABEL: Final = (
    rf"{_SPACE}{{1,2}}(?:[A-Z0-9]{{1,20}}{_SPACE}{{1,2}}){{0,4}}PRIVATE{_SPACE}{{1,2}}KEY"
    rf"(?:{_SPACE}BLOCK)?{_DASHES}{{1,5}}"
)
_PRIVATE_KEY: Final = re.compile(
    rf"{_DASHES}{{2,5}}BEGIN{_KEY_LABEL}.*?(?:{_DASHES}{{2,5}}END{_KEY_LABEL}|\Z)", re.DOTALL
)
_END_OF_KEY: Final = re.compile(rf"{_DASHES}{{2,5}}END{_KEY_LABEL}")
_KEY_TEXT: Final = frozenset(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=\\% \r\n"
)
# Also where what stands before it is a percent escape (%22eyJ…).
_JWT: Final = re.compile(
    r"(?:(?<![A-Za-z0-9_-])|(?<=%[0-9A-Fa-f]{2}))eyJ[A-Za-z0-9_-]{8,}+\.[A-Za-z0-9_-]++\.[A-Za-z0-9_-]*+"
)
# <scheme> <credential>
_SCHEME: Final = re.compile(
    r"(?i)\b(bearer|apikey|developerkey|basic)(\s+|%20|\+)(?!\w+=\")([A-Za-z0-9._~+/=,-]{6,}+)"
)
# A name and what parts it from its value, in JSON (escaped or not), forms, TOML, headers, reprs.
_NAMED: Final = re.compile(
    r"(?<![\w.-])(?P<name>[\w.-]++)"
    r"(?:(?P<quote>\\*+[\"'])?+\s*+(?P<sign>[:=])\s*+|(?:%5[cC])?+(?:%2[27])?+%3[aAdD](?:%20|\+)*+)",
    re.ASCII,
)
_VALUE: Final = re.compile(
    r"""(?P<open>[bru]{0,2}+(?:\'\'\'|\"\"\"))(?:(?!\'\'\'|\"\"\").)*+(?P<close>\'\'\'|\"\"\")?+
    |(?P<open2>[bru]{0,2}+\")(?:[^\"\\]|\\.)*+(?P<close2>\")?+
    |(?P<open3>[bru]{0,2}+\')(?:[^\'\\]|\\.)*+(?P<close3>\')?+
    |(?P<open4>(?P<slashes>\\++)[\"'])(?:(?!(?<!\\)(?P=slashes)[\"']).)*+(?P<close4>(?P=slashes)[\"'])?+
    |(?P<open5>%22)(?:%5[cC](?:%[0-9A-Fa-f]{2}|\S)|(?!%22)[^\s&\"'])*+(?P<close5>%22)?+
    |(?P<bare>[^\s&\"',;]++)""",
    re.DOTALL | re.VERBOSE,
)
_REST_OF_LINE: Final = re.compile(r"[^\r\n]*+")
_NOTHING: Final = frozenset({"None", "null", "true", "false", "True", "False", HIDDEN})
_ERROR_CODE: Final = re.compile(
    r"-?\d{1,5}|[a-z]{1,19}|[A-Z]{1,19}|[a-z]+(?:_[a-z]+)+|[A-Z]+(?:_[A-Z]+)+"
)
# https://user:password@host
_USER_INFO: Final = re.compile(r"(://[^/\s:@\"']*+):[^@\s/]++@")

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
        mine, theirs = (
            value.encode("utf-8", "surrogatepass") for value in (self._value, other._value)
        )
        return hmac.compare_digest(mine, theirs)

    def __hash__(self) -> int:
        return hash(("Secret", self._value))

    def __reduce__(self) -> NoReturn:
        msg = "a secret is never pickled"
        raise TypeError(msg)


def redact(text: str) -> str:
    """The text with everything that looks like a secret replaced by `[hidden]`.

    Box's and Kloudless's error codes stay readable: `code` is hidden only where its value looks
    like an OAuth code.
    """
    if "PRIVATE" in text:
        text = _hide_end_of_key(_PRIVATE_KEY.sub(HIDDEN, text))
    if "eyJ" in text:
        text = _JWT.sub(HIDDEN, text)
    if "://" in text:
        text = _USER_INFO.sub(rf"\1:{HIDDEN}@", text)
    return _SCHEME.sub(_hide_credential, _hide_values(text))


def _hide_end_of_key(text: str) -> str:
    """Hide keys whose first line was cut away."""
    pieces: list[str] = []
    done = 0
    for end in _END_OF_KEY.finditer(text):
        start = end.start()
        while start > done and text[start - 1] in _KEY_TEXT:
            start -= 1
        pieces += (text[done:start], HIDDEN)
        done = end.end()
    return "".join([*pieces, text[done:]])


def _hide_credential(found: re.Match[str]) -> str:
    scheme, gap, credential = found.groups()
    is_word = credential.isalpha() and (credential.islower() or credential.istitle())
    return found[0] if is_word else f"{scheme}{gap}{HIDDEN}"


def _hide_values(text: str) -> str:
    pieces: list[str] = []
    done = 0
    for named in _NAMED.finditer(text):
        if named.start() < done:
            continue
        name = named[1].lower()
        if not name.endswith(_ENDINGS):  # quickly past nearly every name
            continue
        plain = name.translate(_SEPARATORS)
        if not (plain.endswith(_STRONG) or plain in _CODES or plain == _STATE):
            continue
        hidden = _hide_value(text, named, plain)
        if hidden:
            shown, end = hidden
            pieces += (text[done : named.end()], shown)
            done = end
    return "".join([*pieces, text[done:]]) if pieces else text


def _hide_value(text: str, named: re.Match[str], plain: str) -> tuple[str, int] | None:
    """What stands for the value and where it ends; None if the value may be shown."""
    found = _VALUE.match(text, named.end())
    if found is None:
        return None
    if named["sign"] == ":" and named["quote"] is None and plain.endswith(_WHOLE_LINE):
        rest = _REST_OF_LINE.match(text, named.end())
        return HIDDEN, rest.end() if rest else found.end()
    inside, before, after = _inside(found)
    word = inside if before else inside.rstrip(").]}:>")
    if not word or word in _NOTHING or inside.startswith(HIDDEN):
        return None
    if plain == _STATE:
        show = len(word) < _STATE_LENGTH or not _in_query(text, named)
    elif plain in _CODES:
        show = _is_error_code(word, text, named)
    else:
        show = not before and _is_prose(inside, named)
    return None if show else (f"{before}{HIDDEN}{after}", found.end())


def _is_prose(bare: str, named: re.Match[str]) -> bool:
    """Whether an unquoted value is the next word of a sentence, or an object with own fields."""
    if named["sign"] != ":":
        return False
    if bare.startswith(("{", "[")):
        return True
    one_word = (named["name"].isalpha() and named["name"].islower()) or named["name"].istitle()
    return named["quote"] is None and one_word and not _looks_secret(bare)


def _inside(found: re.Match[str]) -> tuple[str, str, str]:
    """A quoted value without its quotes, and the quotes before and after it."""
    for number in ("", "2", "3", "4", "5"):
        before, after = found[f"open{number}"], found[f"close{number}"] or ""
        if before is not None:
            return found[0][len(before) : len(found[0]) - len(after)], before, after
    return found[0], "", ""


def _is_error_code(value: str, text: str, named: re.Match[str]) -> bool:
    """Whether a `code` is a word like not_found or a number, not an OAuth code.

    In a query or form, where an OAuth code is at home, only words with `_` and numbers are.
    """
    if not _ERROR_CODE.fullmatch(value):
        return False
    return not (_in_query(text, named) and value.isalpha())


def _in_query(text: str, named: re.Match[str]) -> bool:
    return named["sign"] == "=" and text[named.start() - 1 : named.start()] in ("?", "&")


def _looks_secret(value: str) -> bool:
    numbered = any(c.isdigit() for c in value)
    return len(value) >= 20 or (numbered and len(value) >= 6)  # noqa: PLR2004  # words are shorter


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
    """What a record says; a call with the wrong arguments never stops whoever logs."""
    try:
        return record.getMessage()
    except Exception:  # noqa: BLE001  # an argument's own __str__ may raise anything
        return record.msg if isinstance(record.msg, str) else type(record.msg).__name__


def redact_value(value: Any) -> Any:
    """A copy of a JSON value with the values of secret fields hidden and texts redacted."""
    if isinstance(value, Mapping):
        return {key: _redact_field(str(key), item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [redact_value(item) for item in value]
    return redact(value) if isinstance(value, str) else value


def _redact_field(name: str, item: Any) -> Any:
    plain = name.lower().translate(_SEPARATORS)
    if plain in _CODES:
        is_word = isinstance(item, int) or _ERROR_CODE.fullmatch(str(item))
        return item if is_word or not item else HIDDEN
    return HIDDEN if plain.endswith(_STRONG) and item else redact_value(item)
