"""The sandbox's Kloudless (v1): accounts, OAuth, team, storage, activity and pass-through.

A reading of the published contract, with the conventions of its section 15 where it is silent.
What it says about Box it asks the sandbox's own Box, as a client of it.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from starlette.routing import BaseRoute, Mount

from lib.sandbox.kloudless import webhooks
from lib.sandbox.kloudless.door import OPERATIONS, PREFIX, ApiGate
from lib.sandbox.kloudless.faults import FAULTS
from lib.sandbox.kloudless.model import Conventions
from lib.sandbox.kloudless.planted import plant, plant_app
from lib.sandbox.kloudless.service import Kloudless, listen
from lib.sandbox.kloudless.truth import tell
from lib.sandbox.kloudless.webhooks import Notified, sign
from lib.sandbox.state import State

if TYPE_CHECKING:
    import httpx

__all__ = [
    "FAULTS",
    "OPERATIONS",
    "Conventions",
    "Notified",
    "admit",
    "affected_accounts",
    "credentials",
    "forget",
    "install",
    "notify",
    "routes",
    "service_of",
    "sign",
    "truth",
]


def service_of(state: State) -> Kloudless:
    """The one Kloudless of a sandbox, with its planted accounts."""
    return state.part(Kloudless, lambda: plant(state, Conventions()))


def install(state: State, conventions: Conventions) -> Kloudless:
    """The same with other conventions; must come before the first call."""
    return state.part(Kloudless, lambda: plant(state, conventions))


def routes(state: State) -> Sequence[BaseRoute]:
    """Everything below /v1."""
    listen(state)
    return [Mount(PREFIX, app=ApiGate(lambda: service_of(state)))]


def admit(state: State, visitor: str) -> str:
    """Registers a visitor's application with its accounts. Returns its id."""
    return plant_app(service_of(state), visitor).app_id


def forget(state: State, app_id: str) -> None:
    """Deletes a visitor's application with everything in it."""
    service = service_of(state)
    service.remove_app(service.apps[app_id])


def truth(state: State) -> dict[str, Any]:
    """Kloudless's share of `/sandbox/truth`."""
    return tell(service_of(state))


def credentials(state: State, app_id: str | None = None) -> dict[str, Any]:
    """Kloudless's share of `/sandbox/credentials`, of another application if one is named.

    Ids are text. `foreign_token` is a Bearer token of another application: a client that verifies
    tokens must refuse it.
    """
    service = service_of(state)
    app = service.apps[app_id or service.main_app]
    first = {bearer.account_id: token for token, bearer in reversed(service.bearers.items())}
    own = service.accounts_of(app.app_id)
    foreign = [t for t, b in service.bearers.items() if b.app_id == service.other_app]
    return {
        "base_url": f"{state.settings.base_url}{PREFIX}",
        "app_id": app.app_id,
        "api_key": app.signing_key,
        "account_tokens": {str(a.id): first[a.id] for a in own if a.id in first},
        **{f"{what}_account": str(number) for what, number in app.accounts.items()},
        "redirect_uris": list(app.redirect_uris),
        "foreign_token": foreign[0],
    }


async def notify(
    state: State, account_id: int | str, url: str, http: "httpx.AsyncClient"
) -> Notified:
    """Tells a receiver that an account changed. Raises LookupError for an unknown account."""
    service = service_of(state)
    account = service.accounts.get(int(account_id))
    if account is None:
        raise LookupError(f"There is no Kloudless account {account_id}.")
    return await webhooks.deliver(service, account, url, http)


def affected_accounts(state: State, events: Sequence[dict[str, Any]]) -> list[int]:
    """The ids of the accounts whose activity these Box events change."""
    return service_of(state).affected(events)
