"""How each kind of credentials requests a token, one attempt at a time.

Every attempt builds its form anew: an assertion is accepted once, a refresh token too. Source: Box
developer documentation (JWT, Client Credentials Grant, OAuth 2.0).
"""

import secrets
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from threading import Lock
from typing import Final, Protocol

import httpx

from lib.box.tokens.assertion import assertion, signing_key
from lib.box.tokens.oauth import client_fields
from lib.box.tokens.token_endpoint import Grant, Refused, Token, ask
from lib.core.errors import ConfigurationError, Who
from lib.core.redaction import Secret
from lib.settings.profiles import BoxCredentials

JWT_GRANT: Final = "urn:ietf:params:oauth:grant-type:jwt-bearer"

OnRefresh = Callable[[Secret, Token], None]
"""Told the new refresh token and its access token before the token is used: keep it at once."""


class RefreshTokens(Protocol):
    """Where a refresh token is kept, for everyone who renews with it: each works once."""

    @property
    def note(self) -> str:
        """A note for an error about this token; empty for none."""

    def turn(self) -> AbstractContextManager[Secret]:
        """The token to use now; nobody else gets one until the block ends."""

    def keep(self, token: Secret) -> None:
        """Store the next token, inside `turn()`, before anything else is done."""


class TokenInMemory:
    """A refresh token that is kept in memory only, by this object."""

    note = ""

    def __init__(self, token: Secret) -> None:
        self.current = token
        self._lock = Lock()

    @contextmanager
    def turn(self) -> Iterator[Secret]:
        """See RefreshTokens."""
        with self._lock:
            yield self.current

    def keep(self, token: Secret) -> None:
        """See RefreshTokens."""
        self.current = token


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


class JwtRenewal:
    """A signed assertion for each attempt. Raises KeyProblem when the key can't be used."""

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
        """See Renewal."""
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


class CcgRenewal:
    """Client ID and secret, for the enterprise or a user (Client Credentials Grant)."""

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
        """See Renewal."""
        form = {
            "grant_type": "client_credentials",
            "box_subject_type": self._subject.type.value,
            "box_subject_id": self._subject.id,
            **client_fields(self._credentials),
        }
        return ask(self._http, self._credentials.api_url, form, clock=self._clock)


class RefreshRenewal:
    """A refresh token, which each use replaces with a new one."""

    repeatable = False  # a second try would spend what the first may have spent already

    def __init__(
        self,
        credentials: BoxCredentials,
        http: httpx.Client,
        on_refresh: OnRefresh | None,
        clock: Callable[[], datetime],
        *,
        tokens: RefreshTokens | None = None,
    ) -> None:
        if not credentials.refresh_token:
            raise ConfigurationError(
                "box.refresh_token isn't set.",
                cause="An OAuth app gets its tokens with a refresh token, which a sign-in "
                "provides.",
                fix="Connect the app again: sign in to Box and allow it.",
                who=Who.YOU,
            )
        self._credentials = credentials
        self._http = http
        self._tokens: RefreshTokens = tokens or TokenInMemory(credentials.refresh_token)
        self._on_refresh = on_refresh
        self._clock = clock

    def attempt(self, now: datetime) -> Grant:  # noqa: ARG002  # nothing in it is dated
        """See Renewal."""
        with self._tokens.turn() as token:
            form = {
                "grant_type": "refresh_token",
                "refresh_token": token.reveal(),
                **client_fields(self._credentials),
            }
            try:
                grant = ask(self._http, self._credentials.api_url, form, clock=self._clock)
            except Refused as refused:
                note = self._tokens.note
                if note:
                    refused.error.cause = f"{note} {refused.error.cause}"
                raise
            if grant.refresh_token is not None:
                self._tokens.keep(grant.refresh_token)
                if self._on_refresh is not None:
                    self._on_refresh(grant.refresh_token, grant.token)
        return grant


def new_jti() -> str:
    """A number used once: 128 random bits in hex, within Box's 16 to 128 characters."""
    return secrets.token_hex(16)
