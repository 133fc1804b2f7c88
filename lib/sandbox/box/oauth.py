"""`/oauth2/token` and `/oauth2/revoke`: the five grants, their checks and their errors.

Facts: Box API reference, sections 3.2, 3.3 and 3.9; order of the checks as 3.3 proposes.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from lib.sandbox.box import apps, register
from lib.sandbox.box.answers import BoxRoute, TransportWords, token_error
from lib.sandbox.box.apps import Access, App, Method
from lib.sandbox.box.assertions import AssertedSubject, Unacceptable, checked, invalid
from lib.sandbox.box.callers import DOWNSCOPE, DOWNSCOPE_READ, DOWNSCOPE_WRITE, READ, scopes_of
from lib.sandbox.box.faults import TOKEN_ERRORS, USER_TOKENS_OFF
from lib.sandbox.box.items import mini
from lib.sandbox.box.memory import memory_of
from lib.sandbox.box.tokens import Session, Token
from lib.sandbox.state import State
from lib.sandbox.wire import Json, disturbed

JWT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
CCG = "client_credentials"
CODE = "authorization_code"
REFRESH = "refresh_token"  # the name of a grant
EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
ACCESS_TYPE = "urn:ietf:params:oauth:token-type:access_token"
MOST_BYTES, MOST_FIELDS = 1_000_000, 1000
METHODS: Mapping[str, Method] = {
    JWT: Method.JWT,
    CCG: Method.CCG,
    CODE: Method.OAUTH,
    REFRESH: Method.OAUTH,
}
FIELDS: Mapping[str, tuple[str, ...]] = {
    JWT: ("client_id", "client_secret", "assertion"),
    CCG: ("client_id", "client_secret", "box_subject_type", "box_subject_id"),
    CODE: ("client_id", "client_secret", "code"),
    REFRESH: ("client_id", "client_secret", "refresh_token"),
    EXCHANGE: ("subject_token", "subject_token_type", "scope"),
}
# Unrestricted tokens for these would be worse than none.
NOT_SERVED = "box_shared_link and actor_token are not served by this sandbox"
MISSING = "Invalid grant_type parameter or parameter missing"
WRONG_CLIENT = "The client credentials are invalid"
WRONG_GRANT = "The grant type is unauthorized for this client_id"
WRONG_CREDENTIALS = "Grant credentials are invalid"
NOT_AUTHORIZED = "This app is not authorized by the enterprise admin"
NO_USER_TOKEN = "Cannot obtain user token based on the enterprise configuration for your app"  # noqa: S105  # Box's words
NO_TOKEN = "Cannot obtain token based on the enterprise configuration for your app"  # noqa: S105  # Box's words
WRONG_SUBJECT_TYPE = 'The "box_subject_type" value is unauthorized for this client_id'
WRONG_SUB = "Please check the 'sub' claim. The 'sub' specified is invalid."

Form = Mapping[str, str]


def _require(form: Form, names: tuple[str, ...] | None) -> None:
    """Refuses a form that lacks one of the fields, or (None) whose grant is unknown."""
    if names is None or any(not form.get(name) for name in names):
        raise Unacceptable("invalid_request", MISSING)


class _Desk:
    """The token endpoint of one sandbox."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._memory = memory_of(state)
        self._grants: Mapping[str, Callable[[Form], dict[str, Any]]] = {
            JWT: self._by_assertion,
            CCG: self._by_client_credentials,
            CODE: self._by_code,
            REFRESH: self._by_refresh_token,
            EXCHANGE: self._by_exchange,
        }

    def token(self, form: Form) -> Response:
        """The answer to a token request."""
        client_id = form.get("client_id")
        for name, (error, description, status) in TOKEN_ERRORS.items():
            if self._state.faults.take(name, client_id):
                return token_error(error, description, status)
        try:
            grant = form.get("grant_type", "")
            _require(form, FIELDS.get(grant))
            body = self._grants[grant](form)
        except Unacceptable as no:
            return token_error(no.error, no.description, no.status)
        return Json(body, headers={"cache-control": "no-store"})

    def revoke(self, form: Form) -> Response:
        """Ends the log-in that a token belongs to; a token nobody knows is no fault."""
        try:
            _require(form, ("token",))
            session = self._revocable(form)
        except Unacceptable as no:
            return token_error(no.error, no.description, no.status)
        if session is not None:
            session.ended = True
        return Response(status_code=200)

    def _revocable(self, form: Form) -> Session | None:
        app = self._client({**form, "grant_type": ""})
        session = self._memory.tokens.session_of(form["token"])
        if session is not None and session.app.client_id != app.client_id:
            raise Unacceptable("invalid_client", WRONG_CLIENT)
        return session

    def _client(self, form: Form) -> App:
        app = register.app_of(self._state, form.get("client_id"))
        if app is None or form.get("client_secret") != app.client_secret:
            if form.get("grant_type") == CCG:
                raise invalid(WRONG_CREDENTIALS)
            raise Unacceptable("invalid_client", WRONG_CLIENT)
        grant = form.get("grant_type", "")
        if METHODS.get(grant, app.method) is not app.method:
            raise Unacceptable("unauthorized_client", WRONG_GRANT)
        return app

    def _issued(self, app: App, person_id: str, *, refresh: bool = False) -> dict[str, Any]:
        session = Session(app, person_id)
        token = self._memory.tokens.issue(session, app.scopes)
        return self._answer(token, refresh=refresh)

    def _answer(self, token: Token, *, refresh: bool = False) -> dict[str, Any]:
        body: dict[str, Any] = {
            "access_token": token.value,
            "expires_in": round(token.ends_at - self._state.monotonic()),
            "restricted_to": list(token.restricted_to),
            "token_type": "bearer",
        }
        if refresh:
            body["refresh_token"] = self._memory.tokens.issue_refresh(token.session, token.scopes)
        return body

    def _now(self, app: App) -> datetime:
        return self._state.now(app.client_id)

    def _by_assertion(self, form: Form) -> dict[str, Any]:
        app = self._client(form)
        subject = checked(form["assertion"], app, self._now(app), self._memory)
        if subject.kind == "enterprise":
            return self._issued(app, self._service_account(app, subject))
        return self._issued(app, self._user(app, subject))

    def _service_account(self, app: App, subject: AssertedSubject) -> str:
        world = self._state.world
        known = {world.enterprise.id, world.second_enterprise.id}
        if subject.id not in known:
            raise invalid(WRONG_SUB)
        if not app.authorized or subject.id != world.enterprise.id:
            raise Unacceptable("unauthorized_client", NOT_AUTHORIZED)
        if app.disabled:
            raise Unacceptable("invalid_request", NO_TOKEN)
        return apps.service_account(world, app).id

    def _user(self, app: App, subject: AssertedSubject) -> str:
        person = self._state.world.person(subject.id)
        home = self._state.world.enterprise.id
        if person is None or person.kind == "external" or person.enterprise_id != home:
            raise invalid(WRONG_SUB)
        if not app.authorized:
            raise Unacceptable("unauthorized_client", NOT_AUTHORIZED)
        managed = person.kind != "app_user"
        out_of_reach = managed and app.access is Access.APP
        if out_of_reach or person.kind == "service" or app.disabled or self._no_user_tokens(app):
            raise Unacceptable("invalid_request", NO_USER_TOKEN)
        return person.id

    def _no_user_tokens(self, app: App) -> bool:
        struck = self._state.faults.take(USER_TOKENS_OFF, app.client_id) is not None
        return struck or not app.user_tokens

    def _by_client_credentials(self, form: Form) -> dict[str, Any]:
        app = self._client(form)
        kind, subject = form["box_subject_type"], form["box_subject_id"]
        world = self._state.world
        if kind not in ("enterprise", "user"):
            raise Unacceptable("invalid_request", MISSING)
        if not app.authorized:
            raise invalid(WRONG_CREDENTIALS)
        if kind == "enterprise":
            if subject != world.enterprise.id:
                raise invalid(WRONG_CREDENTIALS)
            return self._issued(app, apps.service_account(world, app).id)
        person = world.person(subject)
        strange = person is None or person.kind in ("external", "service")
        if person is None or strange or self._no_user_tokens(app):
            raise invalid(WRONG_CREDENTIALS)
        if app.access is Access.APP and person.kind != "app_user":
            raise Unacceptable("unauthorized_client", WRONG_SUBJECT_TYPE)
        return self._issued(app, person.id)

    def _by_code(self, form: Form) -> dict[str, Any]:
        app = self._client(form)
        tokens = self._memory.tokens
        code = tokens.code(form["code"])
        if code is None or code.session.app.client_id != app.client_id or code.used:
            if code is not None and code.used:
                code.session.ended = True  # a code seen twice was stolen (RFC 6749, 4.1.2)
            raise invalid("The authorization code is invalid")
        if tokens.expired(code):
            raise invalid("The authorization code has expired")
        # Box's own SDK sends no redirect_uri here, so only a wrong one is refused.
        if form.get("redirect_uri", code.redirect_uri) != code.redirect_uri:
            raise invalid("The redirect_uri does not match the one of the authorization request")
        code.used = True
        return self._answer(tokens.issue(code.session, code.scopes), refresh=True)

    def _by_refresh_token(self, form: Form) -> dict[str, Any]:
        app = self._client(form)
        tokens = self._memory.tokens
        old = tokens.refresh(form["refresh_token"])
        if old is None or old.session.app.client_id != app.client_id or old.session.ended:
            raise invalid("Invalid refresh token")
        if old.used or tokens.expired(old):
            raise invalid("Refresh token has expired")
        old.used = True
        return self._answer(tokens.issue(old.session, old.scopes), refresh=True)

    def _by_exchange(self, form: Form) -> dict[str, Any]:
        subject = self._memory.tokens.find(form["subject_token"])
        if form["subject_token_type"] != ACCESS_TYPE:
            raise Unacceptable("invalid_request", MISSING)
        if subject is None:
            raise invalid("Invalid subject token")
        if form.get("client_id") and form["client_id"] != subject.client_id:
            raise Unacceptable("invalid_client", WRONG_CLIENT)
        if form.get("box_shared_link") or form.get("actor_token"):
            raise Unacceptable("invalid_request", NOT_SERVED)
        requested = frozenset(form["scope"].split())
        if not requested <= self._grantable(subject):
            said = "The subject_token does not have all of the requested scopes"
            raise Unacceptable("invalid_scope", said, 401)
        token = self._memory.tokens.issue(
            subject.session,
            requested,
            seconds=subject.ends_at - self._state.monotonic(),
            restricted_to=self._restrictions(subject, requested, form.get("resource")),
        )
        return {**self._answer(token), "issued_token_type": ACCESS_TYPE}

    def _grantable(self, subject: Token) -> frozenset[str]:
        existing = scopes_of(self._state, subject)
        if apps.WRITE in existing:
            return existing | DOWNSCOPE
        if existing & READ:
            return existing | (DOWNSCOPE - DOWNSCOPE_WRITE) | (DOWNSCOPE_READ - {"base_upload"})
        return existing

    def _restrictions(
        self, subject: Token, requested: frozenset[str], resource: str | None
    ) -> tuple[dict[str, Any], ...]:
        if resource is None:
            return tuple({"scope": scope} for scope in sorted(requested))
        parts = urlsplit(resource)
        hosts = ("api.box.com", urlsplit(self._state.settings.base_url).hostname)
        path = parts.path if parts.hostname in hosts else ""
        kind, _, item_id = path.removeprefix("/2.0/").partition("/")
        types = {"files": "file", "folders": "folder"}
        world = self._state.world
        person = world.person(subject.session.person_id)
        item = world.item(types[kind], item_id) if kind in types else None
        if item is None or person is None or item.item_status != "active":
            raise Unacceptable("invalid_request", "Invalid resource", 400)
        if not world.visible(replace(person, scope=subject.session.app.visitor), item):
            raise Unacceptable("invalid_request", "Invalid resource", 400)
        return tuple({"scope": scope, "object": mini(item)} for scope in sorted(requested))


async def form_of(request: Request) -> dict[str, str]:
    """The fields of a form; none when the body is no form, too large or has too many fields."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    body = await request.body()
    if kind != "application/x-www-form-urlencoded" or len(body) > MOST_BYTES:
        return {}
    try:
        text = body.decode()
        return dict(parse_qsl(text, keep_blank_values=True, max_num_fields=MOST_FIELDS))
    except ValueError:
        return {}


def routes(state: State) -> list[Route]:
    """The two addresses."""
    desk = _Desk(state)

    def served(path: str, work: Callable[[Form], Response]) -> Route:
        async def serve(request: Request) -> Response:
            form = await form_of(request)

            async def answer() -> Response:
                return work(form)

            known = register.known_client_id(state, form.get("client_id"))
            return await disturbed(state, request, known, TransportWords(), answer)

        return BoxRoute(path, serve, methods=["POST"])

    return [served("/oauth2/token", desk.token), served("/oauth2/revoke", desk.revoke)]
