"""The scope grammar of Kloudless's OAuth.

An entry is `<service or category>[:<account type>][.<api>][.<permission>[:raw]]`; entries are
separated by spaces, and a permission may be a quoted text (upstream scopes, `:raw`). Facts: the
scopes guide and the official widgets (Kloudless contract 4.2).
"""

import re
from dataclasses import dataclass

from lib.sandbox.kloudless.catalogue import SERVICES

EVERY = ("any", "all")
_ENTRY = re.compile(
    r"(?P<who>[a-z_0-9]+)"
    r"(?::(?P<type>normal|admin))?"
    r"(?:\.(?P<api>[a-z_]+))?"
    r'(?:\.(?P<permission>"[^"]*"|[a-z_]+)(?P<raw>:raw|:kloudless)?)?'
)
_SPLIT = re.compile(r'(?:[^\s"]|"[^"]*")+')


class BadScope(ValueError):
    """A scope that the grammar does not allow, or that names nothing we know."""


@dataclass(frozen=True, slots=True)
class ScopeGrant:
    """One entry: the services it resolves to, and whether it asks for organisation access."""

    services: tuple[str, ...]
    admin: bool
    api: str | None
    permission: str
    kind: str


def parse(text: str) -> tuple[ScopeGrant, ...]:
    """The entries of a scope; an empty one means `any`. Raises BadScope."""
    return tuple(_entry(part) for part in _SPLIT.findall(text or "any"))


def _entry(text: str) -> ScopeGrant:
    match = _ENTRY.fullmatch(text)
    if match is None:
        raise BadScope(f"{text!r} is not a scope.")
    who, api = match["who"], match["api"]
    services = tuple(
        service.name
        for service in SERVICES
        if who in (*EVERY, service.name, service.category)
        and (api is None or api in service.apis or api == "basic")
    )
    if not services:
        raise BadScope(f"No service goes with the scope {text!r}.")
    return ScopeGrant(
        services=services,
        admin=match["type"] == "admin",
        api=api,
        permission=match["permission"] or "default",
        kind=(match["raw"] or ":kloudless")[1:],
    )


def effective(service: str, *, admin: bool, entries: tuple[ScopeGrant, ...] = ()) -> str:
    """What an account was granted, as its `effective_scope` words it."""
    level = "admin" if admin else "normal"
    apis = ["storage", "team"] if admin else ["storage"]
    asked = [entry for entry in entries if service in entry.services and entry.api is not None]
    if asked:
        return " ".join(
            dict.fromkeys(f"{service}:{level}.{e.api}.{e.permission}:{e.kind}" for e in asked)
        )
    return " ".join(f"{service}:{level}.{api}.default:kloudless" for api in apis)
