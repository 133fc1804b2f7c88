"""Which hosts a profile may reach, and which addresses: the guard on every outgoing connection.

A name is looked up by us, every address in the answer is judged, and the connection goes to an
address that was judged: a name that changes its answer afterwards changes nothing. TLS still
checks the certificate against the name, because only the TCP connection is made by address. Nothing
is sent to a host that isn't allowed, and a name with one forbidden address is forbidden whole.

Source of the special ranges: the IANA IPv4 and IPv6 Special-Purpose Address Registries.
"""

import ipaddress
import re
import socket
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final, Self
from urllib.parse import urlsplit

import httpcore
import httpx

from lib.http.faults import FaultKind, WireFault, blocked
from lib.settings.profiles import Profile, ProfileKind

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Resolver = Callable[[str, int], Sequence[str]]
"""From a host and a port to its addresses as text; raises OSError when there is none."""

_SPECIAL_V4: Final = tuple(
    ipaddress.IPv4Network(text)
    for text in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",  # private
        "100.64.0.0/10",  # carrier-grade NAT
        "127.0.0.0/8",  # loopback
        "169.254.0.0/16",  # link-local, cloud metadata
        "172.16.0.0/12",  # private
        "192.0.0.0/24",  # protocol assignments
        "192.0.2.0/24",  # documentation
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",  # private
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, broadcast
    )
)
# Only global unicast is public: this leaves out loopback, v4-mapped, NAT64, unique local,
# link-local and multicast at once.
_GLOBAL_V6: Final = ipaddress.IPv6Network("2000::/3")
_SPECIAL_V6: Final = tuple(
    ipaddress.IPv6Network(text)
    for text in (
        "2001::/23",  # protocol assignments, Teredo among them
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4, which carries an IPv4 address
        "3fff::/20",  # documentation
    )
)
_LOOPBACK_NAMES: Final = frozenset({"localhost"})
# The last label of a host that resolvers may read as a number: 2130706433, 0x7f.1, 0177.0.0.1
_NUMERIC_LABEL: Final = re.compile(r"(?i)[0-9]+|0x[0-9a-f]*")
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}


def is_public(address: Address) -> bool:
    """Whether an address belongs to the public internet."""
    if isinstance(address, ipaddress.IPv4Address):
        return not any(address in network for network in _SPECIAL_V4)
    return address in _GLOBAL_V6 and not any(address in network for network in _SPECIAL_V6)


def resolve(host: str, port: int) -> Sequence[str]:
    """The addresses that the system's resolver gives, without repeats, in its order."""
    answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(str(answer[4][0]).partition("%")[0] for answer in answers))


@dataclass(frozen=True, slots=True)
class _Listed:
    """What `allowed_hosts` names: hosts (with or without a port) and ranges of addresses."""

    hosts: frozenset[str] = frozenset()
    networks: tuple[Network, ...] = ()

    @classmethod
    def of(cls, entries: Iterable[str]) -> Self:
        hosts: set[str] = set()
        networks: list[Network] = []
        for entry in (text.strip().lower().rstrip(".") for text in entries):
            try:
                networks.append(ipaddress.ip_network(entry.strip("[]")))
            except ValueError:
                hosts.add(entry)
        return cls(frozenset(hosts), tuple(networks))

    def host(self, host: str, port: int) -> bool:
        return host in self.hosts or f"{_bracketed(host)}:{port}" in self.hosts

    def address(self, address: Address) -> bool:
        return any(address in network for network in self.networks)


@dataclass(frozen=True, slots=True)
class Egress:
    """What one profile may reach.

    `hosts` are names it may reach at public addresses; `origins` are exact (host, port) pairs that
    may also be loopback, such as the sandbox's; `allowed_hosts` are names (`host`, `host:port`),
    addresses or ranges (CIDR) that the host of this app listed, whatever range they are in.
    `box` adds Box's own hosts. Multicast and unspecified addresses are never reached.
    """

    hosts: frozenset[str] = frozenset()
    origins: frozenset[tuple[str, int]] = frozenset()
    allowed_hosts: tuple[str, ...] = ()
    box: bool = True
    resolver: Resolver = resolve
    _listed: _Listed = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_listed", _Listed.of(self.allowed_hosts))

    @classmethod
    def for_profile(
        cls,
        profile: Profile,
        *,
        allowed_hosts: Iterable[str] = (),
        sandbox_url: str | None = None,
        resolver: Resolver = resolve,
    ) -> Self:
        """What this profile may reach.

        A session profile gets Box's own hosts, the sandbox and `allowed_hosts`. A configured one
        also its own addresses; one that is written as a loopback address counts as listed by the
        host, because the host wrote it. A name that leads to a private range doesn't.
        """
        origins = {_origin(sandbox_url)} if sandbox_url else set()
        hosts: set[str] = set()
        if profile.kind is not ProfileKind.SESSION:
            for host, port in map(_origin, _own_urls(profile)):
                hosts.add(host)
                if _is_loopback_host(host):
                    origins.add((host, port))
        return cls(
            hosts=frozenset(hosts),
            origins=frozenset(origins),
            allowed_hosts=tuple(allowed_hosts),
            resolver=resolver,
        )

    def check(self, url: httpx.URL) -> None:
        """Refuse a URL that may not be asked. Raises WireFault of the kind blocked."""
        host, port = _host(url), url.port or _DEFAULT_PORTS.get(url.scheme, 0)
        if url.userinfo:
            raise blocked("the address contains a user name or password")
        if url.scheme not in _DEFAULT_PORTS or not host:
            raise blocked("the address must begin with https:// and a host")
        literal = _literal(host)
        if literal is None and _NUMERIC_LABEL.fullmatch(host.rpartition(".")[2]):
            raise blocked("the host is a number in an unusual form")
        if not self._may_reach(host, port, literal):
            raise blocked("the host isn't one that this profile may reach")
        if literal is not None:
            self._check_address(host, port, literal)
        if url.scheme == "http" and not _is_loopback_host(host):
            raise blocked("plain http is allowed on this machine only; use https")

    def addresses(self, host: str, port: int) -> tuple[str, ...]:
        """The addresses to connect to, each of them allowed. Raises WireFault otherwise."""
        host = host.lower().rstrip(".")
        literal = _literal(host)
        if literal is not None:
            self._check_address(host, port, literal)
            return (str(literal),)
        try:
            answers = self.resolver(host, port)
        except (OSError, UnicodeError) as error:
            raise WireFault(FaultKind.DNS, "the name isn't known", sent=False) from error
        if not answers:
            raise WireFault(FaultKind.DNS, "the name has no address", sent=False)
        found = [ipaddress.ip_address(answer) for answer in answers]
        for address in found:
            self._check_address(host, port, address)
        return tuple(map(str, found))

    def _may_reach(self, host: str, port: int, literal: Address | None) -> bool:
        return (
            (self.box and (host == "box.com" or host.endswith(".box.com")))
            or host in self.hosts
            or (host, port) in self.origins
            or self._listed.host(host, port)
            or (literal is not None and self._listed.address(literal))
        )

    def _check_address(self, host: str, port: int, address: Address) -> None:
        if address.is_multicast or address.is_unspecified:
            raise blocked("the host leads to an address that is no single machine")
        if host in _LOOPBACK_NAMES and not address.is_loopback:
            raise blocked("localhost leads to another machine")
        if (
            is_public(address)
            or ((host, port) in self.origins and address.is_loopback)
            or self._listed.host(host, port)
            or self._listed.address(address)
        ):
            return
        raise blocked("the host leads to a loopback, private or otherwise special address")


class GuardedBackend(httpcore.NetworkBackend):
    """Connects to addresses that the guard allowed, and to nothing else."""

    def __init__(self, egress: Egress) -> None:
        self._egress = egress
        self._backend = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """A connection to one of the host's allowed addresses, tried in the resolver's order."""
        *others, last = self._egress.addresses(host, port)
        for address in others:
            try:
                return self._backend.connect_tcp(
                    address, port, timeout, local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                continue
        return self._backend.connect_tcp(last, port, timeout, local_address, socket_options)

    def connect_unix_socket(
        self,
        path: str,  # noqa: ARG002  # the signature is httpcore's
        timeout: float | None = None,  # noqa: ARG002
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,  # noqa: ARG002
    ) -> httpcore.NetworkStream:
        """Never: nothing of ours listens there."""
        raise blocked("a local socket isn't a host")

    def sleep(self, seconds: float) -> None:
        """As the wrapped backend does."""
        self._backend.sleep(seconds)


def _own_urls(profile: Profile) -> list[str]:
    urls: list[str] = []
    if profile.box is not None:
        urls += [profile.box.api_url, profile.box.account_url]
    if profile.kloudless is not None and profile.kloudless.base_url:
        urls.append(profile.kloudless.base_url)
    return urls


def _origin(url: str) -> tuple[str, int]:
    parts = urlsplit(url)
    try:
        port = parts.port
    except ValueError:
        port = None
    return (parts.hostname or "").rstrip("."), port or _DEFAULT_PORTS.get(parts.scheme, 0)


def _host(url: httpx.URL) -> str:
    return url.raw_host.decode("ascii").lower().rstrip(".")


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _literal(host: str) -> Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _is_loopback_host(host: str) -> bool:
    literal = _literal(host)
    return host in _LOOPBACK_NAMES or (literal is not None and literal.is_loopback)
