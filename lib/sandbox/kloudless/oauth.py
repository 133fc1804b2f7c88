"""OAuth 2.0 as Kloudless offers it: consent page, code exchange, token verification.

The page stands for two in real life, Kloudless's chooser and the service's own sign-in: a person
picks whom to connect and allows or denies it. Facts: Kloudless contract 4.
"""

import json
import secrets
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from starlette.responses import RedirectResponse, Response

from lib.sandbox import wire
from lib.sandbox.kloudless import consent, scopes
from lib.sandbox.kloudless.call import Call
from lib.sandbox.kloudless.errors import KloudlessError, invalid
from lib.sandbox.kloudless.faults import CONSENT_DENIED, NO_CONNECTOR
from lib.sandbox.kloudless.model import Account, Application, Code, Road, Upstream
from lib.sandbox.kloudless.wish import Wish

OOB = "urn:ietf:wg:oauth:2.0:oob"
_LOCAL = ("localhost", "127.0.0.1", "::1")
_BIG = 4096


class _Shown(Exception):
    """Told on the page itself: there is no address that it is safe to redirect to."""


class _Redirected(Exception):
    """Told to the application, by `error` and `error_description`."""

    def __init__(self, uri: str, error: str, text: str, state: str) -> None:
        super().__init__(text)
        query = {"error": error, "error_description": text}
        if state:
            query["state"] = state
        self.response = RedirectResponse(_with(uri, query), 302)


async def authorize(call: Call) -> Response:
    """GET /oauth: the consent page; POST: the person's answer to it."""
    try:
        if call.request.method == "POST":
            form = _form(await call.request.body())
            return _decide(call, _wish(call, form), form)
        wish = _wish(call, dict(call.request.query_params))
        return consent.page(call.service, wish, dict(call.request.query_params))
    except _Shown as error:
        return consent.refused(str(error))
    except _Redirected as error:
        return error.response


def _wish(call: Call, given: Mapping[str, str]) -> Wish:
    app = call.service.apps.get(given.get("client_id", ""))
    if app is None:
        raise _Shown("There is no application with this client_id.")
    kind, uri = given.get("response_type", ""), given.get("redirect_uri", "")
    if uri and uri != OOB and not _listed(app, uri):
        raise _Shown("This redirect_uri is not one of the application's.")
    if not uri and kind != "token":
        raise _Shown("redirect_uri is required.")
    state = given.get("state", "")
    back = uri if uri != OOB else ""

    def refuse(error: str, text: str) -> Exception:
        return _Redirected(back, error, text, state) if back else _Shown(text)

    if kind not in ("code", "token"):
        raise refuse("unsupported_response_type", "response_type is code or token.")
    if kind == "token" and not app.implicit_grant_enabled:
        raise refuse("unauthorized_client", "The application may not use the implicit grant.")
    if kind == "code" and uri == OOB:
        raise refuse("invalid_request", "The out-of-band flow needs response_type=token.")
    scope = given.get("scope", "") or "any"
    try:
        entries = scopes.parse(scope)
    except scopes.BadScope as error:
        raise refuse("invalid_scope", str(error)) from error
    wish = Wish(
        app,
        kind,
        uri,
        scope,
        entries,
        state,
        given.get("origin", ""),
        given.get("request_id", ""),
        _properties(given, refuse),
    )
    if not wish.services or call.service.state.faults.take(NO_CONNECTOR, app.app_id):
        raise refuse("invalid_scope", "No service of this scope is enabled.")
    return wish


def _properties(given: Mapping[str, str], refuse: Any) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for name in ("custom_properties", "form_data", "extra_data"):
        text = given.get(name, "")
        if not text:
            continue
        try:
            found = json.loads(text)
        except ValueError as error:
            raise refuse("invalid_request", f"{name} must be JSON.") from error
        if not isinstance(found, dict):
            raise refuse("invalid_request", f"{name} must be a JSON object.")
        if name == "custom_properties":
            made = found
    return made


def _listed(app: Application, uri: str) -> bool:
    """Whether an address is whitelisted; for a loopback one the port doesn't matter."""
    return any(uri == known or _portless(uri) == _portless(known) for known in app.redirect_uris)


def _portless(uri: str) -> tuple[str, ...]:
    try:
        parts = urlsplit(uri)
        host = parts.hostname or ""
        port = parts.port
    except ValueError:
        return (uri,)
    if parts.scheme != "http" or host not in _LOCAL or parts.username is not None:
        return (uri,)
    del port
    return (parts.scheme, host, parts.path, parts.query, parts.fragment)


def _with(uri: str, query: Mapping[str, str]) -> str:
    mark = "&" if urlsplit(uri).query else "?"
    return f"{uri}{mark}{urlencode(query)}"


def _decide(call: Call, wish: Wish, form: Mapping[str, str]) -> Response:
    app, state = wish.app, call.service.state
    call.request.state.client_id = app.app_id
    denied = form.get("decision") != "allow" or state.faults.take(CONSENT_DENIED, app.app_id)
    if denied:
        return _failed(wish, "access_denied", "The person denied the request.")
    person = state.world.person(form.get("person", ""))
    if person is None or form.get("service") not in wish.services:
        raise _Shown("Choose a service and a person.")
    if wish.admin and person.kind not in ("admin", "coadmin"):
        return _failed(wish, "access_denied", "This person is not an administrator.")
    account = _connect(call, wish, person)
    account.custom_properties = wish.custom_properties or account.custom_properties
    if wish.response_type == "code":
        code = secrets.token_urlsafe(24)
        rule = call.service.conventions
        call.service.codes[code] = Code(
            app.app_id,
            account.id,
            wish.redirect_uri,
            wish.scope,
            call.service.now(app.app_id) + rule.code_lifetime,
        )
        query = {"code": code} | ({"state": wish.state} if wish.state else {})
        return RedirectResponse(_with(wish.redirect_uri, query), 303)
    granted = _granted(call, account, wish.scope) | ({"state": wish.state} if wish.state else {})
    if wish.redirect_uri == OOB:
        return consent.posted(wish, granted)
    if not wish.redirect_uri:
        return consent.copied(granted)
    return RedirectResponse(f"{wish.redirect_uri}#{urlencode(granted)}", 303)


def _failed(wish: Wish, error: str, text: str) -> Response:
    if wish.redirect_uri == OOB:
        return consent.posted(wish, {"error": error, "error_description": text})
    if not wish.redirect_uri:
        return consent.refused(text)
    return _Redirected(wish.redirect_uri, error, text, wish.state).response


def _connect(call: Call, wish: Wish, person: Any) -> Account:
    """The account of the person, or of their organisation over JWT."""
    service, world = call.service, call.service.state.world
    if wish.admin:
        robot = world.service_account
        upstream = Upstream(Road.JWT_ENTERPRISE, robot.id, person.enterprise_id)
        name = robot.login
    else:
        upstream = Upstream(Road.JWT_USER, person.id, person.enterprise_id)
        name = person.login
    return service.add_account(
        wish.app,
        name=name,
        service="box",
        admin=wish.admin,
        upstream=upstream,
        scope=scopes.effective("box", admin=wish.admin, entries=wish.entries),
        at=service.now(wish.app.app_id),
    )


def _granted(call: Call, account: Account, scope: str) -> dict[str, str]:
    token = call.service.add_bearer(account, scope)
    return {"access_token": token, "token_type": "Bearer", "scope": scope}


def _form(raw: bytes) -> dict[str, str]:
    try:
        text = raw.decode()
    except UnicodeDecodeError as error:
        raise KloudlessError("bad_request", "The body is not a form.") from error
    if len(text) > _BIG * 4:
        raise KloudlessError("bad_request", "The body is too large.")
    return dict(parse_qsl(text, keep_blank_values=True))


async def exchange(call: Call) -> Response:
    """POST /oauth/token: a code for a Bearer token. A form, whatever its content type says."""
    form = dict(call.request.query_params) | _form(await call.request.body())
    app = call.service.apps.get(form.get("client_id", ""))
    if call.credential.scheme != "none" and call.identify() is not app:
        raise KloudlessError("unauthorized", "The API Key is not one of client_id's.")
    if form.get("grant_type") != "authorization_code":
        raise invalid("grant_type is authorization_code.")
    for name in ("code", "redirect_uri", "client_id", "client_secret"):
        if not form.get(name):
            raise invalid(f"{name} is required.")
    if app is None or call.service.app_of_key(form["client_secret"]) is not app:
        raise KloudlessError("unauthorized", "client_id and client_secret don't go together.")
    code = call.service.codes.pop(form["code"], None)
    if (
        code is None
        or code.app_id != app.app_id
        or code.redirect_uri != form["redirect_uri"]
        or code.ends_at < call.service.now(app.app_id)
        or code.account_id not in call.service.accounts
    ):
        raise KloudlessError("request_failed", "The code is invalid, used or expired.")
    account = call.service.accounts[code.account_id]
    return wire.Json(_granted(call, account, code.scope))


async def verify(call: Call) -> Response:
    """GET /oauth/token: whose token it is. An invalid one is answered with 400."""
    credential = call.credential
    bearer = None
    if credential.scheme == "bearer" and len(credential.values) == 1:
        bearer = call.service.bearers.get(credential.values[0])
    if bearer is None or not call.is_there(call.service.accounts[bearer.account_id]):
        raise KloudlessError("invalid_token", status=400)
    return wire.Json(
        {"client_id": bearer.app_id, "account_id": bearer.account_id, "scope": bearer.scope}
    )
