"""Access tokens for Box, from any kind of credentials: the one entry point.

`token_source` keeps and renews tokens for a client, `exchange` requests one for a diagnosis. Every
attempt has a fresh assertion. Sources: Box developer documentation (JWT, Client Credentials Grant,
OAuth 2.0, developer tokens) and the official SDKs' retry rules.
"""

import hashlib
import hmac
import secrets
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

import httpx

from lib.box.tokens.assertion import Assertion, assertion
from lib.box.tokens.grants import (
    CcgRenewal,
    JwtRenewal,
    OnRefresh,
    RefreshRenewal,
    RefreshTokens,
    Subject,
    SubjectType,
    TokenInMemory,
    new_jti,
)
from lib.box.tokens.oauth import authorize_url, client_fields, exchange_code
from lib.box.tokens.token_endpoint import Grant, Refused, Token, utc_now
from lib.box.tokens.token_sources import (
    FixedSource,
    Renewal,
    RenewedSource,
    TokenSource,
    is_clock_error,
)
from lib.core.errors import ConfigurationError, Who
from lib.core.redaction import Secret
from lib.http import Waiting
from lib.settings.profiles import BoxAuth, BoxCredentials

__all__ = [
    "Assertion",
    "Grant",
    "OnRefresh",
    "RefreshTokens",
    "Subject",
    "SubjectType",
    "Token",
    "TokenInMemory",
    "TokenSource",
    "assertion",
    "authorize_url",
    "exchange",
    "exchange_code",
    "fixed_token",
    "for_enterprise",
    "new_jti",
    "token_source",
]

_PROCESS_SALT: Final = secrets.token_bytes(16)


def token_source(
    credentials: BoxCredentials,
    http: httpx.Client,
    clock: Callable[[], datetime] = utc_now,
    *,
    on_refresh: OnRefresh | None = None,
    refresh_tokens: RefreshTokens | None = None,
    subject: Subject | None = None,
    waiting: Waiting | None = None,
    attempts: int = 3,
) -> TokenSource:
    """A token source for these credentials; nothing is asked before the first `token()`.

    `subject` replaces the enterprise or user of the credentials: one app, several enterprises.
    `refresh_tokens` is where an OAuth refresh token lives if others renew with it too; `on_refresh`
    is told each new one before its access token is used.
    Raises ConfigurationError or KeyProblem for credentials that can't work.
    """
    who = subject or Subject.of(credentials)
    if credentials.auth is BoxAuth.DEVELOPER_TOKEN:
        return _developer_token(credentials)
    client_fields(credentials)
    renewal: Renewal
    if credentials.auth is BoxAuth.OAUTH:
        renewal = RefreshRenewal(credentials, http, on_refresh, clock, tokens=refresh_tokens)
        name = credentials.user_id or _fingerprint(credentials.refresh_token)
    else:
        _check_subject(who)
        kind = JwtRenewal if credentials.auth is BoxAuth.JWT else CcgRenewal
        renewal = kind(credentials, http, who, clock)
        name = f"{who.type}:{who.id}"
    return RenewedSource(
        renewal,
        f"{credentials.api_url}|{credentials.client_id}|{name}",
        clock=clock,
        waiting=waiting or Waiting(),
        attempts=attempts,
    )


def exchange(
    credentials: BoxCredentials,
    http: httpx.Client,
    clock: Callable[[], datetime] = utc_now,
    *,
    subject: Subject | None = None,
    correct_clock: bool = False,
) -> Grant:
    """Call the token endpoint once (JWT, CCG) and report the exact outcome, for diagnosis.

    With `correct_clock` a refused `exp` is followed by one more attempt on Box's clock. Raises
    TokenError, RateLimited, Unreachable, KeyProblem, ConfigurationError.
    """
    who = subject or Subject.of(credentials)
    _check_subject(who)
    kind = CcgRenewal if credentials.auth is BoxAuth.CCG else JwtRenewal
    renewal = kind(credentials, http, who, clock)
    try:
        try:
            return renewal.attempt(clock())
        except Refused as refused:
            if not (correct_clock and is_clock_error(refused) and refused.skew_s is not None):
                raise
            return renewal.attempt(clock() + timedelta(seconds=refused.skew_s))
    except Refused as refused:
        raise refused.error from refused


def fixed_token(token: Token, identity: str) -> TokenSource:
    """A source of one given token."""
    return FixedSource(token, identity)


def for_enterprise(credentials: BoxCredentials, enterprise_id: str) -> BoxCredentials:
    """The same app for another enterprise that authorized it."""
    return replace(credentials, enterprise_id=enterprise_id, user_id="")


def _developer_token(credentials: BoxCredentials) -> TokenSource:
    if not credentials.developer_token:
        raise ConfigurationError(
            "box.developer_token isn't set.",
            cause="This profile uses a developer token, which the Developer Console generates.",
            fix="Generate one on the app's Configuration page; it is valid for 60 minutes.",
            who=Who.YOU,
        )
    name = f"{credentials.api_url}|developer|{_fingerprint(credentials.developer_token)}"
    return FixedSource(Token(credentials.developer_token, None), name)


def _check_subject(subject: Subject) -> None:
    if not subject.id:
        raise ConfigurationError(
            "box.enterprise_id isn't set.",
            cause="A token is requested for an enterprise or a user, by its ID.",
            fix="Copy the enterprise ID from Box's Admin Console, Account & Billing.",
            who=Who.YOU,
        )


def _fingerprint(secret: Secret | None) -> str:
    """Distinguishes secrets within this process, and nothing else."""
    value = secret.reveal() if secret else ""
    return hmac.new(_PROCESS_SALT, value.encode(), hashlib.sha256).hexdigest()[:16]
