"""The door of this Kloudless: which call goes where, and what each must pass on its way.

`OPERATIONS` is the list of everything that is served. A path is matched with and without a slash
at its end, as official code uses both. Every refusal leaves in Kloudless's error shape.
"""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import Enum
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from lib.sandbox import wire
from lib.sandbox.kloudless import accounts, activity, oauth, public, raw, storage, team
from lib.sandbox.kloudless.call import Call, Credential
from lib.sandbox.kloudless.errors import TABLE, KloudlessError
from lib.sandbox.kloudless.faults import RATE_LIMIT, SERVER_ERROR
from lib.sandbox.kloudless.service import Kloudless

PREFIX = "/v1"
_CODES_5XX = {
    500: "internal_error",
    501: "not_implemented",
    502: "bad_gateway",
    503: "service_not_available",
    504: "gateway_timeout",
    507: "insufficient_storage",
}


class Requirement(Enum):
    """What a call must show before its handler runs."""

    NOTHING = "nothing"
    CREDENTIAL = "credential"
    ACCOUNT = "account"


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing that can be asked for. `path` is below /v1; `{x}` is a variable."""

    name: str
    method: str
    path: str
    handler: Callable[[Call], Awaitable[Response]]
    entry: Requirement = Requirement.ACCOUNT

    @property
    def pattern(self) -> re.Pattern[str]:
        """What matches the path."""
        return re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", self.path))


_A = "/accounts/{account}"
_S = f"{_A}/subscriptions"
OPERATIONS = (
    Operation("oauth.authorize", "GET", "/oauth", oauth.authorize, Requirement.NOTHING),
    Operation("oauth.decide", "POST", "/oauth", oauth.authorize, Requirement.NOTHING),
    Operation("oauth.exchange", "POST", "/oauth/token", oauth.exchange, Requirement.NOTHING),
    Operation("oauth.verify", "GET", "/oauth/token", oauth.verify, Requirement.NOTHING),
    Operation("services.list", "GET", "/public/services", public.services, Requirement.NOTHING),
    Operation(
        "services.get", "GET", "/public/services/{service}", public.service, Requirement.NOTHING
    ),
    Operation("accounts.list", "GET", "/accounts", accounts.listing, Requirement.CREDENTIAL),
    Operation("accounts.import", "POST", "/accounts", accounts.import_, Requirement.CREDENTIAL),
    Operation("accounts.get", "GET", _A, accounts.retrieve),
    Operation("accounts.update", "PATCH", _A, accounts.update),
    Operation("accounts.delete", "DELETE", _A, accounts.delete),
    Operation("accounts.encode_raw_id", "POST", f"{_A}/encode_raw_id", accounts.encode_raw_id),
    Operation("accounts.raw", "POST", f"{_A}/raw", raw.pass_through),
    Operation("storage.convert_id", "POST", f"{_A}/storage/convert_id", accounts.convert_id),
    Operation("storage.folder", "GET", f"{_A}/storage/folders/{{item}}", storage.folder),
    Operation(
        "storage.contents", "GET", f"{_A}/storage/folders/{{item}}/contents", storage.contents
    ),
    Operation("storage.file", "GET", f"{_A}/storage/files/{{item}}", storage.file),
    Operation("storage.recent", "GET", f"{_A}/storage/recent", storage.recent),
    Operation("storage.search", "GET", f"{_A}/storage/search", storage.search),
    Operation("team.users", "GET", f"{_A}/team/users", team.users),
    Operation("team.user", "GET", f"{_A}/team/users/{{member}}", team.user),
    Operation(
        "team.memberships", "GET", f"{_A}/team/users/{{member}}/memberships", team.memberships
    ),
    Operation("team.groups", "GET", f"{_A}/team/groups", team.groups),
    Operation("team.group", "GET", f"{_A}/team/groups/{{member}}", team.group),
    Operation("team.members", "GET", f"{_A}/team/groups/{{member}}/members", team.members),
    Operation("events.list", "GET", f"{_A}/events", activity.events),
    Operation("events.latest", "GET", f"{_A}/events/latest", activity.latest),
    Operation("subscriptions.list", "GET", _S, activity.subscriptions),
    Operation("subscriptions.create", "POST", _S, activity.subscribe),
    Operation("subscriptions.get", "GET", f"{_S}/{{subscription}}", activity.subscription),
    Operation("subscriptions.update", "PATCH", f"{_S}/{{subscription}}", activity.resubscribe),
    Operation("subscriptions.delete", "DELETE", f"{_S}/{{subscription}}", activity.unsubscribe),
    Operation("activity.list", "GET", f"{_S}/{{subscription}}/activity", activity.activity),
    Operation(
        "activity.latest", "GET", f"{_S}/{{subscription}}/activity/latest", activity.activity_latest
    ),
)


class Refuser:
    """How Kloudless words the faults of the transport."""

    def server_error(self, status: int, retry_after: int) -> Response:
        """The body of a 5xx."""
        code = _CODES_5XX.get(status, "internal_error")
        return KloudlessError(code, status=status, retry_after=retry_after or None).response()

    def too_many(self, retry_after: int) -> Response:
        """The 429."""
        return KloudlessError("too_many_requests", retry_after=retry_after or None).response()


class ApiGate:
    """The ASGI application below /v1."""

    def __init__(self, service: Callable[[], Kloudless]) -> None:
        self._service = service
        self._table = [(operation, operation.pattern) for operation in OPERATIONS]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one call."""
        service = self._service()
        request = Request(scope, receive)
        call = Call(request, service, Credential.read(request.headers.get("authorization")), {})
        client_id = call.client_id = _client(call)

        async def work() -> Response:
            try:
                return await self._answer(call, client_id)
            except KloudlessError as refusal:
                return refusal.response()

        if request.method == "OPTIONS" and "access-control-request-method" in request.headers:
            answer = _preflight(request)
        else:
            answer = await wire.disturbed(service.state, request, client_id, Refuser(), work)
        if "origin" in request.headers:
            answer.headers["access-control-allow-origin"] = "*"
        await answer(scope, receive, send)

    async def _answer(self, call: Call, client_id: str | None) -> Response:
        _play_faults(call, client_id)
        operation = self._find(call)
        if operation.entry is not Requirement.NOTHING:
            call.service.charge(call.identify().app_id)
        if operation.entry is Requirement.ACCOUNT:
            call.resolve()
        return await operation.handler(call)

    def _find(self, call: Call) -> Operation:
        path = call.request.scope["path"].removeprefix(PREFIX).removesuffix("/")
        others = False
        for operation, pattern in self._table:
            match = pattern.fullmatch(path)
            if match is not None:
                if operation.method == call.request.method:
                    call.ids = match.groupdict()
                    return operation
                others = True
        raise KloudlessError("method_not_allowed" if others else "not_found")


def _preflight(request: Request) -> Response:
    """What a browser asks before it calls: pickers and pop-ups call this API from pages."""
    asked = request.headers.get("access-control-request-headers", "authorization, content-type")
    return Response(
        status_code=204,
        headers={
            "access-control-allow-methods": "GET, POST, PUT, PATCH, DELETE",
            "access-control-allow-headers": asked,
        },
    )


def _client(call: Call) -> str | None:
    """The application id of a call, for faults and the log; None when nothing tells it."""
    try:
        return call.identify().app_id
    except KloudlessError:
        query = call.request.query_params
        given = query.get("client_id") or query.get("app_id")
        return given if given in call.service.apps else None


def _play_faults(call: Call, client_id: str | None) -> None:
    faults = call.service.state.faults
    limited = faults.take(RATE_LIMIT, client_id)
    if limited is not None:
        wait = int(limited.params["retry_after"])
        raise KloudlessError("too_many_requests", retry_after=wait or None)
    broken = faults.take(SERVER_ERROR, client_id)
    if broken is not None:
        status = int(broken.params["status"])
        raise KloudlessError(_CODES_5XX.get(status, "internal_error"), status=status)
    for code in TABLE:
        if faults.take(f"kloudless_{code}", client_id):
            limit = TABLE[code].status == HTTPStatus.TOO_MANY_REQUESTS
            extra = {"conflicting_resource_id": "Fconflict"} if code == "naming_conflict" else {}
            raise KloudlessError(code, retry_after=1 if limit else None, extra=extra)
