"""What an application asks a person for in the first leg of OAuth, once it has been checked."""

from dataclasses import dataclass
from typing import Any

from lib.sandbox.kloudless import scopes
from lib.sandbox.kloudless.catalogue import BY_NAME
from lib.sandbox.kloudless.model import Application


@dataclass(frozen=True, slots=True)
class Wish:
    """A first leg that may be shown to a person: everything in it has been checked."""

    app: Application
    response_type: str
    redirect_uri: str
    scope: str
    entries: tuple[scopes.ScopeGrant, ...]
    state: str
    origin: str
    request_id: str
    custom_properties: dict[str, Any]

    @property
    def services(self) -> tuple[str, ...]:
        """The services a person can choose among: those of the scope that can be connected."""
        named = dict.fromkeys(name for entry in self.entries for name in entry.services)
        return tuple(name for name in named if BY_NAME[name].connectable)

    @property
    def admin(self) -> bool:
        """Whether organisation access is asked for."""
        return any(entry.admin for entry in self.entries)
