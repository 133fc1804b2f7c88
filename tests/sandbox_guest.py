"""A visitor of the sandbox for tests, and a panel of read-only questions to see what it is told.

The panel asks everything that a check would ask, and each outcome is a short text: two panels that
are equal tell that nothing changed for this visitor.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from tests.integration.sandbox.box_calls import Box, visiting_box
from tests.sandbox_kloudless import Api
from tests.sandbox_server import SandboxServer

HISTORY: Mapping[str, Any] = {
    "stream_type": "admin_logs",
    "limit": 1,
    "created_after": "2026-10-31T23:00:00Z",
}
STREAMING: Mapping[str, Any] = {
    "stream_type": "admin_logs_streaming",
    "stream_position": "now",
    "limit": 1,
}
SCOPE_WORDS = "insufficient_scope"


@dataclass(frozen=True, slots=True)
class Guest:
    """One visitor, or the apps that are always there, through both APIs."""

    box: Box
    kloudless: Api

    @property
    def client_id(self) -> str:
        """The client id of its JWT app."""
        return str(self.box.apps["main"]["client_id"])

    @property
    def app_id(self) -> str:
        """The id of its Kloudless application."""
        return str(self.kloudless.credentials["app_id"])

    @property
    def managed(self) -> str:
        """A managed user's id."""
        return str(self.box.credentials["users"]["managed"])


@contextmanager
def visiting(sandbox: SandboxServer) -> Iterator[Guest]:
    """A new visitor; its connections are closed after."""
    given = sandbox.post("/sandbox/visitors", {})
    box = visiting_box(sandbox.url, given)
    try:
        yield Guest(box, Api(box.http, given["kloudless"], given["box"]))
    finally:
        box.http.close()


Ask = Callable[[Guest, Mapping[str, str]], str]


def said(answer: httpx.Response, *keys: str) -> str:
    """What an answer says: status, reason of a refusal, and the values of some keys."""
    kind = answer.headers.get("content-type", "").partition(";")[0]
    reason = SCOPE_WORDS if SCOPE_WORDS in answer.headers.get("www-authenticate", "") else ""
    if kind == "application/json":
        body = answer.json()
        reason = body.get("code") or body.get("error_code") or body.get("error_description") or ""
        values = [str(body[key]) for key in keys if key in body]
        return " ".join([str(answer.status_code), *filter(None, [reason]), *values])
    if kind:
        return f"{answer.status_code} {kind}"
    return " ".join([str(answer.status_code), *filter(None, [reason])])


def _token(guest: Guest, _tokens: Mapping[str, str]) -> str:
    return said(guest.box.ask_by_assertion())


def _user_token(guest: Guest, _tokens: Mapping[str, str]) -> str:
    return said(guest.box.ask_by_assertion(sub=guest.managed, box_sub_type="user"))


def _box(path: str, *keys: str, as_user: bool = False, **params: Any) -> Ask:
    def ask(guest: Guest, tokens: Mapping[str, str]) -> str:
        headers = {"As-User": guest.managed} if as_user else {}
        where = path.format(**tokens)
        return said(guest.box.get(where, tokens["service"], headers=headers, **params), *keys)

    return ask


def _version(guest: Guest, tokens: Mapping[str, str]) -> str:
    headers = {"box-version": "1900.0"}
    return said(guest.box.get("/users/me", tokens["service"], headers=headers))


def _me(guest: Guest, tokens: Mapping[str, str]) -> str:
    """Who the call ran as, in the enterprise of the settings or not, active or not."""
    fields = "id,login,role,enterprise,status"
    answer = guest.box.get("/users/me", tokens["service"], fields=fields)
    reported = said(answer)
    if reported != "200":
        return reported
    body = answer.json()
    enterprise = body["enterprise"]
    own = guest.box.credentials["ccg"]["enterprise_id"]
    where = "free" if enterprise is None else "own" if enterprise["id"] == own else "other"
    return f"200 {where} {body['status']}"


def _webhooks(guest: Guest, tokens: Mapping[str, str]) -> str:
    """How many webhooks the admin has by this app."""
    answer = guest.box.get("/webhooks", tokens["admin"], limit=1)
    reported = said(answer)
    return f"200 with {len(answer.json()['entries'])}" if reported == "200" else reported


def _webhook(guest: Guest, tokens: Mapping[str, str]) -> str:
    return said(guest.box.get(f"/webhooks/{tokens['webhook']}", tokens["admin"]))


def _kloudless(path: str, *keys: str, **headers: str) -> Ask:
    named = {f"X-Kloudless-{key.replace('_', '-')}": value for key, value in headers.items()}

    def ask(guest: Guest, tokens: Mapping[str, str]) -> str:
        where = path.format(account=guest.kloudless.admin, app=guest.app_id, **tokens)
        filled = {key: value.format(**tokens) for key, value in named.items()}
        return said(guest.kloudless.call("GET", where, headers=filled), *keys)

    return ask


def _accounts(guest: Guest, _tokens: Mapping[str, str]) -> str:
    """How many accounts there are, of which organisations, and how many are enabled."""
    answer = guest.kloudless.call("GET", "/accounts", params={"page_size": 1000})
    reported = said(answer)
    if reported != "200":
        return reported
    found = answer.json()["objects"]
    admins = sum(one["admin"] for one in found)
    return f"200 {len(found)} of {admins}, {sum(one['enabled'] for one in found)} enabled"


def _raw(headers: str) -> Ask:
    def ask(guest: Guest, _tokens: Mapping[str, str]) -> str:
        given = {
            "X-Kloudless-Raw-Method": "GET",
            "X-Kloudless-Raw-URI": "/2.0/users/me",
            "X-Kloudless-Raw-Headers": headers,
        }
        path = f"/accounts/{guest.kloudless.admin}/raw"
        return said(guest.kloudless.call("POST", path, headers=given))

    return ask


def _subscription(guest: Guest, _tokens: Mapping[str, str]) -> str:
    """How many subscriptions there are; is the first active, is its cursor old?"""
    answer = guest.kloudless.call("GET", f"/accounts/{guest.kloudless.admin}/subscriptions")
    reported = said(answer)
    if reported != "200":
        return reported
    found = answer.json()["objects"]
    if not found:
        return "200 none"
    first = found[0]
    moved = datetime.now(UTC) - datetime.fromisoformat(first["last_cursor_updated_at"])
    age = "old" if moved > timedelta(hours=24) else "fresh"
    return f"200 {first['active']} {first['disable_reason']} {age}"


def _verify(guest: Guest, _tokens: Mapping[str, str]) -> str:
    headers = guest.kloudless.token(guest.kloudless.admin)
    return said(guest.kloudless.call("GET", "/oauth/token", headers=headers))


PANEL: Mapping[str, Ask] = {
    "token": _token,
    "user token": _user_token,
    "me": _me,
    "version": _version,
    "as user": _box("/users/me", as_user=True, fields="id"),
    "users": _box("/users", limit=1, fields="id"),
    "groups": _box("/groups", limit=1),
    "streaming": _box("/events", **STREAMING),
    "history": _box("/events", **HISTORY),
    "root": _box("/folders/0", "name", fields="id,name"),
    "webhooks": _webhooks,
    "webhook": _webhook,
    "gcm": _box("/search", query="a", scope="enterprise_content", limit=1, fields="id"),
    "pinners": _box("/enterprises/{enterprise}/device_pinners", limit=1),
    "catalogue": _kloudless("/public/services/box?app_id={app}"),
    "accounts": _accounts,
    "account": _kloudless("/accounts/{account}"),
    "verify": _verify,
    "k root": _kloudless("/accounts/{account}/storage/folders/root"),
    "k team": _kloudless("/accounts/{account}/team/users?page_size=1"),
    "k as user": _kloudless("/accounts/{account}/storage/folders/root", As_User="{k_user}"),
    "k raw": _raw("{}"),
    "k raw headers": _raw('{"box-version":"1900.0"}'),
    "k subscription": _subscription,
    "k cursor": _kloudless("/accounts/{account}/events?page_size=1&cursor={cursor}", "count"),
    "k events": _kloudless("/accounts/{account}/events?page_size=1", "count"),
    "k latest": _kloudless("/accounts/{account}/events/latest"),
    "k activity": _kloudless(
        "/accounts/{account}/subscriptions/default/activity?page_size=1", "count"
    ),
}


def prepared(guest: Guest) -> dict[str, str]:
    """What the panel needs, taken before anything is broken: tokens, ids, a webhook, a cursor."""
    admin, account = guest.box.credentials["developer_token"], f"/accounts/{guest.kloudless.admin}"
    team = guest.kloudless.get(f"{account}/team/users")["objects"]
    activity = f"{account}/subscriptions/default/activity"
    cursor = guest.kloudless.get(activity, params={"page_size": 1})["cursor"]
    folders = guest.box.get("/folders/0/items", admin).raise_for_status().json()["entries"]
    hook = {
        "target": {"id": folders[0]["id"], "type": "folder"},
        "address": "https://runbook.example/webhooks/box/sandbox",
        "triggers": ["FILE.UPLOADED"],
    }
    made = guest.box.get("/webhooks", admin, method="POST", json=hook).raise_for_status().json()
    return {
        "service": guest.box.token(),
        "admin": str(admin),
        "enterprise": str(guest.box.credentials["ccg"]["enterprise_id"]),
        "k_user": str(next(one["id"] for one in team if one["role"] == "user")),
        "cursor": str(cursor),
        "webhook": str(made["id"]),
    }


def outcomes(guest: Guest, tokens: Mapping[str, str]) -> dict[str, str]:
    """What each question of the panel is answered."""
    return {name: ask(guest, tokens) for name, ask in PANEL.items()}
