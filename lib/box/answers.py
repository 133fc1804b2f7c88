"""Box's error answers, and what they mean.

An API error is a JSON object with its own request id beside the one in the header; 401 and many 403
answers have no body at all, and say why in WWW-Authenticate. The token endpoint has a shape of its
own. Source: Box developer documentation, client errors and permission errors.
"""

from typing import Any, Final

import httpx
import orjson

from lib import causes
from lib.errors import BoxApiError, RateLimited, TokenError
from lib.http import (
    TOO_MANY_REQUESTS,
    Waiting,
    bearer_error,
    rate_limited,
    retry_after_s,
    without_sent,
)
from lib.redaction import redact

REQUEST_ID_HEADER: Final = "box-request-id"
_TEXT_LENGTH: Final = 300
_DEFAULT_WAIT_S: Final = 60.0


def box_error(
    response: httpx.Response, *, path: str = "", as_user: bool = False
) -> BoxApiError | RateLimited:
    """The error for an API answer with a status from 400 up; the rest says what was asked."""
    if response.status_code == TOO_MANY_REQUESTS:
        return too_many(response)
    body = _body(response)
    header = response.headers.get("www-authenticate")
    bearer_code, bearer_text = bearer_error(header)
    code = _text(body.get("code")) or bearer_code
    message = _message(body) or bearer_text
    known = causes.box_error(
        response.status_code,
        code=_text(body.get("code")),
        message=_message(body),
        www_authenticate=header,
        as_user=as_user,
        path=path,
    )
    return BoxApiError(
        _sentence("Box", response.status_code, code, message),
        cause=known.text,
        fix=known.fix,
        who=known.who,
        cause_id=known.id,
        status=response.status_code,
        code=code,
        request_id=_text(body.get("request_id")),
        header_request_id=response.headers.get(REQUEST_ID_HEADER),
    )


def token_error(response: httpx.Response) -> TokenError | RateLimited:
    """The error for an answer of the token or revoke endpoint with a status from 400 up."""
    if response.status_code == TOO_MANY_REQUESTS:
        return too_many(response)
    body = _body(response)
    bearer_code, bearer_text = bearer_error(response.headers.get("www-authenticate"))
    error = _text(body.get("error")) or _text(body.get("code")) or bearer_code or ""
    description = (
        _text(body.get("error_description")) or _text(body.get("message")) or bearer_text or ""
    )
    known = causes.token_error(error, description, status=response.status_code)
    return TokenError(
        _sentence("Box's token endpoint", response.status_code, error, description),
        cause=known.text,
        fix=known.fix,
        who=known.who,
        cause_id=known.id,
        status=response.status_code,
        code=error or None,
        description=description,
        request_id=_text(body.get("request_id")),
        header_request_id=response.headers.get(REQUEST_ID_HEADER),
    )


def too_many(response: httpx.Response) -> RateLimited:
    """The error for 429 after the last retry."""
    asked = retry_after_s(response, Waiting().clock())
    return rate_limited(response.request.url.host, _DEFAULT_WAIT_S if asked is None else asked)


def _body(response: httpx.Response) -> dict[str, Any]:
    try:
        body = orjson.loads(response.content)
    except orjson.JSONDecodeError:
        return {}
    return without_sent(response, body) if isinstance(body, dict) else {}


def _text(value: Any) -> str | None:
    return redact(value)[:_TEXT_LENGTH] if isinstance(value, str) and value else None


def _message(body: dict[str, Any]) -> str | None:
    """Box's message, with the details of `context_info` where it has them."""
    message = _text(body.get("message"))
    context = body.get("context_info")
    errors = context.get("errors") if isinstance(context, dict) else None
    first = errors[0] if isinstance(errors, list) and errors else None
    detail = _text(first.get("message")) if isinstance(first, dict) else None
    return f"{message or ''} ({detail})".strip() if detail and detail != message else message


def _sentence(who: str, status: int, code: str | None, message: str | None) -> str:
    said = " ".join(part for part in (str(status), code) if part)
    return f"{who} answered {said}{': ' + message if message else ''}".rstrip(".") + "."
