"""The Kloudless API (v1) as this project uses it: accounts, team, storage, pass-through.

The base address is the host's own appliance: Kloudless's hosted service is gone. Paths end with a
slash, as its own JavaScript SDK sends them. Every call raises one of KloudlessApiError,
Unreachable, RateLimited. Source: the published Kloudless SDKs and documentation archives.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final
from urllib.parse import urlsplit

import httpx
import orjson

from lib.core.errors import ConfigurationError, Who
from lib.core.redaction import Secret
from lib.http import CallContext, Closing, ListEnd, Priority, malformed, read_object, segment, send
from lib.kloudless.api_errors import ObjectPage, kloudless_error, page_of

MAX_PAGE_SIZE: Final = 1000
AS_USER: Final = "X-Kloudless-As-User"
RAW_HEADERS: Final = "X-Kloudless-Raw-Headers"
RAW_METHOD: Final = "X-Kloudless-Raw-Method"
RAW_URI: Final = "X-Kloudless-Raw-URI"
_PEOPLE: Final = frozenset({"user", "group"})


class KloudlessClient(Closing):
    """One Kloudless application (with its API key) or one account (with its Bearer token).

    `base_url` ends in the version (`https://kloudless.example.com/v1`). Account ids are text here;
    `me` is the account of a Bearer token.
    """

    def __init__(
        self,
        http: httpx.Client,
        base_url: str,
        app_id: str = "",
        *,
        api_key: Secret | None = None,
        bearer: Secret | None = None,
        priority: Priority = Priority.PAGES,
        as_user: str | None = None,
        raw_headers: Mapping[str, str] | None = None,
    ) -> None:
        if not base_url:
            raise ConfigurationError(
                "kloudless.base_url isn't set.",
                cause="Kloudless runs at your own address; there is no default.",
                fix="Enter the address of your appliance, up to and including the version.",
                who=Who.YOU,
            )
        self.http = http
        self.base_url = base_url.rstrip("/")
        self.app_id = app_id
        self.priority = priority
        self.as_user = as_user
        self.raw_headers = dict(raw_headers or {})
        self._api_key = api_key
        self._bearer = bearer

    def in_background(self) -> "KloudlessClient":
        """The same client for background work."""
        return self._like(priority=Priority.BACKGROUND)

    def acting(
        self, *, as_user: str | None = None, raw_headers: Mapping[str, str] | None = None
    ) -> "KloudlessClient":
        """The same client, every call of it as a user of the organisation and with raw headers.

        They are meant as in `request`, and a call's own go before them.
        """
        return self._like(as_user=as_user, raw_headers=raw_headers)

    # -- plain calls -------------------------------------------------------------------------

    def request(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        json: Any = None,
        headers: Mapping[str, str] | None = None,
        as_user: str | None = None,
        raw_headers: Mapping[str, str] | None = None,
        raise_errors: bool = True,
    ) -> httpx.Response:
        """One call; `path` begins with a slash and is below the base address.

        Values of an object in `json` may be secrets. `as_user` is a Kloudless user id of the team
        API; `raw_headers` are forwarded to the service behind Kloudless.
        """
        requested = dict(headers or {})
        requested.update(self.authorization())
        user, forwarded = as_user or self.as_user, {**self.raw_headers, **(raw_headers or {})}
        if user:
            requested[AS_USER] = user
        if forwarded:
            requested[RAW_HEADERS] = orjson.dumps(forwarded).decode()
        response = send(
            self.http,
            method,
            self.base_url + (path if path.endswith("/") else f"{path}/"),
            params=_query(params or {}),
            json=_revealed(json),
            headers=requested,
            context=CallContext(priority=self.priority, secrets=_secrets(json)),
        )
        if response.is_error and raise_errors:
            raise kloudless_error(response)
        return response

    def get(self, path: str, params: Mapping[str, Any] | None = None, **how: Any) -> dict[str, Any]:
        """The JSON object that a GET answers with."""
        return read_object(self.request("GET", path, params=params, **how))

    def page(self, path: str, params: Mapping[str, Any] | None = None, **how: Any) -> ObjectPage:
        """One page of a list."""
        return page_of(self.request("GET", path, params=params, **how))

    def pages(
        self, path: str, params: Mapping[str, Any] | None = None, **how: Any
    ) -> Iterator[ObjectPage]:
        """Every page of a list that tells its `next_page`."""
        following: str | None = None
        end = ListEnd(self.base_url)
        while True:
            page = self.page(path, {**(params or {}), "page": following}, **how)
            yield page
            following = page.next_page
            if following is None:
                return
            end.go_on(following)

    def authorization(self) -> dict[str, str]:
        """The header that proves who calls. Raises ConfigurationError without any credential."""
        if self._bearer:
            return {"Authorization": f"Bearer {self._bearer.reveal()}"}
        if self._api_key:
            return {"Authorization": f"APIKey {self._api_key.reveal()}"}
        raise ConfigurationError(
            "kloudless.api_key isn't set.",
            cause="Kloudless requires the application's API key or an account's token.",
            fix="Copy an API key from the App Details page of your Kloudless application.",
            who=Who.YOU,
        )

    # -- accounts ----------------------------------------------------------------------------

    def accounts(
        self,
        *,
        page: int = 1,
        page_size: int = 100,
        enabled: bool | None = None,
        admin: bool | None = None,
        search: str | None = None,
    ) -> ObjectPage:
        """One page of the connected accounts, counted from 1; `total` is told."""
        return self.page(
            "/accounts",
            {
                "page": page,
                "page_size": page_size,
                "enabled": enabled,
                "admin": admin,
                "search": search or None,
            },
        )

    def all_accounts(
        self, *, page_size: int = MAX_PAGE_SIZE, **filters: Any
    ) -> Iterator[ObjectPage]:
        """Every page of accounts, by page numbers."""
        number, seen = 1, 0
        end = ListEnd(self.base_url)
        while True:
            page = self.accounts(page=number, page_size=page_size, **filters)
            yield page
            seen += len(page.objects)
            if not page.objects or (page.total is not None and seen >= page.total):
                return
            if page.total is None and len(page.objects) < page_size:
                return
            # numbers always rise: a server that ignores them is known by what it lists
            end.go_on(",".join(str(account.get("id")) for account in page.objects))
            number += 1

    def account(self, account_id: str, *, full: bool = True) -> dict[str, Any]:
        """One account; `full` adds its properties, with the capabilities."""
        return self.get(f"/accounts/{segment(account_id)}", {"retrieve_full": full})

    def import_account(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Bring an account in with tokens that somebody else obtained; see `importing.body`.

        Kloudless doesn't try the token now: prove the account by a call.
        """
        return read_object(self.request("POST", "/accounts", json=body))

    def patch_account(self, account_id: str, changes: Mapping[str, Any]) -> dict[str, Any]:
        """Change an account (`enabled`, `account`, tokens)."""
        answer = self.request("PATCH", f"/accounts/{segment(account_id)}", json=changes)
        return read_object(answer)

    def delete_account(self, account_id: str) -> None:
        """Remove an account from the application and end its tokens."""
        self.request("DELETE", f"/accounts/{segment(account_id)}")

    # -- team (admin accounts) ---------------------------------------------------------------

    def team_users(
        self, account_id: str, *, page_size: int = MAX_PAGE_SIZE
    ) -> Iterator[ObjectPage]:
        """Every page of the users of the organisation."""
        return self.pages(f"/accounts/{segment(account_id)}/team/users", {"page_size": page_size})

    def team_user(self, account_id: str, user_id: str) -> dict[str, Any]:
        """One user of the organisation."""
        return self.get(f"/accounts/{segment(account_id)}/team/users/{segment(user_id)}")

    # -- storage -----------------------------------------------------------------------------

    def folder(
        self, account_id: str, folder_id: str = "root", *, as_user: str | None = None
    ) -> dict[str, Any]:
        """One folder's metadata; `root` is the account's root."""
        path = f"/accounts/{segment(account_id)}/storage/folders/{segment(folder_id)}"
        return self.get(path, as_user=as_user)

    def folder_contents(
        self,
        account_id: str,
        folder_id: str = "root",
        *,
        page: str | None = None,
        page_size: int = 100,
        as_user: str | None = None,
    ) -> ObjectPage:
        """One page of a folder's children; ask for the next with its `next_page`."""
        path = f"/accounts/{segment(account_id)}/storage/folders/{segment(folder_id)}/contents"
        return self.page(path, {"page": page, "page_size": page_size}, as_user=as_user)

    def file(self, account_id: str, file_id: str, *, as_user: str | None = None) -> dict[str, Any]:
        """One file's metadata."""
        path = f"/accounts/{segment(account_id)}/storage/files/{segment(file_id)}"
        return self.get(path, as_user=as_user)

    def recent(
        self,
        account_id: str,
        *,
        page: int = 1,
        page_size: int = 100,
        after: str | None = None,
        as_user: str | None = None,
    ) -> ObjectPage:
        """One page of the files that changed lately, newest first."""
        params = {"page": page, "page_size": page_size, "after": after}
        return self.page(f"/accounts/{segment(account_id)}/storage/recent", params, as_user=as_user)

    def search(
        self,
        account_id: str,
        query: str,
        *,
        page: str | None = None,
        page_size: int = 100,
        parents: Sequence[str] = (),
        as_user: str | None = None,
    ) -> ObjectPage:
        """One page of search results."""
        params = {
            "q": query,
            "page": page,
            "page_size": page_size,
            "parents": ",".join(parents) or None,
        }
        return self.page(f"/accounts/{segment(account_id)}/storage/search", params, as_user=as_user)

    def encode_raw_id(self, account_id: str, raw_id: str, kind: str) -> str:
        """Kloudless's id for an id of the service behind it; `kind` is file, folder, user or group.

        It only converts: nothing is written. Raises Unreachable (malformed) for an answer
        without an id.
        """
        body = {"raw_id": raw_id, "type": kind, "api": "team" if kind in _PEOPLE else "storage"}
        path = f"/accounts/{segment(account_id)}/encode_raw_id"
        answer = self.request("POST", path, json=body)
        found = read_object(answer).get("id")
        if not isinstance(found, str) or not found:
            raise malformed(answer, "it has no id")
        return found

    # -- pass-through ------------------------------------------------------------------------

    def raw(
        self,
        account_id: str,
        method: str,
        uri: str,
        *,
        headers: Mapping[str, str] | None = None,
        as_user: str | None = None,
        body: Any = None,
        raise_errors: bool = False,
    ) -> httpx.Response:
        """Whatever the service behind Kloudless answers; `uri` is relative, as `/2.0/users/me`.

        It is a POST to Kloudless whatever `method` says, so it is never repeated blindly. An error
        status may be Kloudless's or the service's own, so the answer comes back as it is.
        """
        parts = urlsplit(uri)
        if parts.scheme or parts.netloc or not uri.startswith("/"):
            msg = "a pass-through address is relative and begins with a slash"
            raise ValueError(msg)
        return self.request(
            "POST",
            f"/accounts/{segment(account_id)}/raw",
            json=body,
            headers={RAW_URI: uri, RAW_METHOD: method.upper()},
            as_user=as_user,
            raw_headers=headers,
            raise_errors=raise_errors,
        )

    # -- inside ------------------------------------------------------------------------------

    def _like(self, **changes: Any) -> "KloudlessClient":
        kept = {
            "api_key": self._api_key,
            "bearer": self._bearer,
            "priority": self.priority,
            "as_user": self.as_user,
            "raw_headers": self.raw_headers,
        }
        return KloudlessClient(self.http, self.base_url, self.app_id, **{**kept, **changes})


def _secrets(json: Any) -> tuple[Secret, ...]:
    values = json.values() if isinstance(json, Mapping) else ()
    return tuple(value for value in values if isinstance(value, Secret))


def _revealed(json: Any) -> Any:
    """What is sent of an object whose values may be secrets."""
    if not isinstance(json, Mapping):
        return json
    return {
        name: value.reveal() if isinstance(value, Secret) else value for name, value in json.items()
    }


def _query(params: Mapping[str, Any]) -> dict[str, Any]:
    """Booleans as Kloudless's own SDKs write them."""
    return {
        name: str(value) if isinstance(value, bool) else value for name, value in params.items()
    }
