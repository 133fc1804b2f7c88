"""The sandbox's Box: token endpoint, authorize page and API, as strict as Box's own."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from lib.sandbox.box import (
    authorize,
    content,
    enterprise,
    events,
    items,
    oauth,
    people,
    search,
    webhooks,
    writes,
)
from lib.sandbox.box.answers import BoxError
from lib.sandbox.box.apps import APPS, MAIN, Method, fixed, service_account
from lib.sandbox.box.faults import FAULTS
from lib.sandbox.box.memory import memory_of
from lib.sandbox.box.register import admit, app_of, apps_of, forget
from lib.sandbox.box.tokens import DEVELOPER_S, Session
from lib.sandbox.box.webhooks import all_triggers as webhook_triggers
from lib.sandbox.box.webhooks import watching as webhooks_watching
from lib.sandbox.state import State, owned

if TYPE_CHECKING:
    from lib.sandbox.world import World

__all__ = [
    "FAULTS",
    "admit",
    "credentials",
    "forget",
    "open_service_accounts",
    "registered_apps",
    "renew_developer_token",
    "routes",
    "serves",
    "unknown_route",
    "webhook_keys",
    "webhook_source",
    "webhook_triggers",
    "webhooks_watching",
]


def routes(state: State) -> Sequence[Route]:
    """Box's routes."""
    return [
        *oauth.routes(state),
        *authorize.routes(state),
        *people.routes(state),
        *enterprise.routes(state),
        *events.routes(state),
        *content.routes(state),
        *writes.routes(state),
        *search.routes(state),
        *webhooks.routes(state),
    ]


def serves(path: str) -> bool:
    """Whether a path is on Box's hosts, not the control's or Kloudless's (of any version)."""
    return path.partition("/")[2].partition("/")[0] not in ("sandbox", "v0", "v1", "v2")


async def unknown_route(scope: Scope, receive: Receive, send: Send) -> None:
    """The answer for an address that nobody serves: 404, in Box's words where Box would say it."""
    box_says = serves(scope["path"])
    response = BoxError(404).answer() if box_says else Response(status_code=404)
    await response(scope, receive, send)


def open_service_accounts(world: "World") -> None:
    """Gives each server app the account that Box makes when an admin authorizes it."""
    for app in APPS:
        if app.method is not Method.OAUTH and app.authorized:
            service_account(world, app)


def _developer_token(visitor: str) -> str:
    return fixed(owned("developer token", visitor))


def renew_developer_token(state: State, visitor: str = "") -> None:
    """Presses the console's button: the same text each time, good for another 60 minutes."""
    main = apps_of(visitor)[MAIN]
    session = Session(main, state.world.admin.id)
    value = _developer_token(visitor)
    memory_of(state).tokens.issue(session, main.scopes, seconds=DEVELOPER_S, value=value)


def credentials(state: State, visitor: str = "") -> dict[str, Any]:
    """Box's share of `/sandbox/credentials`, or what a visitor is given in its shape."""
    base, world, registered = state.settings.base_url, state.world, apps_of(visitor)
    main, ccg, oauth_app = registered[MAIN], registered["ccg"], registered["oauth"]
    primary, secondary = webhook_keys(state, main.client_id)
    return {
        "api_url": base,
        "account_url": f"{base}/api",
        "config": main.settings(world.enterprise.id),
        "ccg": {
            "client_id": ccg.client_id,
            "client_secret": ccg.client_secret,
            "enterprise_id": world.enterprise.id,
        },
        "oauth": {
            "client_id": oauth_app.client_id,
            "client_secret": oauth_app.client_secret,
            "redirect_uris": list(oauth_app.redirect_uris),
        },
        "developer_token": _developer_token(visitor),
        "users": {
            "admin": world.admin.id,
            "coadmin": world.coadmin.id,
            "managed": world.managed_example.id,
            "external": world.external_example.id,
            "app_user": world.app_user_example.id,
        },
        "webhook_keys": {"primary": primary, "secondary": secondary},
    }


def registered_apps(state: State) -> list[dict[str, Any]]:
    """Every registered app with what its console page says (`GET /sandbox/apps`)."""
    return [
        {
            "name": app.name,
            "title": app.title,
            "method": app.method,
            "client_id": app.client_id,
            "client_secret": app.client_secret,
            "scopes": sorted(app.scopes),
            "access": app.access,
            "as_user": app.as_user,
            "user_tokens": app.user_tokens,
            "authorized": app.authorized,
            "enabled": not app.disabled,
            "redirect_uris": list(app.redirect_uris),
            "config": app.settings(state.world.enterprise.id) if app.keys else None,
        }
        for app in APPS
    ]


def webhook_keys(state: State, client_id: str | None = None) -> tuple[str, str]:
    """Primary and secondary signature key: a visitor's apps have a pair, all others one."""
    app = app_of(state, client_id)
    visitor = "" if app is None else app.visitor
    primary, secondary = (
        fixed(owned(f"webhook {which} key", visitor)) for which in ("primary", "secondary")
    )
    return primary, secondary


def webhook_source(state: State, event: Mapping[str, Any]) -> Any:
    """The `source` of a webhook delivery: the standard object of the item that was touched.

    What is in the trash or gone is only {id, type}.
    """
    world, source = state.world, event.get("source") or {}
    kind = source.get("item_type") or source.get("type") or "folder"
    item_id = source.get("item_id") or source.get("folder_id") or source.get("id")
    item = world.item(str(kind), str(item_id))
    if item is None or item.item_status != "active":
        return {"id": item_id, "type": kind}
    return items.shown(world, world.service_account, item, None)
