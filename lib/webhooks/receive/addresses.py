"""The address that a sender is given, and whether it can be reached as far as that can be told.

Box takes https on port 443 at a public host, never one of its own. We see how the browser reached
this page, not what lies between: only a delivery that arrives is proof.
"""

import ipaddress
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

_PAGE_ONLY: Final = (".streamlit.app",)
_PRIVATE_NAMES: Final = (".local", ".localhost", ".internal", ".lan", ".home.arpa", ".test")
_HTTPS: Final = 443


@dataclass(frozen=True, slots=True)
class Address:
    """An address and what speaks against it; nothing found is no proof."""

    url: str
    problems: tuple[str, ...]


def address(base: str, kind: str, profile: str) -> Address | None:
    """The address for a sender, from where the browser sees this app; None without that."""
    if not base:
        return None
    return Address(f"{base}/webhooks/{kind}/{profile}", tuple(_problems(base, kind)))


def _problems(base: str, kind: str) -> list[str]:
    try:
        parts = urlsplit(base)
        host, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError:
        return ["It isn't a valid address."]
    found = []
    if _is_private(host):
        found.append(
            f"{host} leads nowhere from outside: put a public name, or a tunnel, before this app."
        )
    if host.endswith(_PAGE_ONLY):
        found.append(
            "This host forwards the pages only, not the addresses of webhooks: run "
            "`python -m lib receive` elsewhere over the same ledger, or read the stream instead."
        )
    if kind != "box":
        return found
    if parts.scheme != "https":
        found.append("Box sends to https only, with a certificate of a public authority.")
    elif (port or _HTTPS) != _HTTPS:
        found.append(f"Box sends to port 443 only, and this is port {port}.")
    if host == "box.com" or host.endswith(".box.com"):
        found.append("Box doesn't send to hosts of box.com.")
    return found


def _is_private(host: str) -> bool:
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return "." not in host or host.endswith(_PRIVATE_NAMES)
