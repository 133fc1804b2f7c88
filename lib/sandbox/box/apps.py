"""The apps registered at the sandbox's Box, with what Box's developer console says of each.

Several, so that each refusal can be met by an app that deserves it and not only by a fault. Their
ids and secrets are fixed, worth nothing anywhere else, and the same at every start. A visitor gets
copies of some with ids and secrets of their own. Facts: Box API reference, sections 3.5,
3.7, 3.8.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lib.sandbox.state import owned
from lib.sandbox.world.names import ARCHIVE_APP

if TYPE_CHECKING:
    from lib.sandbox.world import Person, World

DATA = Path(__file__).resolve().parent.parent / "data"


class Method(StrEnum):
    """The authentication method, fixed when an app is made."""

    JWT = "jwt"
    CCG = "ccg"
    OAUTH = "oauth"


class Access(StrEnum):
    """The access level: whom a server app reaches."""

    APP = "app"  # its service account and app users
    ENTERPRISE = "enterprise"  # managed users too


READ = "root_readonly"
WRITE = "root_readwrite"
USERS = "manage_managed_users"
APP_USERS = "manage_app_users"
GROUPS = "manage_groups"
WEBHOOKS = "manage_webhook"
PROPERTIES = "manage_enterprise_properties"
GCM = "enterprise_content"
ON_BEHALF = "admin_on_behalf_of"
SCOPES = (READ, WRITE, USERS, APP_USERS, GROUPS, WEBHOOKS, PROPERTIES, GCM, ON_BEHALF)
FULL = frozenset({READ, WRITE, USERS, APP_USERS, GROUPS, WEBHOOKS, PROPERTIES})


@dataclass(frozen=True, slots=True)
class App:
    """One app.

    `keys` maps a public key id (kid) to its file; `authorized` is the admin's word,
    `disabled` an unpublished app in an enterprise that wants them enabled one by one. `visitor` is
    the random text of the visitor whom a copy belongs to, empty for the apps that are always there.
    """

    name: str
    title: str
    method: Method
    scopes: frozenset[str] = FULL
    access: Access = Access.ENTERPRISE
    as_user: bool = True
    user_tokens: bool = True
    authorized: bool = True
    disabled: bool = False
    keys: Mapping[str, str] = field(default_factory=dict)
    redirect_uris: tuple[str, ...] = ()
    visitor: str = field(default="", repr=False)

    @property
    def client_id(self) -> str:
        """32 characters, fixed."""
        return fixed(owned(f"client id {self.name}", self.visitor))

    @property
    def client_secret(self) -> str:
        """32 characters, fixed."""
        return fixed(owned(f"client secret {self.name}", self.visitor))

    def settings(self, enterprise_id: str) -> dict[str, Any]:
        """The app settings JSON that Box's console gives for a JWT app."""
        kid, file = next(iter(self.keys.items()))
        return {
            "boxAppSettings": {
                "clientID": self.client_id,
                "clientSecret": self.client_secret,
                "appAuth": {
                    "publicKeyID": kid,
                    "privateKey": (DATA / f"{file}.pem").read_text(encoding="ascii"),
                    "passphrase": fixed(f"passphrase {file.removeprefix('app-key-')}"),
                },
            },
            "enterpriseID": enterprise_id,
        }


def fixed(what: str, length: int = 32) -> str:
    """A lower-case hexadecimal text that is always the same for `what`."""
    return hashlib.sha256(f"box-runbook sandbox {what}".encode()).hexdigest()[:length]


REDIRECTS = (
    "http://localhost:8501/connected",
    "http://127.0.0.1:8501/connected",
    "https://runbook.example/connected",
)
MAIN_KEY = {fixed("kid main", 8): "app-key-main"}
OTHER_KEY = {fixed("kid other", 8): "app-key-other"}

MAIN = "main"
APPS = (
    App(MAIN, "Runbook (JWT)", Method.JWT, keys=MAIN_KEY),
    App("ccg", "Runbook (client credentials)", Method.CCG),
    App("oauth", "Runbook (OAuth)", Method.OAUTH, as_user=False, redirect_uris=REDIRECTS),
    App(
        "oauth-single",
        "Runbook (OAuth, one address, reads files only)",
        Method.OAUTH,
        scopes=frozenset({READ}),
        as_user=False,
        redirect_uris=("https://runbook.example/connected",),
    ),
    App(
        "oauth-behalf",
        "Runbook (OAuth, may act for users)",
        Method.OAUTH,
        scopes=FULL | {ON_BEHALF},
        redirect_uris=REDIRECTS,
    ),
    App(
        "gcm",
        "Content manager (JWT)",
        Method.JWT,
        scopes=FULL | {GCM},
        keys=OTHER_KEY,
    ),
    App("unauthorized", "Nobody's (JWT)", Method.JWT, authorized=False, keys=OTHER_KEY),
    App("disabled", "Not enabled (JWT)", Method.JWT, disabled=True, keys=OTHER_KEY),
    App("app-access", "App users only (JWT)", Method.JWT, access=Access.APP, keys=OTHER_KEY),
    App(
        "no-user-tokens",
        "No user tokens, no As-User (JWT)",
        Method.JWT,
        as_user=False,
        user_tokens=False,
        keys=OTHER_KEY,
    ),
    App(
        "files-only",
        "Reads files only (JWT)",
        Method.JWT,
        scopes=frozenset({READ}),
        keys=OTHER_KEY,
    ),
    App(
        "app-users-only",
        "Knows app users only (JWT)",
        Method.JWT,
        scopes=frozenset({READ, APP_USERS}),
        access=Access.APP,
        keys=OTHER_KEY,
    ),
    App("ccg-app-access", "App users only (CCG)", Method.CCG, access=Access.APP),
    App("ccg-unauthorized", "Nobody's (CCG)", Method.CCG, authorized=False),
)
BY_NAME: Mapping[str, App] = {app.name: app for app in APPS}
OF_VISITORS = (MAIN, "ccg", "oauth")  # the apps that a visitor gets copies of


def copies(visitor: str) -> Mapping[str, App]:
    """A visitor's own apps by name: same world, same accounts, same key pair."""
    return {name: replace(BY_NAME[name], visitor=visitor) for name in OF_VISITORS}


@cache
def by_client_id() -> Mapping[str, App]:
    """The apps by client id."""
    return {app.client_id: app for app in APPS}


def service_account(world: "World", app: App) -> "Person":
    """The service account of a server app: its own, as Box makes one for each (section 3.7).

    The main app's is the one that has been at work in the world.
    """
    return world.service_account if app.name == MAIN else world.add_service_account(app.title)


def service(app: App) -> tuple[str, str]:
    """Name and id under which events tell of an app: the main one has always been in them."""
    if app.name == MAIN:
        return ARCHIVE_APP
    return app.title, str(1_600_000 + int(fixed(f"service {app.name}", 6), 16) % 300_000)
