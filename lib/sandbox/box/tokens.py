"""Tokens and codes that the sandbox's Box has given out. They live in this process only.

Lifetimes: Box API reference, 3.2 (access about 60 minutes, refresh 60 days or one use, code 30
seconds).
"""

import secrets
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from typing import Any

from lib.sandbox.box.apps import App

ACCESS_S = 4175
DEVELOPER_S = 3600
REFRESH_S = 60 * 86_400
CODE_S = 30
TOKENS_KEPT = 10_000  # above this the dead ones are thrown away


@dataclass(slots=True)
class Session:
    """One log-in: its tokens end together when one of them is revoked."""

    app: App
    person_id: str
    ended: bool = False


@dataclass(frozen=True, slots=True)
class Token:
    """An access token: for whom, by which app, with which scopes, until when.

    `restricted_to` is filled for downscoped tokens: pairs of scope and item ({type, id}).
    """

    value: str = field(repr=False)
    session: Session
    scopes: frozenset[str]
    ends_at: float
    restricted_to: tuple[dict[str, Any], ...] = ()

    @property
    def client_id(self) -> str:
        """The app's client id."""
        return self.session.app.client_id


@dataclass(slots=True)
class Refresh:
    """A refresh token: one use."""

    session: Session
    scopes: frozenset[str]
    ends_at: float
    used: bool = False


@dataclass(slots=True)
class Code:
    """An authorization code: 30 seconds, one use, for one redirect address."""

    session: Session
    scopes: frozenset[str]
    redirect_uri: str
    ends_at: float
    used: bool = False


class Tokens:
    """Everything given out. `clock` gives monotonic seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._access: dict[str, Token] = {}
        self._refresh: dict[str, Refresh] = {}
        self._codes: dict[str, Code] = {}

    def issue(  # what a token carries
        self,
        session: Session,
        scopes: Iterable[str],
        *,
        seconds: float = ACCESS_S,
        restricted_to: tuple[dict[str, Any], ...] = (),
        value: str | None = None,
    ) -> Token:
        """A new access token."""
        token = Token(
            value=value or secrets.token_urlsafe(24),
            session=session,
            scopes=frozenset(scopes),
            ends_at=self._clock() + seconds,
            restricted_to=restricted_to,
        )
        if len(self._access) >= TOKENS_KEPT:
            self._access = {
                known.value: known for known in self._access.values() if self._lives(known)
            }
        self._access[token.value] = token
        return token

    def _lives(self, token: Token) -> bool:
        return not token.session.ended and token.ends_at > self._clock()

    def find(self, value: str) -> Token | None:
        """The live access token of that value."""
        token = self._access.get(value)
        return token if token is not None and self._lives(token) else None

    def forget(self, client_ids: Collection[str]) -> None:
        """Ends and drops everything that was given to these apps."""
        for kept in (self._access, self._refresh, self._codes):
            gone = [
                value for value, thing in kept.items() if thing.session.app.client_id in client_ids
            ]
            for value in gone:
                kept.pop(value).session.ended = True

    def issue_refresh(self, session: Session, scopes: Iterable[str]) -> str:
        """A new refresh token."""
        value = secrets.token_urlsafe(48)
        self._refresh[value] = Refresh(session, frozenset(scopes), self._clock() + REFRESH_S)
        return value

    def refresh(self, value: str) -> Refresh | None:
        """What is known of a refresh token, used or expired ones too."""
        return self._refresh.get(value)

    def issue_code(self, session: Session, scopes: Iterable[str], redirect_uri: str) -> str:
        """A new authorization code."""
        value = secrets.token_urlsafe(24)
        ends_at = self._clock() + CODE_S
        self._codes[value] = Code(session, frozenset(scopes), redirect_uri, ends_at)
        return value

    def code(self, value: str) -> Code | None:
        """What is known of a code, used or expired ones too."""
        return self._codes.get(value)

    def expired(self, thing: Code | Refresh) -> bool:
        """Whether its time is over."""
        return thing.ends_at <= self._clock()

    def session_of(self, value: str) -> Session | None:
        """The log-in that an access or refresh token belongs to."""
        token = self._access.get(value)
        if token is not None:
            return token.session
        refresh = self._refresh.get(value)
        return None if refresh is None else refresh.session
