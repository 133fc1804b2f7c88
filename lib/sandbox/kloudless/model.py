"""What Kloudless keeps: applications, connected accounts, subscriptions, and the open questions.

`Conventions` holds every choice that the contract leaves open (section 15), so that a test can
turn each one. Nothing here knows HTTP.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from lib.sandbox.kloudless.ids import Sealer


@dataclass(frozen=True, slots=True)
class Conventions:
    """This sandbox's answers to what the published contract does not say.

    `retention` and `retention_events` bound the event list; page sizes are defaults; `burst` and
    `per_second` are the token bucket of an application; `unknown_credential` is the code of an
    answer to a credential we don't know (`forbidden` was seen live, the table has `unauthorized`).
    """

    retention: timedelta = timedelta(hours=24)
    retention_events: int = 10_000
    events_page_size: int = 100
    accounts_page_size: int = 10
    page_size: int = 100
    burst: int = 600
    per_second: float = 50.0
    unknown_credential: str = "forbidden"
    code_lifetime: timedelta = timedelta(minutes=10)
    webhook_pauses_s: tuple[float, ...] = (1.0, 5.0, 25.0)
    webhook_timeout_s: float = 10.0
    webhook_checks_body: bool = True


@dataclass(slots=True)
class Application:
    """An application of a Kloudless customer, with its settings (contract 3).

    `visitor` is whose copy it is, empty for those that are always there; `accounts` are some of the
    planted ones by what they are for: admin, dead, disabled.
    """

    app_id: str
    api_keys: list[str]
    name: str
    redirect_uris: tuple[str, ...]
    trusted_domains: tuple[str, ...]
    sealer: Sealer
    implicit_grant_enabled: bool = True
    recent_enabled: bool = True
    events_enabled: bool = True
    jwt_keys: bool = True
    visitor: str = ""
    accounts: dict[str, int] = field(default_factory=dict)

    @property
    def signing_key(self) -> str:
        """The key that signs webhooks: the oldest one (a convention)."""
        return self.api_keys[0]


class Road(StrEnum):
    """How an account reaches its upstream service."""

    JWT_ENTERPRISE = "jwt_enterprise"
    JWT_USER = "jwt_user"
    TOKEN = "token"  # noqa: S105  # the word for a token that was handed in
    NONE = "none"


@dataclass(slots=True)
class Upstream:
    """An account's identity at Box. `subject` is the upstream user id, where it is known."""

    road: Road
    subject: str | None = None
    enterprise_id: str | None = None
    token: str | None = None
    refresh_token: str | None = None
    token_ends: datetime | None = None


@dataclass(slots=True)
class Account:
    """A connected account. Times are UTC; nothing before `tracked_from` is in its activity.

    It reaches Box with the keys of `visitor`, those of the first app without one.
    """

    id: int
    app_id: str
    account: str
    service: str
    admin: bool
    created: datetime
    modified: datetime
    tracked_from: datetime
    upstream: Upstream
    sealer: Sealer
    effective_scope: str
    visitor: str = ""
    enabled: bool = True
    custom_properties: dict[str, Any] = field(default_factory=dict)
    token_expiry: str | None = None
    refresh_token_expiry: str | None = None


@dataclass(slots=True)
class Subscription:
    """What tracks an account's activity, from `created` on; `born` is that in monotonic seconds."""

    id: int
    account: int
    default: bool
    created: datetime
    modified: datetime
    since: int
    born: float
    active: bool = True
    subscription_type: str = "changes"
    last_cursor: str | None = None
    last_cursor_updated_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Code:
    """An authorization code that waits for its exchange, once."""

    app_id: str
    account_id: int
    redirect_uri: str
    scope: str
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Bearer:
    """Whose account a Bearer token opens."""

    app_id: str
    account_id: int
    scope: str


def stamp(instant: datetime | None) -> str | None:
    """A time as Kloudless writes it: ISO 8601, UTC, microseconds, `Z`."""
    if instant is None:
        return None
    return instant.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
