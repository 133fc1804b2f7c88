"""Single values out of foreign JSON: texts, times, sizes, ids. Tolerant, never raising.

Box and Kloudless send nulls, numbers where ids are text, sizes with exponents and times in any
zone; whatever can't be understood is None, and the raw event keeps it as it came.
"""

import hashlib
import json
import math
import re
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import orjson

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_LARGEST: Final = 2**63 - 1
_EARLIEST_US: Final = 0
_LATEST_US: Final = 7_258_118_400_000_000  # 2200-01-01
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
# orjson turns integers beyond 64 bits into floats: they have 19 digits or more.
_DIGITS: Final = bytes.maketrans(b"0123456789", b"0" * 10)
_RUN: Final = b"0" * 19

Json = Any


class NotJson(ValueError):
    """The text isn't JSON that can be kept; the message says why."""


def loads(body: bytes) -> tuple[Json, bool]:
    """The value of a JSON text, and whether it is plain (no long numbers, no lone surrogates).

    In a value that isn't plain lone surrogates stay: pass it through `tidy` before its texts are
    stored, and write it back with `dumps_exact`. Raises NotJson.
    """
    if not _has_long_number(body):
        try:
            return orjson.loads(body), True
        except orjson.JSONDecodeError:
            pass
    try:
        return json.loads(body.decode("utf-8-sig"), parse_constant=_no_constant), False
    except RecursionError as error:
        raise NotJson("nested too deeply") from error
    except UnicodeDecodeError as error:
        raise NotJson("not UTF-8") from error
    except ValueError as error:
        raise NotJson("not valid JSON") from error


def _has_long_number(body: bytes) -> bool:
    """Whether some run of 19 digits may be a number: one that doesn't begin a text or go on one."""
    flat = body.translate(_DIGITS)
    at = flat.find(_RUN)
    while at >= 0:
        if body[at - 1 : at] in _BEFORE_NUMBER:
            return True
        at = flat.find(_RUN, at + 1 if flat[at + 19 : at + 20] != b"0" else at + 19)
    return False


_BEFORE_NUMBER: Final = frozenset({b"", b":", b"[", b",", b"-", b" ", b"\n", b"\t", b"\r"})


def _no_constant(name: str) -> Json:
    raise NotJson(f"{name} is not JSON")


def dumps(value: Json, *, plain: bool) -> str:
    """The JSON text of a value, exact: long numbers and lone surrogates survive."""
    if plain:
        return orjson.dumps(value).decode()
    return json.dumps(value, ensure_ascii=True, separators=(",", ":"))


def tidy(value: Json) -> Json:
    """A copy whose texts can be stored: a lone surrogate becomes U+FFFD."""
    if isinstance(value, str):
        return _SURROGATE.sub("\ufffd", value)
    if isinstance(value, dict):
        return {tidy(key): tidy(item) for key, item in value.items()}
    if isinstance(value, list):
        return [tidy(item) for item in value]
    return value


def text(value: Json) -> str | None:
    """A text; numbers become text as an id would be written, everything else is None."""
    if type(value) is str:
        return value or None
    if type(value) is int:
        return str(value)
    if type(value) is float and math.isfinite(value):
        return str(int(value)) if value.is_integer() else repr(value)
    return None


def mapping(value: Json) -> dict[str, Json]:
    """The value if it is an object, else an empty one."""
    return value if type(value) is dict else {}


def mapping_or_text(value: Json) -> dict[str, Json]:
    """The value if it is an object or the JSON text of one, else an empty one."""
    if type(value) is str and value[:1] == "{":
        try:
            value, _ = loads(value.encode("utf-8", "surrogatepass"))
        except NotJson:
            return {}
        value = tidy(value)
    return mapping(value)


def address(value: Json) -> str | None:
    """An IP address as it came; None for what stands where no address is known."""
    found = text(value)
    return None if found is None or found.strip().lower() in _NO_ADDRESS else found


_NO_ADDRESS: Final = frozenset({"", "unknown ip"})
"""Box sends `Unknown IP` for its own addresses and for those it doesn't trust."""


def size(value: Json) -> int | None:
    """A number of bytes out of an integer, a float (`5.6E+14`) or the text of one."""
    if type(value) is str:
        try:
            value = int(value) if value.isdigit() else float(value)
        except ValueError:
            return None
    if type(value) is float:
        if not math.isfinite(value):
            return None
        value = int(value)
    if type(value) is not int or not 0 <= value <= _LARGEST:
        return None
    return value


def microseconds(value: Json) -> int | None:
    """Microseconds since 1970 UTC of an ISO 8601 time; a time without zone is taken as UTC.

    None for anything else, and for years before 1970 or after 2199.
    """
    if type(value) is not str:
        return None
    try:
        instant = datetime.fromisoformat(value)
    except ValueError:
        if ":60" not in value:
            return None
        try:  # a leap second
            instant = datetime.fromisoformat(value.replace(":60", ":59", 1))
        except ValueError:
            return None
    return from_datetime(instant)


def from_datetime(instant: datetime) -> int | None:
    """Microseconds since 1970 UTC; None before 1970 or after 2199."""
    if instant.tzinfo is None:
        instant = instant.replace(tzinfo=UTC)
    past = instant - EPOCH
    whole = past.days * 86_400_000_000 + past.seconds * 1_000_000 + past.microseconds
    return whole if _EARLIEST_US <= whole < _LATEST_US else None


def to_datetime(us: int) -> datetime:
    """The time, in UTC."""
    return EPOCH + timedelta(microseconds=us)


def made_id(  # one argument for each part of an event
    account: str | None,
    occurred_us: int,
    event_type: str,
    item: str | None,
    actor: str | None,
    *more: str | None,
) -> str:
    """The id of an event whose sender gives none: the same event gives the same id.

    `more` are its target and address; where nothing of them is known the id is that without them.
    """
    parts = [account, occurred_us, event_type, item, actor, *(more if any(more) else ())]
    return "x-" + hashlib.sha256(orjson.dumps(parts)).hexdigest()
