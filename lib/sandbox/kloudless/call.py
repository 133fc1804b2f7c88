"""One call to Kloudless: who calls, for which account, with which options of the API.

Reads the Authorization header and the API-wide headers as strictly as the contract allows
(Kloudless contract 2.3 and 2.4), and gives handlers typed parameters.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import orjson
from starlette.requests import Request

from lib.sandbox.faults import Activation
from lib.sandbox.kloudless import upstream
from lib.sandbox.kloudless.errors import KloudlessError, invalid
from lib.sandbox.kloudless.faults import (
    ACCOUNT_DISABLED,
    AS_USER_REFUSED,
    HEADERS_DROPPED,
    NO_ACCOUNTS,
    NO_ADMIN_ACCOUNT,
)
from lib.sandbox.kloudless.ids import ROOT, ROOT_RAW, BadId, raw_of
from lib.sandbox.kloudless.model import Account, Application
from lib.sandbox.kloudless.objects import Maker
from lib.sandbox.kloudless.service import Kloudless

BIGGEST_PAGE = 1000
_TRUE, _FALSE = ("true", "1"), ("false", "0")
# Headers that a caller may not set upstream through X-Kloudless-Raw-Headers.
_OURS = ("authorization", "as-user", "host", "content-length", "connection", "transfer-encoding")


@dataclass(frozen=True, slots=True)
class Credential:
    """What an Authorization header carries. `scheme` is lower case: apikey, bearer, or none."""

    scheme: str = "none"
    values: tuple[str, ...] = ()

    @classmethod
    def read(cls, header: str | None) -> "Credential":
        """The credential of a header; a scheme that opens nothing here counts as none.

        Only Bearer tokens come in lists. A developer's key opens the Management API alone.
        """
        scheme, _, rest = (header or "").strip().partition(" ")
        scheme = scheme.lower()
        if scheme not in ("apikey", "bearer"):
            return cls()
        parts = rest.split(",") if scheme == "bearer" else [rest]
        return cls(scheme, tuple(part.strip() for part in parts if part.strip()))


@dataclass(slots=True)
class Call:
    """A request with what is known of it so far.

    `ids` are the variables of its path; `client_id` is the application that it tells, if any.
    """

    request: Request
    service: Kloudless
    credential: Credential
    ids: Mapping[str, str]
    app: Application | None = None
    accounts: list[Account] = field(default_factory=list)
    client_id: str | None = None
    _struck: dict[str, Activation | None] = field(default_factory=dict)

    def fault(self, name: str) -> Activation | None:
        """The fault of that name if it strikes this call, which it counts once."""
        if name not in self._struck:
            self._struck[name] = self.service.state.faults.take(name, self.client_id)
        return self._struck[name]

    # Who ------------------------------------------------------------------------------------

    def identify(self) -> Application:
        """The caller's application. Raises the refusal of a missing or unknown credential."""
        credential = self.credential
        if credential.scheme == "none":
            raise self._unknown()
        if not credential.values:
            raise KloudlessError("authentication_required")
        app: Application | None = None
        if credential.scheme == "apikey":
            app = self.service.app_of_key(credential.values[0])
        elif all(token in self.service.bearers for token in credential.values):
            apps = {self.service.bearers[token].app_id for token in credential.values}
            app = self.service.apps.get(apps.pop()) if len(apps) == 1 else None
        if app is None:
            raise self._unknown()
        self.app = app
        return app

    def _unknown(self) -> KloudlessError:
        return KloudlessError(
            self.service.conventions.unknown_credential,
            "Authentication failed: no valid API Key or Bearer token.",
        )

    def own_accounts(self) -> list[Account]:
        """Every account that the credential opens: all of the application's, or the tokens'."""
        app = self.identify()
        if self.credential.scheme == "apikey":
            return [one for one in self.service.accounts_of(app.app_id) if self.is_there(one)]
        found = [
            self.service.accounts[self.service.bearers[token].account_id]
            for token in self.credential.values
        ]
        if not all(self.is_there(one) for one in found):
            raise self._unknown()  # as the token of a deleted account
        return found

    def is_there(self, account: Account) -> bool:
        """Whether an account is connected, and no fault says otherwise."""
        gone = self.fault(NO_ACCOUNTS) or (account.admin and self.fault(NO_ADMIN_ACCOUNT))
        return not gone

    def is_enabled(self, account: Account) -> bool:
        """Whether an account is enabled, and no fault says otherwise."""
        on = self.fault(ACCOUNT_DISABLED) if account.enabled else None
        return account.enabled and (on is None or on.params["account"] not in (0, account.id))

    def resolve(self) -> None:
        """Finds the account or accounts that the path names."""
        text = self.ids["account"]
        own = self.own_accounts()
        if text == "me":
            if self.credential.scheme == "apikey":
                raise KloudlessError("bad_request", "`me` needs a Bearer token.")
            self.accounts = own
            return
        app_id = self.identify().app_id
        names = text.split(",")
        found = []
        for place, name in enumerate(names):
            account = (
                self.service.accounts.get(int(name)) if name.isascii() and name.isdigit() else None
            )
            foreign = account is not None and account.app_id != app_id
            if account is None or (self.credential.scheme == "apikey" and foreign):
                raise KloudlessError("not_found", f"There is no account {name[:40]}.")
            if self.credential.scheme == "bearer" and (
                len(own) != len(names) or own[place].id != account.id
            ):
                raise KloudlessError("permission_denied", "The token is for another account.")
            if not self.is_there(account):
                raise KloudlessError("not_found", f"There is no account {name[:40]}.")
            found.append(account)
        self.accounts = found

    @property
    def account(self) -> Account:
        """The one account of the call."""
        if len(self.accounts) != 1:
            raise invalid("Only one account can be named here.")
        return self.accounts[0]

    def data_accounts(self) -> list[Account]:
        """The accounts, each fit for a data call: enabled, of Box."""
        for account in self.accounts:
            if not self.is_enabled(account):
                raise KloudlessError("forbidden", "The account is disabled.")
            if account.service != "box":
                raise KloudlessError("not_implemented")
        return self.accounts

    def data_account(self, *, admin: bool = False) -> Account:
        """The one account, fit for a data call; with `admin` it must be an organisation's."""
        account = self.account
        self.data_accounts()
        if admin and not account.admin:
            raise KloudlessError("permission_denied", "An admin account is needed.")
        self.upstream_headers()
        return account

    # Options --------------------------------------------------------------------------------

    def upstream_headers(self) -> dict[str, str]:
        """The headers that go on to Box: raw headers and As-User."""
        headers = self._raw_headers()
        as_user = self.request.headers.get("x-kloudless-as-user")
        if as_user is not None:
            if not all(account.admin for account in self.accounts):
                raise KloudlessError(
                    "permission_denied", "Only an admin account can act as a user."
                )
            try:
                headers["As-User"] = raw_of(as_user, "u")
            except BadId as error:
                raise invalid("X-Kloudless-As-User is no user id of the Team API.") from error
            if self.fault(AS_USER_REFUSED):
                raise KloudlessError("service_forbidden")
        return headers

    def _raw_headers(self) -> dict[str, str]:
        text = self.request.headers.get("x-kloudless-raw-headers")
        if text is None:
            return {}
        refused = invalid("X-Kloudless-Raw-Headers must be a JSON object of text values.")
        try:
            given = orjson.loads(text)
        except orjson.JSONDecodeError as error:
            raise refused from error
        if not isinstance(given, dict):
            raise refused
        headers = {}
        for name, value in given.items():
            if not isinstance(value, str) or not _clean(name) or not _clean(value):
                raise refused
            if name.lower() not in _OURS:
                headers[name] = value
        return {} if headers and self.fault(HEADERS_DROPPED) else headers

    def raw_data(self) -> bool:
        """Whether Box's own objects are wanted beside the unified ones."""
        text = self.request.headers.get("x-kloudless-raw-data")
        if text not in (None, "true", "false"):
            raise invalid("X-Kloudless-Raw-Data is true or false.")
        return text == "true"

    def maker(self, account: Account) -> Maker:
        """What makes the objects of an account for this call."""
        app = self.service.apps[account.app_id]
        return Maker(account, app.sealer, self.base, self.raw_data())

    @property
    def base(self) -> str:
        """The absolute address of this API."""
        return f"{self.service.state.settings.base_url}/v1"

    async def box(
        self, path: str, account: Account, params: Mapping[str, str | int]
    ) -> dict[str, Any]:
        """Box's answer to a GET on behalf of the account, with the headers that go on."""
        return await upstream.fetch(
            self.service.state, account, path, params, self.upstream_headers()
        )

    def item(self, kind: str, name: str = "item") -> str:
        """The upstream id of the file or folder in the path; `root` is an alias."""
        text = self.ids[name]
        if kind == "folder" and text == ROOT:
            return ROOT_RAW
        try:
            return self.account.sealer.open(kind, text)
        except BadId as error:
            raise KloudlessError(
                "not_found", f"{kind.capitalize()} not found: {text[:80]}"
            ) from error

    def person(self, letter: str) -> str:
        """The upstream id of the user (`u`) or group (`g`) in the path."""
        try:
            return raw_of(self.ids["member"], letter)
        except BadId as error:
            raise KloudlessError("not_found") from error

    # Parameters -----------------------------------------------------------------------------

    def text(self, name: str) -> str | None:
        """A query parameter, None when it is absent or empty."""
        return self.request.query_params.get(name) or None

    def flag(self, name: str) -> bool | None:
        """A boolean query parameter: True, true and false all occur in official code."""
        text = self.text(name)
        if text is None:
            return None
        if text.lower() in _TRUE:
            return True
        if text.lower() in _FALSE:
            return False
        raise invalid(f"{name} is true or false.")

    def number(self, name: str, default: int, biggest: int | None = None) -> int:
        """A whole number from 1 on."""
        text = self.text(name)
        if text is None:
            return default
        number = int(text) if text.isascii() and text.isdigit() and len(text) < 12 else 0  # noqa: PLR2004  # longer is no page
        if number < 1 or (biggest is not None and number > biggest):
            raise invalid(f"{name} is a number from 1 to {biggest or 'the last page'}.")
        return number

    def page_size(self, default: int) -> int:
        """`page_size`, 1 to 1000."""
        return self.number("page_size", default, BIGGEST_PAGE)

    def instant(self, name: str) -> datetime | None:
        """A time (ISO 8601); without an offset it is UTC."""
        text = self.text(name)
        if text is None:
            return None
        try:
            instant = datetime.fromisoformat(text.replace(" ", "+"))
        except ValueError as error:
            raise invalid(f"{name} is not an ISO 8601 time.") from error
        return instant.replace(tzinfo=instant.tzinfo or UTC).astimezone(UTC)

    async def json(self) -> dict[str, Any]:
        """The JSON object in the body; an empty body is an empty object."""
        raw = await self.request.body()
        if not raw.strip():
            return {}
        try:
            body = orjson.loads(raw)
        except orjson.JSONDecodeError as error:
            raise KloudlessError("bad_request", "The body is not JSON.") from error
        if not isinstance(body, dict):
            raise KloudlessError("bad_request", "The body must be a JSON object.")
        return body


def _clean(text: str) -> bool:
    return bool(text) and text.isascii() and text.isprintable()


def envelope(objects: list[dict[str, Any]], api: str, **more: Any) -> dict[str, Any]:
    """The list envelope: objects, count, type and api, and what the family of endpoint adds."""
    return {
        "objects": objects,
        "count": len(objects),
        "type": "object_list",
        "api": api,
        **more,
    }


def numbered(objects: list[Any], page: int, size: int) -> list[Any]:
    """One numbered page. Raises not_found past the end, as the official clients expect."""
    found = objects[(page - 1) * size : page * size]
    if page > 1 and not found:
        raise KloudlessError("not_found", "There is no such page.")
    return found
