"""Connecting an account through Kloudless: the consent page, the code, and whose token it is.

The OAuth endpoints are those of v1 whatever version the data calls use. A token that came from a
browser is verified before it is believed. Source: the published Kloudless SDKs.
"""

from dataclasses import dataclass
from typing import Any, Final

import httpx
import orjson

from lib.core.errors import ConfigurationError, Who
from lib.core.redaction import Secret
from lib.http import CallContext, malformed, read_object, send
from lib.kloudless.api_errors import kloudless_error
from lib.kloudless.client import KloudlessClient
from lib.settings.profiles import KloudlessCredentials

SCOPE_BOX: Final = "box:normal.storage"


@dataclass(frozen=True, slots=True)
class AccountToken:
    """The Bearer token of one account. Kloudless reports no expiry."""

    value: Secret
    scope: str


@dataclass(frozen=True, slots=True)
class Verified:
    """Whose token it is: the application and the account it was made for."""

    client_id: str
    account_id: str
    scope: str


def authorize_url(
    credentials: KloudlessCredentials,
    *,
    redirect_uri: str,
    state: str,
    scope: str = SCOPE_BOX,
    form_data: dict[str, Any] | None = None,
) -> str:
    """Where to send the person's browser. Holds no secret; compare `state` when it comes back."""
    params = {
        "client_id": credentials.app_id,
        "response_type": "code",
        "redirect_uri": redirect_uri,
        "scope": scope,
        "state": state,
    }
    if form_data:
        params["form_data"] = orjson.dumps(form_data).decode()
    return str(httpx.URL(f"{_oauth_base(credentials.base_url)}/oauth", params=params))


def exchange_code(
    credentials: KloudlessCredentials,
    http: httpx.Client,
    *,
    code: Secret,
    redirect_uri: str,
) -> AccountToken:
    """The account's token for a code. Raises KloudlessApiError, Unreachable, RateLimited."""
    if not credentials.api_key:
        raise ConfigurationError(
            "kloudless.api_key isn't set.",
            cause="The API key is the secret for exchanging the code.",
            fix="Copy an API key from the App Details page of your Kloudless application.",
            who=Who.YOU,
        )
    response = send(
        http,
        "POST",
        f"{_oauth_base(credentials.base_url)}/oauth/token/",
        form={
            "grant_type": "authorization_code",
            "code": code.reveal(),
            "redirect_uri": redirect_uri,
            "client_id": credentials.app_id,
            "client_secret": credentials.api_key.reveal(),
        },
        context=CallContext(retry=False),
    )
    if response.is_error:
        raise kloudless_error(response)
    body = read_object(response)
    value = body.get("access_token")
    if not isinstance(value, str) or not value:
        raise malformed(response, "the token endpoint answered without a token")
    return AccountToken(Secret(value), str(body.get("scope") or ""))


def verify_token(credentials: KloudlessCredentials, http: httpx.Client, token: Secret) -> Verified:
    """Whose token it is, according to Kloudless. Compare `client_id` with the application's id.

    Raises KloudlessApiError (400 for an invalid token), Unreachable, RateLimited.
    """
    client = KloudlessClient(http, _oauth_base(credentials.base_url), bearer=token)
    body = client.get("/oauth/token")
    return Verified(
        client_id=str(body.get("client_id") or ""),
        account_id=str(body.get("account_id") or ""),
        scope=str(body.get("scope") or ""),
    )


def _oauth_base(base_url: str) -> str:
    root, _, version = base_url.rstrip("/").rpartition("/")
    return f"{root}/v1" if version == "v2" else base_url.rstrip("/")
