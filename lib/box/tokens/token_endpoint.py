"""One request to Box's token endpoint, and what its answer shows about Box's clock.

Sent once, never repeated by the HTTP layer: whoever repeats it builds the form anew, because an
assertion works once and a refresh token too. Source: Box developer documentation, `/oauth2/token`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import httpx

from lib.box.api_errors import token_error
from lib.core.errors import RateLimited, TokenError
from lib.core.redaction import Secret
from lib.http import CallContext, date_of, malformed, read_object, retry_after_s, send

_DEFAULT_LIFETIME_S: Final = 3600
# `Date` has whole seconds, cut off: on average it is half a second behind.
_DATE_CUT: Final = timedelta(milliseconds=500)


@dataclass(frozen=True, slots=True)
class Token:
    """An access token. `expires_at` is UTC, None where it is unknown (a developer token)."""

    value: Secret
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class Grant:
    """The token endpoint's answer.

    `restricted_to` is Box's list for downscoped tokens, empty otherwise. `skew_s` is how far Box's
    clock is ahead of ours, None without a `Date` header.
    """

    token: Token
    refresh_token: Secret | None
    restricted_to: tuple[Mapping[str, Any], ...]
    skew_s: float | None
    request_id: str | None


class Refused(Exception):
    """The endpoint refused; carries the error for people and what its answer said of clocks."""

    def __init__(
        self,
        error: TokenError | RateLimited,
        *,
        status: int,
        skew_s: float | None,
        retry_after_s: float | None,
    ) -> None:
        super().__init__(str(error))
        self.error = error
        self.status = status
        self.skew_s = skew_s
        self.retry_after_s = retry_after_s


def utc_now() -> datetime:
    """The local clock, in UTC."""
    return datetime.now(UTC)


def ask(
    http: httpx.Client,
    api_url: str,
    form: Mapping[str, str],
    *,
    clock: Callable[[], datetime] = utc_now,
) -> Grant:
    """Send one request. Raises Refused, Unreachable, RateLimited."""
    before = clock()
    response = send(
        http, "POST", f"{api_url}/oauth2/token", form=form, context=CallContext(retry=False)
    )
    after = clock()
    skew_s = _skew_s(response, before, after)
    if response.is_error:
        raise Refused(
            token_error(response),
            status=response.status_code,
            skew_s=skew_s,
            retry_after_s=retry_after_s(response, after),
        )
    body = read_object(response)
    value = body.get("access_token")
    if not isinstance(value, str) or not value:
        raise malformed(response, "the token endpoint answered without a token")
    lifetime = body.get("expires_in")
    seconds = float(lifetime) if isinstance(lifetime, int | float) else _DEFAULT_LIFETIME_S
    refresh = body.get("refresh_token")
    restricted = body.get("restricted_to")
    return Grant(
        token=Token(Secret(value), before + timedelta(seconds=seconds)),
        refresh_token=Secret(refresh) if isinstance(refresh, str) and refresh else None,
        restricted_to=tuple(restricted) if isinstance(restricted, list) else (),
        skew_s=skew_s,
        request_id=response.headers.get("box-request-id"),
    )


def request_token(
    http: httpx.Client,
    api_url: str,
    form: Mapping[str, str],
    *,
    clock: Callable[[], datetime] = utc_now,
) -> Grant:
    """As `ask`, with the error for people: raises TokenError, RateLimited, Unreachable."""
    try:
        return ask(http, api_url, form, clock=clock)
    except Refused as refused:
        raise refused.error from refused


def _skew_s(response: httpx.Response, before: datetime, after: datetime) -> float | None:
    date = date_of(response)
    if date is None:
        return None
    middle = before + (after - before) / 2
    return round((date + _DATE_CUT - middle).total_seconds(), 1)
