"""The sandbox's Box: token endpoint, authorize page and API, as strict as Box's own."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from lib.sandbox.box.apps import BY_NAME, fixed
from lib.sandbox.faults import Fault
from lib.sandbox.state import State

FAULTS: tuple[Fault, ...] = (
    Fault("clock_fast", "Box's clock is `offset` seconds ahead.", "box", {"offset": 300}),
    Fault("clock_slow", "Box's clock is `offset` seconds behind.", "box", {"offset": 300}),
)


def routes(state: State) -> Sequence[Route]:
    """Box's routes."""
    del state
    return []


def unknown_route(state: State) -> ASGIApp:
    """The answer for an address that nobody serves."""
    del state
    return Response(status_code=404)


def credentials(state: State) -> dict[str, Any]:
    """Box's share of `/sandbox/credentials`."""
    base, world = state.settings.base_url, state.world
    main, ccg, oauth = BY_NAME["main"], BY_NAME["ccg"], BY_NAME["oauth"]
    primary, secondary = webhook_keys(state)
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
            "client_id": oauth.client_id,
            "client_secret": oauth.client_secret,
            "redirect_uris": list(oauth.redirect_uris),
        },
        "developer_token": fixed("developer token"),
        "users": {
            "admin": world.admin.id,
            "coadmin": world.coadmin.id,
            "managed": world.managed_example.id,
            "external": world.external_example.id,
            "app_user": world.app_user_example.id,
        },
        "webhook_keys": {"primary": primary, "secondary": secondary},
    }


def webhook_keys(state: State) -> tuple[str, str]:
    """The app's primary and secondary signature key."""
    del state
    return fixed("webhook primary key"), fixed("webhook secondary key")


def webhooks_watching(
    state: State, event: Mapping[str, Any], trigger: str
) -> Iterator[tuple[str, str]]:
    """Id and address of each registered webhook that an event sets off."""
    del state, event, trigger
    yield from ()


def webhook_source(state: State, event: Mapping[str, Any]) -> Any:
    """The `source` of a webhook delivery for an event of the admin log."""
    del state
    return event.get("source")
