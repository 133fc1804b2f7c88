"""Reading answers: JSON without losing digits, Retry-After, and why a Bearer token was refused.

Sources: RFC 9110 (Retry-After), RFC 6750 (WWW-Authenticate: Bearer).
"""

import math
import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final
from urllib.parse import parse_qs

import httpx
import orjson

from lib.core.errors import Unreachable
from lib.core.redaction import HIDDEN
from lib.http.context import call_of, context_of
from lib.http.faults import FaultKind, WireFault, unreachable

_PARSED: Final = "runbook.parsed"
_PARAMETER: Final = re.compile(r'\b(error|error_description)="([^"]*)"')

_SENT_SECRETS: Final = ("client_secret", "assertion", "refresh_token", "code", "subject_token")
_FORM: Final = "application/x-www-form-urlencoded"


def read_json(response: httpx.Response) -> Any:
    """The body's JSON value; integers keep every digit up to 64 bits.

    Raises Unreachable of the kind malformed when the body isn't JSON.
    """
    known = response.extensions.pop(_PARSED, _PARSED)
    if known is not _PARSED:
        return known
    try:
        return orjson.loads(response.content)
    except orjson.JSONDecodeError as error:
        raise malformed(response, "the body isn't JSON") from error


def is_broken(response: httpx.Response) -> bool:
    """Whether a successful answer calls itself JSON and isn't: cut off, mostly.

    What was parsed for that is kept for the first `read_json`.
    """
    kind = response.headers.get("content-type", "")
    if not response.is_success or "json" not in kind or not response.content:
        return False
    try:
        response.extensions[_PARSED] = orjson.loads(response.content)
    except orjson.JSONDecodeError:
        return True
    return False


def read_object(response: httpx.Response) -> dict[str, Any]:
    """As `read_json`, for an answer that must be a JSON object."""
    value = read_json(response)
    if not isinstance(value, dict):
        raise malformed(response, "the body isn't a JSON object")
    return value


def without_sent(response: httpx.Response, body: dict[str, Any]) -> dict[str, Any]:
    """The JSON object of an answer, without the secrets of its request.

    A gateway on the way may quote what it was sent; texts of errors are shown to people.
    """
    sent = _sent_secrets(response.request)
    return {name: _cleaned(value, sent) for name, value in body.items()} if sent else body


def _sent_secrets(request: httpx.Request) -> tuple[str, ...]:
    credential = request.headers.get("authorization", "").partition(" ")[2]
    found = [credential, *(secret.reveal() for secret in context_of(request).secrets)]
    if request.headers.get("content-type", "").startswith(_FORM):
        form = parse_qs(request.content.decode("utf-8", "replace"))
        found += [text for name in _SENT_SECRETS for text in form.get(name, ())]
    # The longest first: one may be a part of another.
    return tuple(sorted((text for text in found if text), key=len, reverse=True))


def _cleaned(value: Any, sent: tuple[str, ...]) -> Any:
    if isinstance(value, str):
        for secret in sent:
            value = value.replace(secret, HIDDEN)
        return value
    if isinstance(value, dict):
        return {key: _cleaned(item, sent) for key, item in value.items()}
    return [_cleaned(item, sent) for item in value] if isinstance(value, list) else value


def read_list(response: httpx.Response, name: str) -> tuple[dict[str, Any], list[Any]]:
    """The object of a list's answer, and the list in it.

    Raises Unreachable of the kind malformed when there is none under that name.
    """
    body = read_object(response)
    found = body.get(name)
    if not isinstance(found, list):
        raise malformed(response, f"a list came without {name}")
    return body, found


def malformed(response: httpx.Response, detail: str) -> Unreachable:
    """The error for an answer that came but can't be read."""
    fault = WireFault(FaultKind.MALFORMED, detail, sent=True)
    return unreachable(response.request.url.host, fault, call_of(response.request))


def retry_after_s(response: httpx.Response, now: datetime) -> float | None:
    """Seconds to wait as the answer asks; None when it doesn't ask, or not understandably."""
    text = response.headers.get("retry-after", "").strip()
    if not text:
        return None
    try:
        seconds = float(text)
    except ValueError:
        try:
            when = parsedate_to_datetime(text)
        except ValueError:
            return None
        if when.tzinfo is None:
            when = when.replace(tzinfo=UTC)
        seconds = (when - now).total_seconds()
    return max(0.0, seconds) if math.isfinite(seconds) else None


def bearer_error(header: str | None) -> tuple[str | None, str | None]:
    """`error` and `error_description` of a WWW-Authenticate header."""
    found = dict(_PARAMETER.findall(header or ""))
    return found.get("error"), found.get("error_description")


def date_of(response: httpx.Response) -> datetime | None:
    """The answer's `Date` header in UTC, if it has a readable one."""
    try:
        when = parsedate_to_datetime(response.headers["date"])
    except (KeyError, ValueError):
        return None
    return when.replace(tzinfo=UTC) if when.tzinfo is None else when.astimezone(UTC)
