"""Kloudless's answers: list envelopes and error bodies.

The status of an error can't be relied on alone: credentials that don't work were answered with 401
by some appliances and with 403 by others, so both are judged by `error_code`.
Source: the published Kloudless SDKs and documentation archives.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import httpx
import orjson

from lib import causes
from lib.errors import KloudlessApiError, RateLimited
from lib.http import (
    TOO_MANY_REQUESTS,
    Waiting,
    malformed,
    rate_limited,
    read_object,
    retry_after_s,
    without_sent,
)
from lib.redaction import redact

_TEXT_LENGTH: Final = 300
_DEFAULT_WAIT_S: Final = 60.0
_END_CURSORS: Final = frozenset({"", "-1", "None"})


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list: objects as Kloudless sent them and how to ask for the next.

    `next_page` is what the `page` parameter takes next, None at the end; `total` only some lists
    tell.
    """

    objects: tuple[Mapping[str, Any], ...]
    total: int | None = None
    next_page: str | None = None


def kloudless_error(response: httpx.Response) -> KloudlessApiError | RateLimited:
    """The error for an answer with a status from 400 up."""
    if response.status_code == TOO_MANY_REQUESTS:
        asked = retry_after_s(response, Waiting().clock())
        return rate_limited(response.request.url.host, _DEFAULT_WAIT_S if asked is None else asked)
    body = _body(response)
    # The OAuth endpoints use OAuth's own field names.
    code = _text(body.get("error_code")) or _text(body.get("error"))
    message = _text(body.get("message")) or _text(body.get("error_description"))
    known = causes.kloudless_error(response.status_code, code, message=message)
    said = " ".join(part for part in (str(response.status_code), code) if part)
    return KloudlessApiError(
        f"Kloudless answered {said}{': ' + message if message else ''}".rstrip(".") + ".",
        cause=known.text,
        fix=known.fix,
        who=known.who,
        cause_id=known.id,
        status=response.status_code,
        code=code,
        request_id=_text(body.get("id")),
        header_request_id=response.headers.get("x-request-id"),
    )


def page_of(response: httpx.Response) -> Page:
    """A page of a list. Raises Unreachable (malformed) when it isn't one."""
    body = read_object(response)
    objects = body.get("objects")
    if not isinstance(objects, list):
        raise malformed(response, "a list came without objects")
    total = body.get("total")
    following = body.get("next_page")
    return Page(
        objects=tuple(objects),
        total=total if isinstance(total, int) else None,
        next_page=str(following) if following not in (None, "") else None,
    )


def cursor_text(value: Any) -> str | None:
    """A cursor as text, whether it came as a number or as text; None where there is none."""
    if value is None or isinstance(value, bool | float):
        return None
    text = str(value)
    return None if text in _END_CURSORS else text


def _body(response: httpx.Response) -> dict[str, Any]:
    try:
        body = orjson.loads(response.content)
    except orjson.JSONDecodeError:
        return {}
    return without_sent(response, body) if isinstance(body, dict) else {}


def _text(value: Any) -> str | None:
    return redact(value)[:_TEXT_LENGTH] if isinstance(value, str) and value else None
