"""Box's error answers, and what they mean.

An API error is a JSON object with its own request id beside the one in the header; 401 and many 403
answers have no body at all, and say why in WWW-Authenticate. The token endpoint has a shape of its
own. Source: Box developer documentation, client errors and permission errors.
"""

from typing import Any, Final

import httpx

from lib.core import causes
from lib.core.errors import BoxApiError, RateLimited, TokenError
from lib.http import (
    TOO_MANY_REQUESTS,
    answered,
    bearer_error,
    call_of,
    error_body,
    foreign_text,
    too_many,
)

REQUEST_ID_HEADER: Final = "box-request-id"


def box_error(
    response: httpx.Response, *, path: str = "", as_user: bool = False
) -> BoxApiError | RateLimited:
    """The error for an API answer with a status of 400 or more; the rest describes the call."""
    if response.status_code == TOO_MANY_REQUESTS:
        return too_many(response)
    body = error_body(response)
    header = response.headers.get("www-authenticate")
    bearer_code, bearer_text = bearer_error(header)
    code = foreign_text(body.get("code")) or bearer_code
    message = _message(body) or bearer_text
    known = causes.box_error(
        response.status_code,
        code=foreign_text(body.get("code")),
        message=_message(body),
        www_authenticate=header,
        as_user=as_user,
        path=path,
    )
    return BoxApiError(
        answered("Box", response.status_code, code, message),
        status=response.status_code,
        code=code,
        request_id=foreign_text(body.get("request_id")),
        header_request_id=response.headers.get(REQUEST_ID_HEADER),
        call=call_of(response.request),
        **known.explanation,
    )


def token_error(response: httpx.Response) -> TokenError | RateLimited:
    """The error for an answer of the token or revoke endpoint with a status of 400 or more."""
    if response.status_code == TOO_MANY_REQUESTS:
        return too_many(response)
    body = error_body(response)
    bearer_code, bearer_text = bearer_error(response.headers.get("www-authenticate"))
    error = foreign_text(body.get("error")) or foreign_text(body.get("code")) or bearer_code or ""
    description = (
        foreign_text(body.get("error_description"))
        or foreign_text(body.get("message"))
        or bearer_text
        or ""
    )
    known = causes.token_error(error, description, status=response.status_code)
    return TokenError(
        answered("Box's token endpoint", response.status_code, error, description),
        status=response.status_code,
        code=error or None,
        description=description,
        request_id=foreign_text(body.get("request_id")),
        header_request_id=response.headers.get(REQUEST_ID_HEADER),
        call=call_of(response.request),
        **known.explanation,
    )


def _message(body: dict[str, Any]) -> str | None:
    """Box's message, with the details of `context_info` where it has them."""
    message = foreign_text(body.get("message"))
    context = body.get("context_info")
    errors = context.get("errors") if isinstance(context, dict) else None
    first = errors[0] if isinstance(errors, list) and errors else None
    detail = foreign_text(first.get("message")) if isinstance(first, dict) else None
    return f"{message or ''} ({detail})".strip() if detail and detail != message else message
