"""Connecting an account through Kloudless: code, token, verification, account.

The account's token is used to verify it, and dropped: everything else is done with the
application's API key. A token of another application is refused. Connecting the same person again
renews the existing account; whether it existed is inferred from its creation time, on Kloudless's
own clock. Source: the published Kloudless SDKs, archived documentation (OAuth).
"""

import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from lib.core.errors import RunbookError, Who
from lib.core.redaction import Secret
from lib.core.time_texts import time_of
from lib.http import date_of, read_object, segment
from lib.kloudless.client import KloudlessClient
from lib.kloudless.oauth import Verified, exchange_code, verify_token
from lib.settings.profiles import KloudlessCredentials

# `Date` has whole seconds, cut off, and so may `created`.
_MARGIN: Final = timedelta(seconds=2)


@dataclass(frozen=True, slots=True)
class Connected:
    """An account that was connected. `raw` is Kloudless's account object.

    `was_there` says whether it existed before: None where Kloudless doesn't report it.
    """

    account_id: str
    raw: Mapping[str, Any]
    scope: str
    was_there: bool | None

    @property
    def name(self) -> str:
        """The name that Kloudless reports, usually an e-mail address."""
        return str(self.raw.get("account") or f"account {self.account_id}")

    @property
    def admin(self) -> bool:
        """Whether it is an organisation's account."""
        return self.raw.get("admin") is True

    @property
    def headline(self) -> str:
        """The outcome in one line."""
        return f"{'Connected again' if self.was_there else 'Connected'}: {self.name}"


def connect_account(
    credentials: KloudlessCredentials,
    client: KloudlessClient,
    *,
    code: Secret,
    redirect_uri: str,
    age: Callable[[], timedelta],
    now: Callable[[], datetime],
) -> Connected:
    """Exchange the code, verify the token and read its account with the API key of `client`.

    `age` says how long ago the sign-in began; `now` (UTC) stands in for Kloudless's clock where
    its answer has no date.
    Raises KloudlessApiError, Unreachable, RateLimited, and RunbookError for a foreign token.
    """
    token = exchange_code(credentials, client.http, code=code, redirect_uri=redirect_uri)
    verified = verify_token(credentials, client.http, token.value)
    _require_ours(credentials, verified)
    response = client.request(
        "GET", f"/accounts/{segment(verified.account_id)}", params={"retrieve_full": False}
    )
    raw = read_object(response)
    begun_at = (date_of(response) or now()) - age()
    return Connected(
        account_id=verified.account_id,
        raw=raw,
        scope=verified.scope or token.scope,
        was_there=_was_there(raw.get("created"), begun_at),
    )


def _require_ours(credentials: KloudlessCredentials, verified: Verified) -> None:
    """Refuse a token of another application, and one that names no account."""
    ours, theirs = credentials.app_id.encode(), verified.client_id.encode()
    if not hmac.compare_digest(ours, theirs):
        raise RunbookError(
            "The token belongs to another Kloudless application, so it was refused.",
            cause="Kloudless reports another application ID than this profile's. Either the "
            "profile's API key belongs to another application, or someone tried to "
            "inject their own token.",
            fix="Compare application ID and API key on the App Details page. If they "
            "belong together, don't continue with this sign-in.",
            who=Who.KLOUDLESS_ADMIN,
        )
    if not verified.account_id.isdigit():
        raise RunbookError(
            "Kloudless doesn't report which account was connected.",
            cause="Its answer to the token verification names no account.",
            fix="Check the list of accounts, and try again.",
            who=Who.KLOUDLESS_ADMIN,
        )


def _was_there(created: Any, begun_at: datetime) -> bool | None:
    instant = time_of(created, without_offset=UTC)
    return None if instant is None else instant < begun_at - _MARGIN
