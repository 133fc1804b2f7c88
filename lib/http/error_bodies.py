"""What the error answers of every API have in common: a JSON body, if any, and texts in it.

What the fields are called and what they mean belongs to whoever knows the API. Everything that is
shown has passed `redact`. Never raises for whatever an answer holds.
"""

from typing import Any, Final

import httpx
import orjson

from lib.core.errors import RateLimited
from lib.core.redaction import redact
from lib.http.responses import retry_after_s, without_sent
from lib.http.retry import Waiting, rate_limited

_TEXT_LENGTH: Final = 300
_DEFAULT_WAIT_S: Final = 60.0


def error_body(response: httpx.Response) -> dict[str, Any]:
    """The JSON object of an error answer without what we had sent; empty where there is none."""
    try:
        body = orjson.loads(response.content)
    except orjson.JSONDecodeError:
        return {}
    return without_sent(response, body) if isinstance(body, dict) else {}


def foreign_text(value: Any) -> str | None:
    """A text that the other side wrote, fit to be shown; None for anything else."""
    return redact(value)[:_TEXT_LENGTH] if isinstance(value, str) and value else None


def answered(who: str, status: int, code: str | None, message: str | None) -> str:
    """The sentence that says what came, such as `Box answered 404 not_found: Not Found.`."""
    said = " ".join(part for part in (str(status), code) if part)
    return f"{who} answered {said}{': ' + message if message else ''}".rstrip(".") + "."


def too_many(response: httpx.Response) -> RateLimited:
    """The error for 429 after the last retry."""
    asked = retry_after_s(response, Waiting().clock())
    return rate_limited(response.request, _DEFAULT_WAIT_S if asked is None else asked)
