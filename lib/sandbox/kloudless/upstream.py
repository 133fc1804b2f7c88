"""Kloudless as a client of Box: every call for data goes to the sandbox's own Box side.

It reaches Box as any client does (token endpoint, Authorization, As-User), only without a socket,
and holds no secret of Box's beyond the application's keys. A dead token answers 401
service_unauthorized; Box's other refusals become the upstream rows of the error table.
"""

from collections.abc import Mapping
from datetime import timedelta
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import orjson

from lib.sandbox import box, wire
from lib.sandbox.kloudless.errors import KloudlessError
from lib.sandbox.kloudless.faults import NO_JWT_KEYS, UPSTREAM_EXPIRED
from lib.sandbox.kloudless.model import Account, Road, Upstream
from lib.sandbox.state import State

AUDIENCE = "https://api.box.com/oauth2/token"
GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_EARLY = timedelta(minutes=2)
_OK = 200
_UNAUTHORIZED = 401
_DEAD = "The account's Box token is no longer valid. Reconnect the account."

# Box's status to the code of our table. 405 is Box's answer to an id of a wrong form.
_MEANS = {
    400: "request_failed",
    403: "service_forbidden",
    404: "not_found",
    405: "not_found",
    409: "naming_conflict",
    429: "too_many_service_requests",
    500: "bad_gateway",
    502: "bad_gateway",
    503: "service_not_available",
    504: "gateway_timeout",
    507: "insufficient_storage",
}
_NO_ANSWER = (403, 404, 405)  # from a token endpoint they say that nobody is there


def reachable(state: State, account: Account) -> None:
    """Raises service_unauthorized when the account's Box token is known to be dead."""
    expired = state.faults.active(UPSTREAM_EXPIRED, account.app_id)
    if expired is not None and expired.params["account"] in (0, account.id):
        state.faults.take(UPSTREAM_EXPIRED, account.app_id)
        raise KloudlessError("service_unauthorized", _DEAD)
    if account.upstream.road is Road.JWT_ENTERPRISE and state.faults.active(
        NO_JWT_KEYS, account.app_id
    ):
        raise KloudlessError("service_unauthorized", _DEAD)
    if account.upstream.road is Road.NONE:
        raise KloudlessError("service_unauthorized", _DEAD)


async def prove(state: State, account: Account) -> None:
    """As `reachable`, and finds out whose token it is that an import handed in."""
    reachable(state, account)
    if account.upstream.road is Road.TOKEN:
        me = await fetch(state, account, "/2.0/users/me", {"fields": "id"}, {})
        account.upstream.subject = str(me["id"])


async def call(  # the parts of an HTTP request
    state: State,
    account: Account,
    method: str,
    path: str,
    *,
    query: str = "",
    headers: Mapping[str, str] | None = None,
    body: bytes = b"",
) -> wire.Answer:
    """Box's answer, as it is. Raises service_unauthorized when no token can be had."""
    reachable(state, account)
    if state.app is None:
        raise KloudlessError("service_not_available")
    for renew in (False, True):
        token = await _token(state, account, renew=renew)
        sent = {**(headers or {}), "Authorization": f"Bearer {token}"}
        answer = await wire.ask(state.app, method, path, query=query, headers=sent, body=body)
        if answer.status != _UNAUTHORIZED:
            return _whole(answer)
    raise KloudlessError("service_unauthorized", _DEAD)


def _whole(answer: wire.Answer) -> wire.Answer:
    said = answer.headers.get("content-length")
    if said is not None and int(said) != len(answer.body):
        raise KloudlessError("bad_gateway", "Box broke off its answer.")
    return answer


async def fetch(
    state: State,
    account: Account,
    path: str,
    params: Mapping[str, str | int],
    headers: Mapping[str, str],
) -> dict[str, Any]:
    """The JSON object of a GET. Raises the refusal that goes with Box's."""
    answer = await call(state, account, "GET", path, query=urlencode(params), headers=headers)
    if answer.status != _OK:
        raise _unknown_user(answer, headers) or refusal(answer)
    try:
        found = orjson.loads(answer.body)
    except orjson.JSONDecodeError as error:
        raise KloudlessError("bad_gateway", "Box's answer is not JSON.") from error
    if not isinstance(found, dict):
        raise KloudlessError("bad_gateway", "Box's answer is not an object.")
    return found


def _unknown_user(answer: wire.Answer, headers: Mapping[str, str]) -> KloudlessError | None:
    """Our word for a Box that does not know whom As-User names: nobody of the organisation."""
    requested = headers.get("As-User")
    if requested is None or answer.status != HTTPStatus.NOT_FOUND:
        return None
    said = f"'user' with value '{requested}' not found"
    return KloudlessError("service_forbidden") if said.encode() in answer.body else None


def refusal(answer: wire.Answer) -> KloudlessError:
    """Our refusal for one of Box's; the text is Box's own where there is one."""
    code = _MEANS.get(answer.status, "bad_gateway")
    try:
        body = orjson.loads(answer.body) if answer.body else {}
    except orjson.JSONDecodeError:
        body = {}
    message = body.get("message") if isinstance(body, dict) else None
    wait = answer.headers.get("retry-after", "")
    return KloudlessError(
        code,
        str(message) if message else None,
        retry_after=int(wait) if wait.isdigit() else None,
    )


async def _token(state: State, account: Account, *, renew: bool) -> str:
    upstream = account.upstream
    if upstream.road is Road.NONE:
        raise KloudlessError("service_unauthorized", _DEAD)
    if upstream.road is Road.TOKEN:
        if renew:
            await _refresh(state, account)
        return upstream.token or ""
    fresh = upstream.token_ends is not None and state.clock() < upstream.token_ends - _EARLY
    if renew or upstream.token is None or not fresh:
        enterprise = upstream.road is Road.JWT_ENTERPRISE
        subject = upstream.enterprise_id if enterprise else upstream.subject
        kind = "enterprise" if enterprise else "user"
        form = _assertion(state, account.visitor, str(subject), kind)
        await _grant(state, upstream, form)
    return upstream.token or ""


async def _refresh(state: State, account: Account) -> None:
    upstream = account.upstream
    if upstream.refresh_token is None:
        raise KloudlessError("service_unauthorized", _DEAD)
    keys = box.credentials(state, account.visitor)["oauth"]
    await _grant(
        state,
        upstream,
        {
            "grant_type": "refresh_token",
            "refresh_token": upstream.refresh_token,
            "client_id": keys["client_id"],
            "client_secret": keys["client_secret"],
        },
    )


def _assertion(state: State, visitor: str, subject: str, kind: str) -> dict[str, str]:
    import jwt  # noqa: PLC0415  # the sandbox starts sooner without them
    from cryptography.hazmat.primitives.serialization import (  # noqa: PLC0415  # as above
        load_pem_private_key,
    )

    settings = box.credentials(state, visitor)["config"]["boxAppSettings"]
    auth = settings["appAuth"]
    key = load_pem_private_key(auth["privateKey"].encode(), auth["passphrase"].encode())
    claims = {
        "iss": settings["clientID"],
        "sub": subject,
        "box_sub_type": kind,
        "aud": AUDIENCE,
        "jti": uuid4().hex,
        "exp": int((state.clock() + timedelta(seconds=45)).timestamp()),
    }
    signed = jwt.encode(claims, key, "RS256", headers={"kid": auth["publicKeyID"]})  # type: ignore[arg-type]  # RSA by the app's settings
    return {
        "grant_type": GRANT,
        "assertion": signed,
        "client_id": settings["clientID"],
        "client_secret": settings["clientSecret"],
    }


async def _grant(state: State, upstream: Upstream, form: Mapping[str, str]) -> None:
    if state.app is None:
        raise KloudlessError("service_not_available")
    answer = await wire.ask(
        state.app,
        "POST",
        "/oauth2/token",
        headers={"content-type": "application/x-www-form-urlencoded"},
        body=urlencode(form).encode(),
    )
    if answer.status in (400, _UNAUTHORIZED):
        raise KloudlessError("service_unauthorized", _DEAD)
    if answer.status != _OK:
        known = answer.status in _MEANS and answer.status not in _NO_ANSWER
        raise refusal(answer) if known else KloudlessError("bad_gateway")
    try:
        granted = orjson.loads(answer.body)
        upstream.token = granted["access_token"]
        upstream.token_ends = state.clock() + timedelta(seconds=int(granted["expires_in"]))
        upstream.refresh_token = granted.get("refresh_token", upstream.refresh_token)
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError) as error:
        raise KloudlessError("bad_gateway", "Box's token answer can't be read.") from error
