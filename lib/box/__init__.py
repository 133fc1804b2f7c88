"""The Box API: keys and settings checked offline, tokens, calls, event streams.

Start with `connect`. Nothing in here keeps anything on disk.
"""

from collections.abc import Callable
from datetime import datetime

from lib.box.client import BoxClient, EntryPage
from lib.box.tokens.auth import (
    OnRefresh,
    RefreshTokens,
    Subject,
    SubjectType,
    TokenSource,
    token_source,
)
from lib.box.tokens.token_endpoint import utc_now
from lib.core.errors import ConfigurationError, Who
from lib.http import Egress, Journal, Policy, build_client
from lib.settings.profiles import Profile

__all__ = ["BoxClient", "EntryPage", "Subject", "SubjectType", "TokenSource", "connect"]


def connect(
    profile: Profile,
    *,
    egress: Egress,
    journal: Journal,
    clock: Callable[[], datetime] = utc_now,
    policy: Policy | None = None,
    subject: Subject | None = None,
    on_refresh: OnRefresh | None = None,
    refresh_tokens: RefreshTokens | None = None,
) -> BoxClient:
    """A client for the profile's Box app; no call is made yet. Close it when done.

    `subject` replaces the enterprise or user of the credentials; `refresh_tokens` is where the
    refresh token of an OAuth profile is kept if others renew with it too, and `on_refresh` gets
    each new one. Raises ConfigurationError or KeyProblem for credentials that can't work.
    """
    if profile.box is None:
        raise ConfigurationError(
            f"The profile {profile.label!r} has no Box credentials.",
            cause="It contains only a Kloudless application.",
            fix="Enter Box credentials, or choose another profile.",
            who=Who.YOU,
        )
    policy = policy or Policy()
    http = build_client(egress, journal, policy=policy)
    try:
        tokens = token_source(
            profile.box,
            http,
            clock,
            on_refresh=on_refresh,
            refresh_tokens=refresh_tokens,
            subject=subject,
            waiting=policy.waiting,
        )
    except Exception:
        http.close()
        raise
    return BoxClient(http, tokens, api_url=profile.box.api_url)
