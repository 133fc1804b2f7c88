"""OAuth 2.0 with Box: the page where a person consents, the exchange of the code, revoking.

The refresh token that comes with each exchange works once: whoever calls must keep the new one.
Source: Box developer documentation, OAuth 2.0.
"""

import httpx

from lib.box.tokens.token_endpoint import Grant, request_token
from lib.core.errors import ConfigurationError, Who
from lib.core.redaction import Secret
from lib.settings.profiles import BoxCredentials


def authorize_url(
    credentials: BoxCredentials, *, redirect_uri: str | None, state: str, scope: str | None = None
) -> str:
    """Where to send the person's browser. Holds no secret; compare `state` when it comes back."""
    requested = {
        "response_type": "code",
        "client_id": credentials.client_id,
        "redirect_uri": redirect_uri,
        "state": state,
        "scope": scope,
    }
    params = {name: value for name, value in requested.items() if value}
    return str(httpx.URL(f"{credentials.account_url}/oauth2/authorize", params=params))


def exchange_code(
    credentials: BoxCredentials,
    http: httpx.Client,
    *,
    code: Secret,
    redirect_uri: str | None = None,
) -> Grant:
    """Access and refresh token for a code, which is valid for 30 seconds and once.

    Raises TokenError, Unreachable, RateLimited.
    """
    form = {"grant_type": "authorization_code", "code": code.reveal(), **client_fields(credentials)}
    if redirect_uri:
        form["redirect_uri"] = redirect_uri
    return request_token(http, credentials.api_url, form)


def client_fields(credentials: BoxCredentials) -> dict[str, str]:
    """The form fields that name the app. Raises ConfigurationError when one is missing."""
    if not credentials.client_id or not credentials.client_secret:
        missing = "box.client_id" if not credentials.client_id else "box.client_secret"
        raise ConfigurationError(
            f"{missing} isn't set.",
            cause="Box's token endpoint requires client ID and client secret.",
            fix="Copy both from the app's Configuration page in Box's developer console.",
            who=Who.YOU,
        )
    return {
        "client_id": credentials.client_id,
        "client_secret": credentials.client_secret.reveal(),
    }
