"""Rules about a webhook's address. No name is resolved and no request is made.

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
    """The parts of an address; None if it isn't a URL with a host."""
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
        yield Said("There is no address.", "Enter the https address of the receiver.")


def url(hook: Hook, _around: Around) -> Iterator[Said]:
    """It is a URL."""
    if hook.address and _parts(hook.address) is None:
        yield Said(
            f"{quoted(hook.address)} isn't a valid URL.",
            "Write it in full, without spaces: https://host.example/path.",
        )


def https(hook: Hook, _around: Around) -> Iterator[Said]:
    """It is https."""
    parts = _parts(hook.address)
    if parts is not None and parts.scheme != "https":
        yield Said(
            f"The address starts with {quoted(parts.scheme)}, not https.",
            "Serve the receiver over TLS, then use its https address.",
        )


def port(hook: Hook, _around: Around) -> Iterator[Said]:
    """It is on port 443."""
    parts = _parts(hook.address)
    named = parts.port if parts is not None else None
    if named is not None and named != HTTPS_PORT:
        yield Said(
            f"The address has port {named}.",
            "Run the receiver, or a proxy in front of it, on port 443, and omit the port.",
        )


def public(hook: Hook, _around: Around) -> Iterator[Said]:
    """Its host can be reached from outside, judging by the name."""
    parts = _parts(hook.address)
    if parts is None:
        return
    why = _not_public(_host(parts))
    if why:
        yield Said(
            f"The host is {why}.",
            "Use a host name that resolves to a public address, such as a proxy or a tunnel.",
            Who.NETWORK,
        )


def box(hook: Hook, _around: Around) -> Iterator[Said]:
    """It isn't Box's own."""
    parts = _parts(hook.address)
    host = _host(parts) if parts is not None else ""
    if host == _BOX or host.endswith(f".{_BOX}"):
        yield Said("The address belongs to Box itself.", "Use the address of your receiver.")


def secret(hook: Hook, _around: Around) -> Iterator[Said]:
    """It holds no user name or password."""
    parts = _parts(hook.address)
    if parts is not None and "@" in parts.netloc:
        yield Said(
            "The address contains a user name or password.",
            "Remove it: deliveries are signed, and the signature is the proof.",
        )


def here(hook: Hook, around: Around) -> Iterator[Said]:
    """If it points to this app, it is this profile's address."""
    parts = _parts(hook.address)
    if parts is None or hook.address in around.here:
        return
    for mine in around.here:
        own = _parts(mine)
        if own is not None and _host(own) == _host(parts):
            yield Said(
                "It points to this app, but not to where this profile receives webhooks.",
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
        return f"{quoted(host)}, which can't be a public host name"
    if host.endswith(_HERE):
        return f"{quoted(host)}, a name of a local network"
    return ""
