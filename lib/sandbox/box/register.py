"""Which apps are registered now: those that are always there, and the visitors' own.

A visitor's apps are forgotten with all that they left: tokens, webhooks, counted calls.
"""

from collections.abc import Mapping

from lib.sandbox.box.apps import BY_NAME, App, by_client_id, copies
from lib.sandbox.box.memory import memory_of
from lib.sandbox.state import State


def app_of(state: State, said: object) -> App | None:
    """The app with a client id."""
    if not isinstance(said, str):
        return None
    return by_client_id().get(said) or memory_of(state).visiting.get(said)


def known_client_id(state: State, said: object) -> str | None:
    """The client id if it is one of ours: only those are ever noted or matched."""
    app = app_of(state, said)
    return None if app is None else app.client_id


def apps_of(visitor: str) -> Mapping[str, App]:
    """A visitor's apps by name; without a visitor those that are always there."""
    return copies(visitor) if visitor else BY_NAME


def admit(state: State, visitor: str) -> list[str]:
    """Registers a visitor's apps. Returns their client ids."""
    made = {app.client_id: app for app in copies(visitor).values()}
    memory_of(state).visiting.update(made)
    return list(made)


def forget(state: State, visitor: str) -> None:
    """Takes a visitor's apps away, and everything that they left behind."""
    memory = memory_of(state)
    gone = {app.client_id for app in copies(visitor).values()}
    for client_id in gone:
        memory.visiting.pop(client_id, None)
    memory.tokens.forget(gone)
    memory.limiter.forget(visitor)
    state.world.forget_folders(visitor)
    memory.webhooks = {
        key: hook for key, hook in memory.webhooks.items() if hook.client_id not in gone
    }
