"""The Box API as this project uses it: identity, users, groups, content, webhooks, plain GET.

Every call carries a token of the source it was made with, is charged to the Box user it runs as,
and raises one of BoxApiError, TokenError, Unreachable, RateLimited. Nothing here writes to Box but
the webhook calls. Source: Box API reference and its OpenAPI document.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import httpx

from lib.box.api_errors import box_error
from lib.box.tokens.auth import Token, TokenSource
from lib.http import (
    SAFE_METHODS,
    CallContext,
    Closing,
    ListEnd,
    Priority,
    read_list,
    read_object,
    segment,
    send,
)
from lib.settings.profiles import BOX_API_URL

_UNAUTHORIZED: Final = 401
MAX_LIMIT: Final = 1000
# Box refuses offsets beyond this; what lies further needs a marker.
MAX_OFFSET: Final = 10_000


@dataclass(frozen=True, slots=True)
class EntryPage:
    """One page of a list: entries as Box sent them and how to ask for the next.

    `limit` is the one Box used (it cuts larger ones). `total` is only known with offsets, and the
    number of visible entries may be smaller. `next_offset` and `next_marker` are None at the end.
    """

    entries: tuple[Mapping[str, Any], ...]
    limit: int
    total: int | None = None
    next_offset: int | None = None
    next_marker: str | None = None


class BoxClient(Closing):
    """Box, as the one identity of its tokens.

    `api_url` is without a slash at the end. `http` is shared and closed by whoever made it, or by
    `close`.
    """

    def __init__(
        self,
        http: httpx.Client,
        tokens: TokenSource,
        *,
        api_url: str = BOX_API_URL,
        as_user_id: str | None = None,
        priority: Priority = Priority.PAGES,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self.http = http
        self.tokens = tokens
        self.api_url = api_url.rstrip("/")
        self.as_user_id = as_user_id
        self.priority = priority
        self.headers = dict(headers or {})

    def as_user(self, user_id: str) -> "BoxClient":
        """The same client, acting as a managed or app user of the enterprise (As-User)."""
        return self._like(as_user_id=user_id)

    def with_headers(self, headers: Mapping[str, str]) -> "BoxClient":
        """The same client with headers of its own on every call, such as `Box-Notifications`."""
        return self._like(headers={**self.headers, **headers})

    def in_background(self) -> "BoxClient":
        """The same client for background work, which leaves a share of the budget to pages."""
        return self._like(priority=Priority.BACKGROUND)

    # -- plain calls -------------------------------------------------------------------------

    def request(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        json: Any = None,
        headers: Mapping[str, str] | None = None,
        raise_errors: bool = True,
    ) -> httpx.Response:
        """One call; `path` begins with `/2.0/`. Parameters that are None are left out.

        A refused token (401) is replaced once, for reading calls. With `raise_errors` False an
        answer with an error status comes back as it is.
        """
        patient = self.priority is Priority.BACKGROUND
        token = self.tokens.token(patient=patient)
        response = self._send(method, path, token, params=params, json=json, headers=headers)
        if (
            response.status_code == _UNAUTHORIZED
            and method in SAFE_METHODS
            and self.tokens.renewable
        ):
            self.tokens.invalidate(token)
            token = self.tokens.token(patient=patient)
            response = self._send(method, path, token, params=params, json=json, headers=headers)
        if response.is_error and raise_errors:
            raise box_error(response, path=path, as_user=self.as_user_id is not None)
        return response

    def get(self, path: str, params: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """The JSON object that a GET answers with; `path` begins with `/2.0/`."""
        return read_object(self.request("GET", path, params=params))

    # -- who am I ----------------------------------------------------------------------------

    def me(self, fields: Sequence[str] = ("id", "name", "login", "role", "enterprise")) -> Any:
        """The user that the calls run as."""
        return self.get("/2.0/users/me", {"fields": _fields(fields)})

    # -- people ------------------------------------------------------------------------------

    def user(self, user_id: str, fields: Sequence[str] = ()) -> dict[str, Any]:
        """One user of the enterprise."""
        return self.get(f"/2.0/users/{segment(user_id)}", {"fields": _fields(fields)})

    def users_page(
        self,
        *,
        limit: int = 100,
        offset: int | None = None,
        marker: str | None = None,
        filter_term: str | None = None,
        fields: Sequence[str] = (),
        user_type: str | None = None,
    ) -> EntryPage:
        """One page of users, by offset (up to 10,000) or else by marker.

        `filter_term` is the start of a name or login; `user_type` is all, managed or external.
        """
        params = {
            "filter_term": filter_term or None,
            "user_type": user_type,
            "fields": _fields(fields),
        }
        return self._page("/2.0/users", params, limit=limit, offset=offset, marker=marker)

    def users(
        self,
        *,
        limit: int = MAX_LIMIT,
        filter_term: str | None = None,
        fields: Sequence[str] = (),
        user_type: str | None = None,
    ) -> Iterator[EntryPage]:
        """Every page of users, by marker."""
        marker: str | None = None
        end = ListEnd(self.api_url)
        while True:
            page = self.users_page(
                limit=limit,
                marker=marker,
                filter_term=filter_term,
                fields=fields,
                user_type=user_type,
            )
            yield page
            marker = page.next_marker
            if marker is None:
                return
            end.go_on(marker)

    def groups_page(
        self,
        *,
        limit: int = 100,
        offset: int = 0,
        filter_term: str | None = None,
        fields: Sequence[str] = (),
    ) -> EntryPage:
        """One page of groups."""
        params = {"filter_term": filter_term or None, "fields": _fields(fields)}
        return self._page("/2.0/groups", params, limit=limit, offset=offset)

    def groups(self, *, limit: int = MAX_LIMIT, fields: Sequence[str] = ()) -> Iterator[EntryPage]:
        """Every page of groups."""
        return self._offset_pages("/2.0/groups", {"fields": _fields(fields)}, limit)

    def group_memberships(self, group_id: str, *, limit: int = MAX_LIMIT) -> Iterator[EntryPage]:
        """Every page of the memberships of a group."""
        return self._offset_pages(f"/2.0/groups/{segment(group_id)}/memberships", {}, limit)

    def user_memberships(self, user_id: str, *, limit: int = MAX_LIMIT) -> Iterator[EntryPage]:
        """Every page of the memberships of a user."""
        return self._offset_pages(f"/2.0/users/{segment(user_id)}/memberships", {}, limit)

    # -- content -----------------------------------------------------------------------------

    def folder(self, folder_id: str, fields: Sequence[str] = ()) -> dict[str, Any]:
        """One folder; `0` is the root of the calling identity."""
        return self.get(f"/2.0/folders/{segment(folder_id)}", {"fields": _fields(fields)})

    def folder_items(
        self,
        folder_id: str,
        *,
        limit: int = 100,
        offset: int | None = None,
        marker: str | None = None,
        fields: Sequence[str] = (),
        sort: str | None = None,
        direction: str | None = None,
    ) -> EntryPage:
        """One page of a folder's items; `sort` (id, name, date, size) only works with an offset."""
        params = {"fields": _fields(fields), "sort": sort, "direction": direction}
        path = f"/2.0/folders/{segment(folder_id)}/items"
        return self._page(path, params, limit=limit, offset=offset, marker=marker)

    def file(self, file_id: str, fields: Sequence[str] = ()) -> dict[str, Any]:
        """One file's metadata."""
        return self.get(f"/2.0/files/{segment(file_id)}", {"fields": _fields(fields)})

    def recent_items(
        self, *, limit: int = 100, marker: str | None = None, fields: Sequence[str] = ()
    ) -> EntryPage:
        """One page of the calling user's recent items."""
        params = {"fields": _fields(fields), "marker": marker or None, "limit": limit}
        return _page_of(self.request("GET", "/2.0/recent_items", params=params), limit)

    def search(
        self,
        query: str,
        *,
        limit: int = 30,
        offset: int = 0,
        fields: Sequence[str] = (),
        **filters: str | None,
    ) -> EntryPage:
        """One page of search results (200 at most); filters by their names in Box's reference."""
        params = {"query": query, "fields": _fields(fields), **filters}
        return self._page("/2.0/search", params, limit=limit, offset=offset)

    # -- webhooks (V2) -----------------------------------------------------------------------

    def webhooks_page(self, *, limit: int = 100, marker: str | None = None) -> EntryPage:
        """One page of the webhooks that this app and identity can see: ids and targets only."""
        params = {"limit": limit, "marker": marker or None}
        return _page_of(self.request("GET", "/2.0/webhooks", params=params), limit)

    def webhook(self, webhook_id: str) -> dict[str, Any]:
        """One webhook with address and triggers."""
        return self.get(f"/2.0/webhooks/{segment(webhook_id)}")

    def create_webhook(
        self, *, target_type: str, target_id: str, address: str, triggers: Sequence[str]
    ) -> dict[str, Any]:
        """Create a webhook on a file or folder."""
        body = {
            "target": {"type": target_type, "id": target_id},
            "address": address,
            "triggers": list(triggers),
        }
        return read_object(self.request("POST", "/2.0/webhooks", json=body))

    def update_webhook(
        self,
        webhook_id: str,
        *,
        address: str | None = None,
        triggers: Sequence[str] | None = None,
        target: Mapping[str, str] | None = None,
    ) -> dict[str, Any]:
        """Change a webhook; triggers replace the whole list."""
        requested = {
            "address": address,
            "triggers": None if triggers is None else list(triggers),
            "target": None if target is None else dict(target),
        }
        body = {name: value for name, value in requested.items() if value is not None}
        return read_object(self.request("PUT", f"/2.0/webhooks/{segment(webhook_id)}", json=body))

    def delete_webhook(self, webhook_id: str) -> None:
        """Remove a webhook."""
        self.request("DELETE", f"/2.0/webhooks/{segment(webhook_id)}")

    # -- inside ------------------------------------------------------------------------------

    def _like(self, **changes: Any) -> "BoxClient":
        kept = {
            "api_url": self.api_url,
            "as_user_id": self.as_user_id,
            "priority": self.priority,
            "headers": self.headers,
        }
        return BoxClient(self.http, self.tokens, **{**kept, **changes})

    def _send(
        self,
        method: str,
        path: str,
        token: Token,
        *,
        params: Mapping[str, Any] | None,
        json: Any,
        headers: Mapping[str, str] | None,
    ) -> httpx.Response:
        requested = {**self.headers, **(headers or {})}
        requested["Authorization"] = f"Bearer {token.value.reveal()}"
        identity = self.tokens.identity
        if self.as_user_id is not None:
            requested["As-User"] = self.as_user_id
            identity = f"{identity}|as:{self.as_user_id}"
        return send(
            self.http,
            method,
            self.api_url + path,
            params=params,
            json=json,
            headers=requested,
            context=CallContext(identity=identity, priority=self.priority),
        )

    def _page(
        self,
        path: str,
        params: Mapping[str, Any],
        *,
        limit: int,
        offset: int | None = None,
        marker: str | None = None,
    ) -> EntryPage:
        place: dict[str, Any] = (
            {"offset": offset}
            if offset is not None
            else {"usemarker": "true", "marker": marker or None}
        )
        response = self.request("GET", path, params={**params, "limit": limit, **place})
        return _page_of(response, limit)

    def _offset_pages(
        self, path: str, params: Mapping[str, Any], limit: int
    ) -> Iterator[EntryPage]:
        offset: int | None = 0
        end = ListEnd(self.api_url)
        while offset is not None:
            page = self._page(path, params, limit=limit, offset=offset)
            yield page
            offset = page.next_offset
            if offset is not None:
                end.go_on(str(offset))


def _page_of(response: httpx.Response, asked_limit: int) -> EntryPage:
    body, found = read_list(response, "entries")
    limit = _whole(body.get("limit")) or asked_limit
    total = _whole(body.get("total_count"))
    offset = _whole(body.get("offset"))
    next_offset = None
    if offset is not None and total is not None and found:
        # By the answer's limit, not by the number of entries: some may be hidden from us.
        following = offset + limit
        next_offset = following if following < min(total, MAX_OFFSET + 1) else None
    return EntryPage(
        entries=tuple(found),
        limit=limit,
        total=total,
        next_offset=next_offset,
        next_marker=body.get("next_marker") or None,
    )


def _whole(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _fields(names: Sequence[str]) -> str | None:
    return ",".join(names) or None
