"""The handful of SQL primitives that differ between engines, for DuckDB.

Queries are hand-written SQL that is alike everywhere else; another engine brings another module
with these functions. Column names come from our own code, never from outside.
"""

import hashlib
from collections.abc import Sequence


def shifted(column: str, segments: Sequence[tuple[str, int]]) -> str:
    """A time column moved to local time.

    `segments` are (UTC time text from which it holds, offset in seconds), oldest first; the first
    also holds before its time.
    """
    offset = str(segments[0][1])
    if len(segments) > 1:
        cases = " ".join(
            f"WHEN {column} >= TIMESTAMP '{start}' THEN {seconds}"
            for start, seconds in reversed(segments[1:])
        )
        offset = f"CASE {cases} ELSE {offset} END"
    elif segments[0][1] == 0:
        return column
    return f"({column} + to_seconds({offset}))"


def unless_prefixed(column: str, prefix: str) -> str:
    """A text column, NULL where its text begins with a prefix of our own."""
    return f"CASE WHEN starts_with({column}, '{prefix}') THEN NULL ELSE {column} END AS {column}"


def truncated(unit: str, expression: str) -> str:
    """A time cut to its hour, day or week (Monday)."""
    return f"date_trunc('{unit}', {expression})"


def part(minutes: int, expression: str) -> str:
    """A time cut to so many minutes, counted from a whole hour of UTC."""
    return f"time_bucket(INTERVAL {int(minutes)} MINUTE, {expression})"


def days(number: int, expression: str) -> str:
    """A time cut to so many days, counted from 1970."""
    return f"time_bucket(INTERVAL {int(number)} DAY, {expression}, TIMESTAMP '1970-01-01')"


def weekday(expression: str) -> str:
    """1 for Monday to 7 for Sunday."""
    return f"isodow({expression})"


def hour(expression: str) -> str:
    """0 to 23."""
    return f"hour({expression})"


def has_text(column: str, text: str) -> tuple[str, str]:
    """Whether a column contains a text, whatever the case: the condition and its parameter.

    A pattern is a third quicker than comparing in lower case, but only where nothing is escaped.
    """
    if any(sign in text for sign in "%_\\"):
        return f"contains(lower({column}), lower(?))", text
    return f"{column} ILIKE ?", f"%{text}%"


def plain(expression: str) -> str:
    """A text without case and accents: Müller, however it is composed, and MULLER are one."""
    return f"strip_accents(lower({expression}))"


def latest(column: str) -> str:
    """The newest value of a column that isn't NULL, in a group."""
    return f"arg_max({column}, occurred_at) FILTER (WHERE {column} IS NOT NULL)"


def one_of(column: str) -> str:
    """Whether a column is in the list of one parameter."""
    return f"list_contains(?::VARCHAR[], {column})"


def one_of_keys(column: str) -> str:
    """Whether a column of keys is in the list of one parameter."""
    return f"list_contains(?::UBIGINT[], {column})"


def key(column: str) -> str:
    """64 bits that stand for a text, the same in every version of the engine.

    Two of ten million texts share one with a chance of three in a million.
    """
    return f"md5_number_lower({column})"


def key_of(text: str) -> int:
    """The key of a text that is at hand."""
    half = hashlib.md5(text.encode("utf-8", "surrogatepass"), usedforsecurity=False).digest()[8:]
    return int.from_bytes(half, "little")


def bucket(column: str, bits: int) -> str:
    """One of 2 to the power of `bits` buckets that a column of keys is spread over."""
    return f"({column} & {(1 << bits) - 1})"


def is_key(column: str) -> str:
    """Whether a column of keys has the key of one parameter."""
    return f"{column} = ?::UBIGINT"


def json_text(column: str, path: str) -> str:
    """The text at a path (`$.a.b`) of a JSON column; NULL where it isn't JSON or has none."""
    return f"CASE WHEN json_valid({column}) THEN json_extract_string({column}, '{path}') END"


def network(column: str) -> str:
    """The network of an address: the /24 of IPv4, the /48 of IPv6; NULL for any other text."""
    four = f"regexp_extract({column}, '^\\d{{1,3}}\\.\\d{{1,3}}\\.\\d{{1,3}}\\.')"
    head = f"string_split(split_part({column}, '::', 1), ':')"
    tail = f"string_split(split_part({column}, '::', 2), ':')"
    zeros = f"list_resize(['0'], greatest(1, 8 - len({head}) - len({tail})), '0')"
    whole = f"CASE WHEN contains({column}, '::') THEN list_concat({head}, {zeros}) ELSE {head} END"
    groups = (
        f"list_transform(list_slice(list_concat({whole}, {tail}), 1, 3),"
        " lambda part: coalesce(nullif(ltrim(lower(part), '0'), ''), '0'))"
    )
    six = f"regexp_matches({column}, '^[0-9A-Fa-f:]*:[0-9A-Fa-f:]*:[0-9A-Fa-f:]*$')"
    return (
        f"(CASE WHEN {six} THEN array_to_string({groups}, ':') || '::/48'"
        f" WHEN {four} <> '' THEN {four} || '0/24' END)"
    )


def ending(name: str, kind: str) -> str:
    """What follows the last dot of a file's name, cut; NULL for folders and names without a dot."""
    last = f"right(split_part({name}, '.', -1), 11)"
    return f"(CASE WHEN {kind} IS DISTINCT FROM 'folder' AND contains({name}, '.') THEN {last} END)"


def file_type(last: str) -> str:
    """The type that an ending tells, in lower case; NULL where it is none."""
    return f"(CASE WHEN regexp_full_match({last}, '[A-Za-z0-9]{{1,10}}') THEN lower({last}) END)"


def texts(words: Sequence[str]) -> str:
    """Our own words as a list of SQL texts; never anybody's data."""
    return ", ".join(f"'{word}'" for word in words)
