"""`/api/oauth2/authorize`: the page on which a person lets an OAuth app in, or does not.

Nobody types a password here: whoever clicks says who they are. Facts: Box API reference, 3.9.
"""

from html import escape
from typing import Any
from urllib.parse import urlencode, urlsplit

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from lib.sandbox.box import apps, register
from lib.sandbox.box.answers import BoxRoute
from lib.sandbox.box.apps import App, Method
from lib.sandbox.box.memory import memory_of
from lib.sandbox.box.oauth import form_of
from lib.sandbox.box.tokens import Session
from lib.sandbox.state import State

PATH = "/api/oauth2/authorize"
SUGGESTED = 200
LABELS = {
    apps.READ: "Read all files and folders stored in Box",
    apps.WRITE: "Read and write all files and folders stored in Box",
    apps.USERS: "Manage users",
    apps.APP_USERS: "Manage app users",
    apps.GROUPS: "Manage groups",
    apps.WEBHOOKS: "Manage webhooks",
    apps.PROPERTIES: "Manage enterprise properties",
    apps.GCM: "Manage all content of the enterprise",
    apps.ON_BEHALF: "Make calls on behalf of users",
}
STYLE = """
body{font:16px/1.5 system-ui,sans-serif;margin:0;background:#f4f4f4;color:#222}
main{max-width:30rem;margin:6vh auto;padding:2rem;background:#fff;border:1px solid #ddd;
border-radius:8px}
h1{font-size:1.35rem;margin-top:0}label{display:block;margin:1rem 0 .25rem;font-weight:600}
input{font:inherit;width:100%;box-sizing:border-box;padding:.5rem;border:1px solid #767676;
border-radius:4px}
button{font:inherit;padding:.6rem 1.2rem;margin:1.5rem .5rem 0 0;border-radius:4px;cursor:pointer;
border:1px solid #0052b4;background:#fff;color:#0052b4}
button.first{background:#0052b4;color:#fff}.error{color:#a30014}small{color:#555}
"""


class _Stop(Exception):
    """The request can't be granted: shown as a page with Box's word for it."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(code)
        self.code = code
        self.message = message

    def page(self) -> Response:
        """The error as a page."""
        body = f'<h1>Sorry, this can\'t go on</h1><p class="error">{escape(self.message)}</p>'
        return _page("Error", f"{body}<p><code>{escape(self.code)}</code></p>", 400)


def _page(title: str, body: str, status: int = 200) -> HTMLResponse:
    return HTMLResponse(
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}'
        '</title><meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<style>{STYLE}</style></head><body><main>{body}<p><small>This is the sandbox's own "
        "page. It is not Box and asks for no password.</small></p></main></body></html>",
        status,
        {"cache-control": "no-store", "referrer-policy": "no-referrer"},
    )


def registered(app: App, requested: str) -> bool:
    """Whether a redirect address is one of the app's: exactly, but any port of localhost."""
    if requested in app.redirect_uris:
        return True
    try:
        parts = urlsplit(requested)
    except ValueError:  # such as http://[::1
        return False
    if parts.hostname != "localhost" or parts.username is not None:
        return False
    return any(_portless(requested) == _portless(known) for known in app.redirect_uris)


def _portless(url: str) -> tuple[str, str | None, str, str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.path, parts.query, parts.fragment


class _Consent:
    """One well-formed authorization request."""

    def __init__(self, state: State, params: Any) -> None:
        app = register.app_of(state, params.get("client_id"))
        if app is None or app.method is not Method.OAUTH:
            raise _Stop("invalid_client", "No OAuth app has this client ID.")
        self.app = app
        self.state: str | None = params.get("state")
        if params.get("response_type") != "code":
            raise _Stop("unsupported_response_type", "response_type must be code.")
        self.named: str | None = params.get("redirect_uri") or None
        if self.named is not None and not registered(app, self.named):
            raise _Stop(
                "redirect_uri_mismatch",
                "The redirect URI does not match one that is registered for this app.",
            )
        self.scope: str = params.get("scope") or ""
        self.scopes = frozenset(self.scope.split()) or app.scopes

    @property
    def redirect_uri(self) -> str:
        """Where to go; with several registered addresses the request must name one."""
        if self.named is not None:
            return self.named
        if len(self.app.redirect_uris) == 1:
            return self.app.redirect_uris[0]
        raise _Stop(
            "redirect_uri_missing",
            "The app has several redirect URIs, so the request must name one.",
        )

    def redirect(self, **said: str) -> Response:
        """Back to the app."""
        if self.state is not None:
            said["state"] = self.state
        url = self.redirect_uri
        joint = "&" if urlsplit(url).query else "?"
        headers = {"cache-control": "no-store", "referrer-policy": "no-referrer"}
        return RedirectResponse(f"{url}{joint}{urlencode(said)}", 302, headers)

    def hidden(self) -> str:
        """The request as hidden fields of the form."""
        fields = {"client_id": self.app.client_id, "response_type": "code", "scope": self.scope}
        if self.named is not None:
            fields["redirect_uri"] = self.named
        if self.state is not None:
            fields["state"] = self.state
        return "".join(
            f'<input type="hidden" name="{name}" value="{escape(value)}">'
            for name, value in fields.items()
        )


def _form(state: State, consent: _Consent, login: str = "", problem: str = "") -> Response:
    people = state.world.people(("admin", "coadmin", "managed"))[:SUGGESTED]
    options = "".join(f'<option value="{escape(p.login)}">' for p in people)
    wants = "".join(
        f"<li>{escape(LABELS.get(scope, scope))}</li>" for scope in sorted(consent.scopes)
    )
    said = f'<p class="error" role="alert">{escape(problem)}</p>' if problem else ""
    return _page(
        "Log in to grant access",
        f"<h1>{escape(consent.app.title)} asks for access to Box</h1><ul>{wants}</ul>{said}"
        f'<form method="post" action="{PATH}">{consent.hidden()}'
        '<label for="login">Log in as</label>'
        f'<input id="login" name="login" list="people" value="{escape(login)}" required>'
        f'<datalist id="people">{options}</datalist>'
        '<button class="first" name="decision" value="grant">Grant access to Box</button>'
        '<button name="decision" value="deny" formnovalidate>Deny access to Box</button></form>',
    )


def _decided(state: State, consent: _Consent, form: Any) -> Response:
    if form.get("decision") != "grant":
        said = "The user denied access to your application"
        return consent.redirect(error="access_denied", error_description=said)
    login = str(form.get("login", "")).strip()
    person = state.world.person_by_login(login)
    if person is None or person.kind in ("service", "app_user"):
        return _form(state, consent, login, "Nobody can log in with this address.")
    if person.status == "inactive":
        return _form(state, consent, login, "This account is not active.")
    where = consent.redirect_uri
    session = Session(consent.app, person.id)
    code = memory_of(state).tokens.issue_code(session, consent.scopes, where)
    return consent.redirect(code=code)


def routes(state: State) -> list[Route]:
    """The address of the page."""

    async def authorize(request: Request) -> Response:
        posted = request.method == "POST"
        params: Any = await form_of(request) if posted else request.query_params
        request.state.client_id = register.known_client_id(state, params.get("client_id"))
        try:
            consent = _Consent(state, params)
            if not consent.scopes <= consent.app.scopes:
                return consent.redirect(error="invalid_scope")
            if posted:
                return _decided(state, consent, params)
            return _form(state, consent, state.world.admin.login)
        except _Stop as stop:
            return stop.page()

    return [BoxRoute(PATH, authorize, methods=["GET", "POST"])]
