"""What identifies a delivery before it is stored: whose it is, and whether it is a duplicate.

Reads nothing that wasn't verified before. Box's body has an id, and keeps it when it is sent again;
Kloudless's only names the account that changed.
"""

import hashlib
from collections.abc import Iterable
from functools import lru_cache
from typing import Final
from urllib.parse import parse_qs

from lib.activity.ingest.json_values import NotJson, loads, mapping, text
from lib.core.redaction import HIDDEN, redact_headers

LONGEST_ID: Final = 200
LONGEST_ACCOUNT: Final = 80
_MOST_HEADERS: Final = 40
_LONGEST_VALUE: Final = 256
_LONGEST_NAME: Final = 60
RawHeaders = Iterable[tuple[bytes, bytes]]


class NoAccount(ValueError):
    """The body of a Kloudless delivery names no account."""


def box_body_id(body: bytes) -> str:
    """The id that a body keeps when it is sent again; a hash of its bytes where it has none.

    Raises NotJson for what isn't a JSON object.
    """
    value, _ = loads(body)
    if type(value) is not dict:
        raise NotJson("not a JSON object")
    own = text(value.get("id"))
    if own is None:
        return "x-" + hashlib.sha256(body).hexdigest()
    return own if _is_plain(own, LONGEST_ID) else "x-" + hashlib.sha256(_bytes(own)).hexdigest()


def kloudless_account(body: bytes) -> str | None:
    """The account that a body names: a form (version 1) or JSON (version 2).

    None for no body, which is the request by which an address is tested. Raises NoAccount for
    everything else.
    """
    if not body:
        return None
    account: str | None
    if body.lstrip()[:1] == b"{":
        try:
            account = text(mapping(loads(body)[0]).get("account"))
        except NotJson as error:
            raise NoAccount(str(error)) from error
    else:
        found = _form(body).get("account", [])
        account = found[0] if len(found) == 1 else None
    if account is None or not _is_plain(account, LONGEST_ACCOUNT):
        raise NoAccount("no account")
    return account


def short_id(value: str | None) -> str | None:
    """A header's id as it may be kept; None for what is none."""
    return value if value and _is_plain(value, LONGEST_ID) else None


def texts(headers: RawHeaders) -> list[tuple[str, str]]:
    """Headers as texts, in the way HTTP reads bytes."""
    return [(name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in headers]


def shown(headers: list[tuple[str, str]]) -> dict[str, str]:
    """Headers that may be kept: signatures and credentials hidden, the rest redacted and short."""
    return {
        name[:_LONGEST_NAME]: _shown(name, value[:_LONGEST_VALUE])
        for name, value in headers[:_MOST_HEADERS]
    }


def _shown(name: str, value: str) -> str:
    # by the name alone: what is hidden never gets into the cache
    return HIDDEN if _is_hidden(name[:_LONGEST_NAME]) else _redacted(name, value)


@lru_cache(maxsize=512)
def _is_hidden(name: str) -> bool:
    return redact_headers({name: ""})[name] == HIDDEN


@lru_cache(maxsize=2048)
def _redacted(name: str, value: str) -> str:
    return redact_headers({name: value})[name]


def _form(body: bytes) -> dict[str, list[str]]:
    try:
        return parse_qs(body.decode("ascii"), strict_parsing=True, max_num_fields=20)
    except ValueError as error:
        raise NoAccount("no form") from error


def _is_plain(value: str, longest: int) -> bool:
    return len(value) <= longest and value.isprintable()


def _bytes(value: str) -> bytes:
    return value.encode("utf-8", "surrogatepass")
