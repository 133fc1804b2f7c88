"""A person's sign-in at Box: the code, the tokens, and who signed in.

The code is exchanged once. One read call with the access token shows who signed in, so that the
refresh token is still unspent when it is kept. Nothing here keeps anything. Source: Box developer
documentation (OAuth 2.0, users/me).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import httpx

from lib.box.client import BoxClient
from lib.box.tokens.auth import fixed_token
from lib.box.tokens.oauth import exchange_code
from lib.box.tokens.token_endpoint import Token
from lib.core.errors import RunbookError, Who
from lib.core.redaction import Secret
from lib.settings.profiles import BoxCredentials

ME_FIELDS: Final = ("id", "name", "login", "role", "status", "enterprise", "timezone")


@dataclass(frozen=True, slots=True)
class SignedIn:
    """What a sign-in gave. `me` is Box's user object, empty when the proof failed (`problem`)."""

    refresh_token: Secret
    token: Token
    me: Mapping[str, Any]
    problem: RunbookError | None = None

    @property
    def user_id(self) -> str:
        """The person's Box id; empty when the proof failed."""
        return str(self.me.get("id") or "")

    @property
    def enterprise_id(self) -> str:
        """The person's enterprise; empty for none, and when the proof failed."""
        enterprise = self.me.get("enterprise")
        return str(enterprise.get("id") or "") if isinstance(enterprise, Mapping) else ""

    @property
    def who(self) -> str:
        """“Ada (ada@example.com)”."""
        name, login = str(self.me.get("name") or ""), str(self.me.get("login") or "")
        return f"{name} ({login})" if name and login else name or login or "a person"

    @property
    def headline(self) -> str:
        """The outcome in one line."""
        if self.problem is not None:
            return "Signed in to Box, but Box didn't report the user"
        return f"Signed in to Box as {self.who}"


def sign_in(
    credentials: BoxCredentials, http: httpx.Client, *, code: Secret, redirect_uri: str | None
) -> SignedIn:
    """Exchange the code, then ask who signed in.

    Raises TokenError, Unreachable or RateLimited when the exchange failed; a failed proof is part
    of the result, because the tokens are good and can't be had twice.
    """
    grant = exchange_code(credentials, http, code=code, redirect_uri=redirect_uri)
    if grant.refresh_token is None:
        raise RunbookError(
            "Box issued no refresh token.",
            cause="Only apps that use OAuth 2.0 get one for the code.",
            fix="Check in the Developer Console that the app uses OAuth 2.0.",
            who=Who.DEVELOPER,
        )
    client = BoxClient(http, fixed_token(grant.token, "sign-in"), api_url=credentials.api_url)
    try:
        me: Mapping[str, Any] = client.me(fields=ME_FIELDS)
    except RunbookError as error:
        return SignedIn(grant.refresh_token, grant.token, {}, error)
    return SignedIn(grant.refresh_token, grant.token, me)


def same_person(credentials: BoxCredentials, signed_in: SignedIn) -> None:
    """Check that these credentials may use what this person's sign-in gave.

    Raises RunbookError when Box names another user or enterprise than the credentials do, or nobody
    at all: what is kept under one profile is never mixed with another's.
    """
    if signed_in.problem is not None:
        raise signed_in.problem
    requested = (
        ("user", "the", credentials.user_id, signed_in.user_id),
        ("enterprise", "of the", credentials.enterprise_id, signed_in.enterprise_id),
    )
    for what, of, configured, found in requested:
        if configured and configured != found:
            raise RunbookError(
                f"{signed_in.who} isn't {of} {what} that this profile names.",
                cause=f"It names {what} {configured}, and Box reports {found or 'none'}. "
                "Data of different users or enterprises must not be mixed in one "
                "profile.",
                fix="Sign in again as the right person, or change the profile.",
                who=Who.YOU,
            )
