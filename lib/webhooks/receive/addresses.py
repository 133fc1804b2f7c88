"""The address to register with a sender, and whether it can be reached, as far as we can tell.

Box accepts https on port 443 at a public host, never one of its own. We see how the browser reached
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
    """An address and its problems; none found proves nothing."""

    url: str
    problems: tuple[str, ...]


def address(base: str, kind: str, profile: str) -> Address | None:
    """The address for a sender, from the URL where the browser sees this app; None without one."""
    if not base:
        return None
    return Address(f"{base}/webhooks/{kind}/{profile}", tuple(_problems(base, kind)))


def _problems(base: str, kind: str) -> list[str]:
    try:
        parts = urlsplit(base)
        host, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError:
        return ["It isn't a valid URL."]
    found = []
    if _is_private(host):
        found.append(
            f"{host} can't be reached from outside: put a public host name or a tunnel in front of "
            "this app."
        )
    if host.endswith(_PAGE_ONLY):
        found.append(
            "This host forwards only the pages, not the webhook addresses: run `python -m lib "
            "receive` elsewhere on the same ledger, or read the event stream instead."
        )
    if kind != "box":
        return found
    if parts.scheme != "https":
        found.append("Box delivers to https only, with a certificate from a public authority.")
    elif (port or _HTTPS) != _HTTPS:
        found.append(f"Box delivers to port 443 only, and this is port {port}.")
    if host == "box.com" or host.endswith(".box.com"):
        found.append("Box doesn't deliver to hosts of box.com.")
    return found


def _is_private(host: str) -> bool:
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return "." not in host or host.endswith(_PRIVATE_NAMES)
