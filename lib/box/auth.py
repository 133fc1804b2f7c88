"""Access tokens for Box, from whatever credentials there are, shared safely between threads.

A token is kept until shortly before it ends; when several threads need a new one, one asks and the
others wait for it. Every attempt has a fresh assertion. When Box says that `exp` is wrong, the
assertion is built once more on Box's clock, as its `Date` header tells it; the difference is
reported as `skew_s`. Sources: Box developer documentation (JWT, Client Credentials Grant, OAuth
2.0, developer tokens) and the official SDKs' retry rules.
"""

import hashlib
import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from threading import Lock
from typing import Final, Protocol

import httpx

from lib.box.assertion import Assertion, assertion, signing_key
from lib.box.oauth import authorize_url, client_fields, exchange_code, revoke
from lib.box.tokens import Grant, Refused, Token, ask, request_token, utc_now
from lib.errors import ConfigurationError, TokenError, Unreachable, Who
from lib.http import RetryPolicy, Waiting
from lib.profiles import BoxAuth, BoxCredentials
from lib.redaction import Secret

__all__ = [
    "Assertion",
    "Grant",
    "Subject",
    "SubjectType",
    "Token",
    "TokenSource",
    "assertion",
    "authorize_url",
    "downscope",
    "exchange",
    "exchange_code",
    "revoke",
    "token_source",
]

JWT_GRANT: Final = "urn:ietf:params:oauth:grant-type:jwt-bearer"
EXCHANGE_GRANT: Final = "urn:ietf:params:oauth:grant-type:token-exchange"
ACCESS_TOKEN_TYPE: Final = "urn:ietf:params:oauth:token-type:access_token"  # noqa: S105  # a type
# As long before the end as the official Node SDK; at most half of a short life.
_RENEW_BEFORE: Final = timedelta(seconds=180)
_SERVER_FAULTS: Final = frozenset({500, 502, 503, 504})
_PROCESS_SALT: Final = secrets.token_bytes(16)

OnRefresh = Callable[[Secret, Token], None]
"""Told the new refresh token and its access token before the token is used: keep it at once."""


class SubjectType(StrEnum):
    """Whom a token is for."""

    ENTERPRISE = "enterprise"
    USER = "user"


@dataclass(frozen=True, slots=True)
class Subject:
    """An enterprise (its Service Account) or a user, by Box id."""

    type: SubjectType
    id: str

    @classmethod
    def of(cls, credentials: BoxCredentials) -> "Subject":
        """The subject that the credentials name: the user if there is one, else the enterprise."""
        if credentials.user_id:
            return cls(SubjectType.USER, credentials.user_id)
        return cls(SubjectType.ENTERPRISE, credentials.enterprise_id)


class TokenSource(Protocol):
    """Where a client gets its tokens."""

    @property
    def skew_s(self) -> float | None:
        """Seconds that Box's clock is ahead of ours, from its last answer; None before one."""

    @property
    def identity(self) -> str:
        """Names the Box user whose limit the calls count against; holds no secret."""

    @property
    def renewable(self) -> bool:
        """Whether a refused token can be replaced by a new one."""

    def token(self) -> Token:
        """A token that is still good for a while. Raises TokenError, Unreachable, RateLimited."""

    def invalidate(self, refused: Token | None = None) -> None:
        """Forget the token; with `refused` only if it is still that one."""


class Renewal(Protocol):
    """How one kind of credentials gets a new token, one attempt at a time."""

    def attempt(self, now: datetime) -> Grant:
        """Ask once; `now` is the time on Box's clock as well as it is known. Raises Refused."""

    @property
    def repeatable(self) -> bool:
        """Whether an attempt that may have reached Box can be followed by another."""


class _Renewed:
    """A token source that asks for a new token when the old one is about to end."""

    renewable = True

    def __init__(
        self,
        renewal: Renewal,
        identity: str,
        *,
        clock: Callable[[], datetime],
        waiting: Waiting,
        attempts: int,
    ) -> None:
        self.identity = identity
        self.skew_s: float | None = None
        self._renewal = renewal
        self._clock = clock
        self._waiting = waiting
        self._attempts = attempts
        self._token: Token | None = None
        self._renew_at: datetime | None = None
        self._correction = timedelta(0)
        self._failures = 0
        self._last_error: Exception | None = None
        self._lock = Lock()

    def token(self) -> Token:
        """See TokenSource."""
        seen = self._failures
        token = self._current()
        if token is not None:
            return token
        with self._lock:
            token = self._current()
            if token is not None:
                return token
            if self._last_error is not None and self._failures != seen:
                raise self._last_error  # another thread asked while we waited, and was refused
            try:
                return self._renew()
            except Exception as error:
                self._failures += 1
                self._last_error = error
                raise

    def invalidate(self, refused: Token | None = None) -> None:
        """See TokenSource."""
        with self._lock:
            if refused is None or self._token == refused:
                self._token = None

    def _current(self) -> Token | None:
        token, renew_at = self._token, self._renew_at
        return token if renew_at is not None and self._clock() < renew_at else None

    def _renew(self) -> Token:
        started = self._clock()
        grant = self._granted()
        token = grant.token
        self._token = token
        if token.expires_at is not None:
            life = token.expires_at - started
            self._renew_at = token.expires_at - min(_RENEW_BEFORE, life / 2)
        return token

    def _granted(self) -> Grant:
        corrected = False
        attempt = 0
        while True:
            attempt += 1
            try:
                grant = self._renewal.attempt(self._clock() + self._correction)
            except Refused as refused:
                self._note(refused.skew_s)
                if _is_clock_error(refused) and refused.skew_s is not None and not corrected:
                    corrected = True
                    self._correction = timedelta(seconds=refused.skew_s)
                    continue
                if attempt >= self._attempts or not self._may_repeat(refused):
                    raise refused.error from refused
                self._wait(attempt, refused)
            except Unreachable:
                if attempt >= self._attempts or not self._renewal.repeatable:
                    raise
                self._wait(attempt, None)
            else:
                self._note(grant.skew_s)
                return grant

    def _note(self, skew_s: float | None) -> None:
        if skew_s is not None:
            self.skew_s = skew_s

    def _may_repeat(self, refused: Refused) -> bool:
        if refused.retry_after is not None:
            return refused.retry_after <= RetryPolicy().max_page_wait_s
        status = refused.error.status if isinstance(refused.error, TokenError) else 0
        return status in _SERVER_FAULTS and self._renewal.repeatable

    def _wait(self, attempt: int, refused: Refused | None) -> None:
        asked = refused.retry_after if refused else None
        self._waiting.sleep(self._waiting.backoff_s(attempt - 1) if asked is None else asked)


class _Fixed:
    """A token that was given as it is, such as a developer token, and can't be renewed."""

    renewable = False
    skew_s: float | None = None

    def __init__(self, token: Token, identity: str) -> None:
        self._token = token
        self.identity = identity

    def token(self) -> Token:
        """See TokenSource."""
        return self._token

    def invalidate(self, refused: Token | None = None) -> None:
        """Nothing to forget: there is no way to another token."""


class _JwtRenewal:
    repeatable = True  # every attempt has an assertion of its own

    def __init__(
        self,
        credentials: BoxCredentials,
        http: httpx.Client,
        subject: Subject,
        clock: Callable[[], datetime],
    ) -> None:
        self._credentials = credentials
        self._http = http
        self._subject = subject
        self._clock = clock
        self._key = signing_key(credentials)

    def attempt(self, now: datetime) -> Grant:
        signed = assertion(
            self._credentials,
            subject_type=self._subject.type,
            subject_id=self._subject.id,
            now=now,
            jti=new_jti(),
            key=self._key,
        )
        form = {
            "grant_type": JWT_GRANT,
            "assertion": signed.token.reveal(),
            **client_fields(self._credentials),
        }
        return ask(self._http, self._credentials.api_url, form, clock=self._clock)


class _CcgRenewal:
    repeatable = True

    def __init__(
        self,
        credentials: BoxCredentials,
        http: httpx.Client,
        subject: Subject,
        clock: Callable[[], datetime],
    ) -> None:
        self._credentials = credentials
        self._http = http
        self._subject = subject
        self._clock = clock

    def attempt(self, now: datetime) -> Grant:  # noqa: ARG002  # nothing in it is dated
        form = {
            "grant_type": "client_credentials",
            "box_subject_type": self._subject.type.value,
            "box_subject_id": self._subject.id,
            **client_fields(self._credentials),
        }
        return ask(self._http, self._credentials.api_url, form, clock=self._clock)


class _RefreshRenewal:
    repeatable = False  # a refresh token works once: a second try would spend what is already spent

    def __init__(
        self,
        credentials: BoxCredentials,
        http: httpx.Client,
        on_refresh: OnRefresh | None,
        clock: Callable[[], datetime],
    ) -> None:
        if not credentials.refresh_token:
            raise ConfigurationError(
                "box.refresh_token isn't set.",
                cause="An OAuth app gets its tokens from a refresh token, which a sign-in gives.",
                fix="Connect the app once more: sign in to Box and allow it.",
                who=Who.YOU,
            )
        self._credentials = credentials
        self._http = http
        self._refresh_token = credentials.refresh_token
        self._on_refresh = on_refresh
        self._clock = clock

    def attempt(self, now: datetime) -> Grant:  # noqa: ARG002  # nothing in it is dated
        form = {
            "grant_type": "refresh_token",
            "refresh_token": self._refresh_token.reveal(),
            **client_fields(self._credentials),
        }
        grant = ask(self._http, self._credentials.api_url, form, clock=self._clock)
        if grant.refresh_token is not None:
            self._refresh_token = grant.refresh_token
            if self._on_refresh is not None:
                self._on_refresh(grant.refresh_token, grant.token)
        return grant


def token_source(
    credentials: BoxCredentials,
    http: httpx.Client,
    clock: Callable[[], datetime] = utc_now,
    *,
    on_refresh: OnRefresh | None = None,
    subject: Subject | None = None,
    waiting: Waiting | None = None,
    attempts: int = 4,
) -> TokenSource:
    """A token source for these credentials; nothing is asked before the first `token()`.

    `subject` replaces the enterprise or user of the credentials: one app, several enterprises.
    `on_refresh` is told each new refresh token (OAuth) before its access token is used.
    Raises ConfigurationError or KeyProblem for credentials that can't work.
    """
    who = subject or Subject.of(credentials)
    if credentials.auth is BoxAuth.DEVELOPER_TOKEN:
        return _developer_token(credentials)
    client_fields(credentials)
    renewal: Renewal
    if credentials.auth is BoxAuth.OAUTH:
        renewal = _RefreshRenewal(credentials, http, on_refresh, clock)
        name = credentials.user_id or _fingerprint(credentials.refresh_token)
    else:
        _check_subject(who)
        kind = _JwtRenewal if credentials.auth is BoxAuth.JWT else _CcgRenewal
        renewal = kind(credentials, http, who, clock)
        name = f"{who.type}:{who.id}"
    return _Renewed(
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
    """Ask the token endpoint once (JWT, CCG) and say exactly how that went, for diagnosis.

    With `correct_clock` a refused `exp` is followed by one more attempt on Box's clock.
    Raises TokenError, RateLimited, Unreachable, KeyProblem, ConfigurationError.
    """
    who = subject or Subject.of(credentials)
    _check_subject(who)
    kind = _CcgRenewal if credentials.auth is BoxAuth.CCG else _JwtRenewal
    renewal = kind(credentials, http, who, clock)
    try:
        try:
            return renewal.attempt(clock())
        except Refused as refused:
            if not (correct_clock and _is_clock_error(refused) and refused.skew_s is not None):
                raise
            return renewal.attempt(clock() + timedelta(seconds=refused.skew_s))
    except Refused as refused:
        raise refused.error from refused


def downscope(
    http: httpx.Client,
    api_url: str,
    token: Token,
    *,
    scopes: tuple[str, ...],
    resource: str | None = None,
) -> Grant:
    """A narrower token; `resource` is the full API address of a file or folder.

    Raises TokenError, RateLimited, Unreachable.
    """
    form = {
        "grant_type": EXCHANGE_GRANT,
        "subject_token": token.value.reveal(),
        "subject_token_type": ACCESS_TOKEN_TYPE,
        "scope": " ".join(scopes),
    }
    if resource:
        form["resource"] = resource
    return request_token(http, api_url, form)


def fixed_token(token: Token, identity: str) -> TokenSource:
    """A source of one given token, for example a downscoped one."""
    return _Fixed(token, identity)


def new_jti() -> str:
    """A number used once: 128 random bits in hex, within Box's 16 to 128 characters."""
    return secrets.token_hex(16)


def for_enterprise(credentials: BoxCredentials, enterprise_id: str) -> BoxCredentials:
    """The same app for another enterprise that authorized it."""
    return replace(credentials, enterprise_id=enterprise_id, user_id="")


def _developer_token(credentials: BoxCredentials) -> TokenSource:
    if not credentials.developer_token:
        raise ConfigurationError(
            "box.developer_token isn't set.",
            cause="This profile uses a developer token, which Box's developer console makes.",
            fix="Make one on the app's Configuration page; it lives 60 minutes.",
            who=Who.YOU,
        )
    name = f"{credentials.api_url}|developer|{_fingerprint(credentials.developer_token)}"
    return _Fixed(Token(credentials.developer_token, None), name)


def _check_subject(subject: Subject) -> None:
    if not subject.id:
        raise ConfigurationError(
            "box.enterprise_id isn't set.",
            cause="A token is asked for an enterprise or for a user, by its ID.",
            fix="Copy the enterprise ID from Box's Admin Console, Account & Billing.",
            who=Who.YOU,
        )


def _is_clock_error(refused: Refused) -> bool:
    error = refused.error
    return (
        isinstance(error, TokenError)
        and error.code == "invalid_grant"
        and "'exp' claim" in error.description
        and "integer" not in error.description
    )


def _fingerprint(secret: Secret | None) -> str:
    """Tells secrets apart within this process, and nothing else."""
    value = secret.reveal() if secret else ""
    return hmac.new(_PROCESS_SALT, value.encode(), hashlib.sha256).hexdigest()[:16]
