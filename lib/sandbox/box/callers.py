"""Who calls, and may they: token, call limit, box-version, scope, As-User.

`endpoint` wraps a handler so that it only ever sees a caller who was let in. Facts: Box API
reference, sections 3.8, 4.3, 4.4, 8.2 and 8.7.
"""

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from lib.sandbox.box import apps, faults, limits
from lib.sandbox.box.answers import (
    BoxError,
    BoxRoute,
    InsufficientScope,
    InvalidToken,
    TransportWords,
    Unexplained,
    no_such,
)
from lib.sandbox.box.memory import memory_of
from lib.sandbox.box.tokens import Token
from lib.sandbox.state import State
from lib.sandbox.wire import disturbed
from lib.sandbox.world import Person

READ = frozenset({apps.READ, apps.WRITE})
CREATES = frozenset({apps.WRITE, "base_upload", "item_upload"})
DELETES = frozenset({apps.WRITE, "item_delete"})
DOWNSCOPE_READ = frozenset(
    {"base_explorer", "base_picker", "base_preview", "base_sidebar", "base_upload"}
    | {"item_preview", "item_read", "item_download"}
)
DOWNSCOPE_WRITE = frozenset(
    {"annotation_edit", "base_upload", "item_delete", "item_rename", "item_share", "item_upload"}
)
DOWNSCOPE = DOWNSCOPE_READ | DOWNSCOPE_WRITE | {"annotation_view_all", "annotation_view_self"}
FILES = READ | DOWNSCOPE_READ
PEOPLE = frozenset({apps.USERS, apps.APP_USERS})
VERSION = "2024.0"
LATER_VERSION = "2025.0"
ADMINS = frozenset({"admin", "coadmin", "service"})
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody who was let in.

    `owner` is the token's person, `person` the one the call runs as; they differ with As-User.
    """

    state: State
    token: Token
    scopes: frozenset[str]
    owner: Person
    person: Person

    @property
    def app(self) -> apps.App:
        """The app that calls."""
        return self.token.session.app

    @property
    def for_another(self) -> bool:
        """Whether As-User is in play."""
        return self.owner.id != self.person.id

    @property
    def is_admin(self) -> bool:
        """Whether the call runs as an admin, a co-admin or the service account."""
        return self.person.kind in ADMINS

    def fault(self, name: str) -> bool:
        """Whether a fault strikes this call (and counts it)."""
        return self.state.faults.take(name, self.token.client_id) is not None

    def require_scope(self, requested: frozenset[str]) -> None:
        """Refuses unless the token has one of the scopes."""
        if not requested & self.scopes:
            raise self.lacks_scope()

    def lacks_scope(self) -> InsufficientScope:
        """The refusal of a call that the token may not make."""
        return InsufficientScope(spoken=self.fault("json_403"))

    def require_admin(self, lost_by: str | None = None) -> None:
        """Refuses a person without an admin's rights, or from whom a fault takes this one."""
        if not self.is_admin or (lost_by is not None and self.fault(lost_by)):
            raise BoxError(403)


Handler = Callable[[Request, Caller], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Call:
    """A handler and what its caller needs: one of `scopes` (none: any token), the version."""

    handler: Handler
    scopes: frozenset[str] = frozenset()
    version: str = VERSION
    search: bool = False


class Endpoint(BoxRoute):
    """The route of one address; `operations` are the methods that it has."""

    operations: tuple[str, ...] = ()


def endpoint(state: State, path: str, calls: Mapping[str, Call]) -> Route:
    """The route of one address, with a call for each method it has."""

    async def serve(request: Request) -> Response:
        token = memory_of(state).tokens.find(_bearer(request))
        client_id = None if token is None else token.client_id
        call = calls.get(request.method)

        async def work() -> Response:
            try:
                if token is None or state.faults.take("token_rejected", client_id):
                    raise InvalidToken  # refusals take one road out
                _play_faults(state, client_id)
                if call is None:
                    raise BoxError(405)  # noqa: TRY301  # as above
                caller = _admitted(state, request, token, call)
                return await call.handler(request, caller)
            except BoxError as refusal:
                return refusal.answer()

        return await disturbed(state, request, client_id, TransportWords(), work)

    route = Endpoint(path, serve, methods=METHODS)
    route.operations = tuple(calls)
    return route


def _play_faults(state: State, client_id: str | None) -> None:
    if state.faults.take(faults.EMPTY_403, client_id):
        raise Unexplained
    for name, (status, code, message) in faults.API_ERRORS.items():
        if state.faults.take(name, client_id):
            raise BoxError(status, code, message)


def _bearer(request: Request) -> str:
    kind, _, value = request.headers.get("authorization", "").partition(" ")
    return value.strip() if kind.lower() == "bearer" else ""


def _admitted(state: State, request: Request, token: Token, call: Call) -> Caller:
    owner = state.world.person(token.session.person_id)
    if owner is None:
        raise InvalidToken
    caller = Caller(state, token, scopes_of(state, token), owner, owner)
    requested = request.headers.get("as-user")
    person = owner if requested is None else _impersonated(caller, requested.strip())
    caller = replace(caller, person=replace(person, scope=caller.app.visitor))
    _spend(caller, call)
    _check_version(request, call.version)
    if call.scopes:
        caller.require_scope(call.scopes)
    return caller


def scopes_of(state: State, token: Token) -> frozenset[str]:
    """What a token may do now: what it was given, less and more what faults say."""
    granted = set(token.scopes)
    if state.faults.take(faults.GCM_GRANTED, token.client_id):
        granted.add(apps.GCM)
    missing = {
        scope for scope in granted if state.faults.take(f"missing_scope_{scope}", token.client_id)
    }
    if apps.READ in missing:  # who may not read can't write either
        missing.add(apps.WRITE)
    return frozenset(granted - missing)


def _impersonated(caller: Caller, requested: str) -> Person:
    """The person that As-User names, if the caller may act for them."""
    allowed = apps.ON_BEHALF in caller.scopes or (
        caller.app.method is not apps.Method.OAUTH and caller.app.as_user
    )
    if not allowed or caller.fault(faults.AS_USER_OFF):
        raise caller.lacks_scope()
    if caller.owner.kind not in ADMINS:
        raise BoxError(403)
    person = caller.state.world.person(requested)
    if person is None:
        raise no_such("user", requested)
    if person.kind in ("external", "service"):  # a Service Account not even as itself
        raise BoxError(403)
    if caller.fault(faults.AS_USER_TARGET):
        raise BoxError(403)
    if person.id == caller.owner.id:
        return person
    if caller.owner.kind == "coadmin" and person.kind in ("admin", "coadmin"):
        raise BoxError(403)
    if caller.app.access is apps.Access.APP and person.kind != "app_user":
        raise BoxError(403)
    return person


def _spend(caller: Caller, call: Call) -> None:
    state = caller.state
    if not state.settings.rate_limits:
        return
    visitor = caller.app.visitor  # no visitor uses up what others may call
    person, enterprise = (
        f"{visitor}{one}" for one in (caller.person.id, caller.person.enterprise_id)
    )
    budgets = [(person, limits.GENERAL)]
    if call.search:
        budgets += [
            (person, limits.SEARCH_SECOND),
            (person, limits.SEARCH_MINUTE),
            (enterprise, limits.SEARCH_ENTERPRISE),
        ]
    wait = memory_of(state).limiter.spend(budgets)
    if wait:
        raise BoxError(429, headers={"retry-after": str(wait)})


def _check_version(request: Request, version: str) -> None:
    said = request.headers.get("box-version")
    if said is None and version == VERSION:
        return
    if said is None:
        message = "Missing required box-version header."
    elif not said.strip():
        message = "Invalid (empty) API version specified in 'box-version' header."
    elif said == version:
        return
    elif re.fullmatch(r"20\d\d\.\d", said):
        message = (
            "Invalid API version specified in 'box-version' header. "
            f"Supported API versions: [{version}]."
        )
    else:
        message = "Unsupported API version specified in 'box-version' header."
    raise BoxError(400, "invalid_api_version", message)
