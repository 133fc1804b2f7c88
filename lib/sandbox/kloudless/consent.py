"""The pages of Kloudless's OAuth that a person sees: plain HTML, no script where none is needed.

Every text from outside is escaped; the out-of-band page posts its message only to a trusted opener.
"""

import json
from collections.abc import Mapping
from html import escape
from typing import Any
from urllib.parse import urlsplit

from starlette.responses import HTMLResponse, Response

from lib.sandbox.kloudless.catalogue import BY_NAME
from lib.sandbox.kloudless.service import Kloudless
from lib.sandbox.kloudless.wish import Wish

_CHOICES = 200
_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:34rem;margin:3rem auto;padding:0 1rem;"
    "color:#1d2733;background:#fff}label{display:block;margin:1rem 0 .25rem}"
    "select,button{font:inherit;padding:.5rem .75rem}select{width:100%}"
    "button{margin:1.5rem .5rem 0 0}code{word-break:break-all}"
)
_KEPT = (
    "client_id",
    "response_type",
    "redirect_uri",
    "scope",
    "state",
    "origin",
    "request_id",
    "form_data",
    "extra_data",
    "custom_properties",
)


def _html(title: str, body: str, status: int = 200) -> Response:
    text = (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}'
        '</title><meta name="viewport" content="width=device-width">'
        f"<style>{_STYLE}</style></head><body><main><h1>{escape(title)}</h1>{body}</main>"
        "</body></html>"
    )
    answer = HTMLResponse(text, status)
    answer.headers["cache-control"] = "no-store"
    answer.headers["referrer-policy"] = "no-referrer"
    return answer


def page(service: Kloudless, wish: Wish, given: Mapping[str, str]) -> Response:
    """Whom to connect, and allow or deny."""
    world = service.state.world
    kinds = {"admin", "coadmin"} if wish.admin else {"admin", "coadmin", "managed"}
    people = [p for p in world.people(kinds=kinds) if p.status == "active"][:_CHOICES]
    hidden = "".join(
        f'<input type="hidden" name="{name}" value="{escape(given[name])}">'
        for name in _KEPT
        if name in given
    )
    services = "".join(
        f'<option value="{name}">{escape(BY_NAME[name].friendly_name)}</option>'
        for name in wish.services
    )
    options = "".join(
        f'<option value="{p.id}">{escape(p.name)} ({escape(p.login)})</option>' for p in people
    )
    whole = "the whole organisation" if wish.admin else "one account"
    return _html(
        "Connect an account",
        f"<p><strong>{escape(wish.app.name)}</strong> asks for access to {whole}. "
        "This is the sandbox: nothing outside this machine is reached.</p>"
        f'<p>Scope: <code>{escape(wish.scope)}</code></p><form method="post" action="?">{hidden}'
        f'<label for="service">Service</label><select id="service" name="service">{services}'
        f'</select><label for="person">Sign in as</label><select id="person" name="person">'
        f"{options}</select>"
        '<button name="decision" value="allow">Allow access</button>'
        '<button name="decision" value="deny">Deny</button></form>',
    )


def refused(text: str) -> Response:
    """An error that can't be sent back to the application."""
    return _html("This request can't be granted", f"<p>{escape(text)}</p>", 400)


def copied(granted: Mapping[str, str]) -> Response:
    """The token, to copy by hand: an implicit grant without an address to go back to."""
    return _html(
        "Account connected",
        "<p>Copy this token into your application:</p>"
        f'<p><code id="token">{escape(granted["access_token"])}</code></p>',
    )


def posted(wish: Wish, data: Mapping[str, Any]) -> Response:
    """The out-of-band answer: a message to the window that opened this one, if it is trusted."""
    message = {"type": "authentication", "id": wish.request_id, "data": dict(data)}
    text = "kloudless:" + json.dumps(message)
    if not _trusted(wish):
        return refused("The opener's domain is not a trusted domain of the application.")
    script = (
        f"window.opener&&window.opener.postMessage({_inline(text)},{_inline(wish.origin)});"
        "window.close();"
    )
    return _html("Account connected", f"<p>You can close this window.</p><script>{script}</script>")


def _inline(text: str) -> str:
    """A JavaScript text literal that can't end its script element."""
    return json.dumps(text).replace("<", "\\u003c").replace("\u2028", "").replace("\u2029", "")


def _trusted(wish: Wish) -> bool:
    try:
        parts = urlsplit(wish.origin)
        bare = f"{parts.scheme}://{parts.hostname}"
    except ValueError:
        return False
    local = parts.hostname in ("localhost", "127.0.0.1")
    return (bare if local else wish.origin) in wish.app.trusted_domains
