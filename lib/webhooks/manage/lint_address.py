"""Rules about a webhook's address. Names aren't resolved, and nobody is asked.

Source: Box developer documentation, webhooks V2 (limitations).
"""

import ipaddress
from collections.abc import Iterator
from typing import Final
from urllib.parse import SplitResult, urlsplit

from lib.core.errors import Who
from lib.webhooks.manage.lint_subjects import Around, Hook, Said, quoted

HTTPS_PORT: Final = 443
_BOX: Final = "box.com"
_HERE: Final = (".local", ".localhost", ".internal", ".lan", ".home.arpa")


def _parts(address: str) -> SplitResult | None:
    """The parts of an address; None for what is no URL with a host."""
    if any(sign.isspace() or not sign.isprintable() for sign in address):
        return None
    try:
        parts = urlsplit(address)
        _ = parts.port
    except ValueError:
        return None
    return parts if parts.scheme and parts.hostname else None


def _host(parts: SplitResult) -> str:
    return (parts.hostname or "").lower().rstrip(".")


def missing(hook: Hook, _around: Around) -> Iterator[Said]:
    """There is an address at all."""
    if not hook.address:
        yield Said("There is no address.", "Enter the https address of what is to receive it.")


def url(hook: Hook, _around: Around) -> Iterator[Said]:
    """It is a URL."""
    if hook.address and _parts(hook.address) is None:
        yield Said(
            f"{quoted(hook.address)} is no URL.",
            "Write it whole, without spaces: https://host.example/path.",
        )


def https(hook: Hook, _around: Around) -> Iterator[Said]:
    """It is https."""
    parts = _parts(hook.address)
    if parts is not None and parts.scheme != "https":
        yield Said(
            f"The address begins with {quoted(parts.scheme)}, not https.",
            "Serve the receiver with TLS, then use its https address.",
        )


def port(hook: Hook, _around: Around) -> Iterator[Said]:
    """It is on port 443."""
    parts = _parts(hook.address)
    named = parts.port if parts is not None else None
    if named is not None and named != HTTPS_PORT:
        yield Said(
            f"The address names port {named}.",
            "Put the receiver, or a proxy before it, on port 443, and leave the port out.",
        )


def public(hook: Hook, _around: Around) -> Iterator[Said]:
    """Its host can be reached from outside, as far as the name tells."""
    parts = _parts(hook.address)
    if parts is None:
        return
    why = _not_public(_host(parts))
    if why:
        yield Said(
            f"The host is {why}.",
            "Use a name that leads to a public address, for example a proxy or a tunnel.",
            Who.NETWORK,
        )


def box(hook: Hook, _around: Around) -> Iterator[Said]:
    """It isn't Box's own."""
    parts = _parts(hook.address)
    host = _host(parts) if parts is not None else ""
    if host == _BOX or host.endswith(f".{_BOX}"):
        yield Said("The address is one of Box's own.", "Use the address of your receiver.")


def secret(hook: Hook, _around: Around) -> Iterator[Said]:
    """It holds no user name or password."""
    parts = _parts(hook.address)
    if parts is not None and "@" in parts.netloc:
        yield Said(
            "The address holds a user name or password.",
            "Leave it out: deliveries are signed, and the signature is the proof.",
        )


def here(hook: Hook, around: Around) -> Iterator[Said]:
    """Where it leads to this app, it is this profile's address."""
    parts = _parts(hook.address)
    if parts is None or hook.address in around.here:
        return
    for mine in around.here:
        own = _parts(mine)
        if own is not None and _host(own) == _host(parts):
            yield Said(
                "It leads to this app, but not to where this profile receives webhooks.",
                f"Use {mine}.",
            )
            return


def _not_public(host: str) -> str:
    """Why a host can't be reached from outside; empty when it may be."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        pass
    else:
        return "" if address.is_global else f"the private or reserved address {quoted(host)}"
    if "." not in host or host.replace(".", "").isdigit() or host.startswith("0x"):
        return f"{quoted(host)}, which no public name looks like"
    if host.endswith(_HERE):
        return f"{quoted(host)}, a name of a local network"
    return ""
