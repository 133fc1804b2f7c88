"""Kloudless's answers: list envelopes and error bodies.

The status of an error can't be relied on alone: credentials that don't work were answered with 401
by some appliances and with 403 by others, so both are judged by `error_code`.
Source: the published Kloudless SDKs and documentation archives.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import httpx

from lib.core import causes
from lib.core.errors import KloudlessApiError, RateLimited
from lib.http import (
    TOO_MANY_REQUESTS,
    answered,
    call_of,
    error_body,
    foreign_text,
    read_list,
    too_many,
)

_END_CURSORS: Final = frozenset({"", "-1", "None"})


@dataclass(frozen=True, slots=True)
class ObjectPage:
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
        return too_many(response)
    body = error_body(response)
    # The OAuth endpoints use OAuth's own field names.
    code = foreign_text(body.get("error_code")) or foreign_text(body.get("error"))
    message = foreign_text(body.get("message")) or foreign_text(body.get("error_description"))
    known = causes.kloudless_error(response.status_code, code, message=message)
    return KloudlessApiError(
        answered("Kloudless", response.status_code, code, message),
        status=response.status_code,
        code=code,
        request_id=foreign_text(body.get("id")),
        header_request_id=response.headers.get("x-request-id"),
        call=call_of(response.request),
        **known.explanation,
    )


def page_of(response: httpx.Response) -> ObjectPage:
    """A page of a list. Raises Unreachable (malformed) when it isn't one."""
    body, objects = read_list(response, "objects")
    total = body.get("total")
    following = body.get("next_page")
    return ObjectPage(
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
