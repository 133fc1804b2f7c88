import ipaddress
import socket
import ssl
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread

import httpcore
import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from lib.core.errors import Unreachable
from lib.http import Egress, Journal, Policy, RetryPolicy, build_client, is_public, send
from lib.http.egress import GuardedBackend, resolve
from lib.http.faults import WireFault
from lib.settings.profiles import (
    BoxCredentials,
    KloudlessCredentials,
    Profile,
    ProfileKind,
    session_profile,
)
from tests.wire_server import WireServer

ONCE = Policy(retry=RetryPolicy(attempts=1), budget=None)


def names(answers: Mapping[str, Sequence[str]]) -> Callable[[str, int], Sequence[str]]:
    def resolver(host: str, _port: int) -> Sequence[str]:
        if host not in answers:
            raise socket.gaierror(socket.EAI_NONAME, "not known")
        return answers[host]

    return resolver


def ask(egress: Egress, url: str) -> httpx.Response:
    with build_client(egress, Journal(), policy=ONCE) as http:
        return send(http, "GET", url)


class Outside:
    """Everything that would leave this machine: names that were asked, addresses that were called.

    It stands where the guard's own connection would be made, so nothing gets past it.
    """

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.called: list[str] = []

    def resolve(self, host: str, _port: int) -> Sequence[str]:
        self.asked.append(host)
        return ["93.184.216.34"]

    def connect(self, host: str, *_how: object) -> httpcore.NetworkStream:
        self.called.append(host)
        raise httpcore.ConnectError("nobody is here")


@pytest.fixture
def outside(monkeypatch: pytest.MonkeyPatch) -> Outside:
    made = Outside()
    monkeypatch.setattr(httpcore.SyncBackend, "connect_tcp", made.connect)
    return made


def blocked(egress: Egress, url: str) -> Unreachable:
    with pytest.raises(Unreachable) as caught:
        ask(egress, url)
    assert caught.value.kind == "blocked"
    return caught.value


@pytest.mark.parametrize(
    "typed",
    [
        "169.254.169.254",
        "[::1]",
        "0x7f.1",
        "2130706433",
        "0177.0.0.1",
        "127.1",
        "0",
        "127.0.0.1",
        "[::ffff:127.0.0.1]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
        "[fe80::1]",
        "[fd00::1]",
        "10.0.0.1",
        "100.64.0.1",
        "192.168.1.1",
        "172.16.0.1",
        "224.0.0.1",
        "255.255.255.255",
        "0.0.0.0",  # noqa: S104  # an address that is refused
        "[::]",
        "localhost",
        "LOCALHOST.",
        "metadata.google.internal",
    ],
)
def test_typed_addresses_are_refused_before_a_byte_is_sent(typed: str, outside: Outside) -> None:
    profile = session_profile(kloudless=KloudlessCredentials(base_url=f"https://{typed}/v1"))
    egress = Egress.for_profile(profile, resolver=outside.resolve)
    for scheme in ("https", "http"):
        blocked(egress, f"{scheme}://{typed}:8600/v1/accounts/")
    assert (outside.asked, outside.called) == ([], [])


def test_what_is_allowed_does_leave(outside: Outside) -> None:
    """The proof that the tests around it would see a byte that is sent."""
    egress = Egress(hosts=frozenset({"k.example"}), resolver=outside.resolve)
    with pytest.raises(Unreachable) as caught:
        ask(egress, "https://k.example/v1/")
    assert caught.value.kind == "refused"
    assert (outside.asked, outside.called) == (["k.example"], ["93.184.216.34"])


@pytest.mark.parametrize(
    "typed",
    ["169.254.169.254", "10.0.0.1", "[fd00::1]", "0x7f.1", "2130706433", "0177.0.0.1"],
)
def test_a_configured_profile_does_not_list_its_private_addresses_by_naming_them(
    typed: str, outside: Outside
) -> None:
    url = f"https://{typed}:8600/v1"
    profile = Profile("acme", "Acme", ProfileKind.CONFIGURED, kloudless=KloudlessCredentials(url))
    blocked(Egress.for_profile(profile, resolver=outside.resolve), url)
    assert (outside.asked, outside.called) == ([], [])


@pytest.mark.parametrize(
    "answers",
    [
        ["10.1.2.3"],
        ["127.0.0.1"],
        ["93.184.216.34", "127.0.0.1"],
        ["127.0.0.1", "93.184.216.34"],
        ["::1"],
        ["2606:2800:220:1::1", "fe80::1"],
        ["169.254.169.254"],
    ],
)
def test_a_name_with_any_private_answer_is_refused_before_a_byte_is_sent(
    answers: list[str], outside: Outside
) -> None:
    egress = Egress(
        allowed_hosts=(), hosts=frozenset({"k.example"}), resolver=names({"k.example": answers})
    )
    blocked(egress, "https://k.example/v1/")
    assert outside.called == []


def test_an_origin_that_is_known_may_be_loopback_and_no_other_special_address() -> None:
    """The sandbox is on this machine: its name that leads elsewhere is somebody else's doing."""
    found = {
        answer: Egress.for_profile(
            session_profile(),
            sandbox_url="http://sandbox.example:8600",
            resolver=names({"sandbox.example": [answer]}),
        )
        for answer in ("127.0.0.1", "::1", "10.1.2.3", "169.254.169.254", "fd00::1")
    }
    for answer, egress in found.items():
        if ipaddress.ip_address(answer).is_loopback:
            assert egress.addresses("sandbox.example", 8600) == (answer,), answer
        else:
            with pytest.raises(WireFault, match="private or otherwise special"):
                egress.addresses("sandbox.example", 8600)
        with pytest.raises(WireFault, match="private or otherwise special"):
            egress.addresses("sandbox.example", 8601)


def test_a_name_that_changes_its_answer_is_refused_at_the_second_connection(
    outside: Outside,
) -> None:
    answers = iter([["93.184.216.34"], ["127.0.0.1"]])
    egress = Egress(hosts=frozenset({"k.example"}), resolver=lambda *_: next(answers))
    assert egress.addresses("k.example", 443) == ("93.184.216.34",)
    blocked(egress, "https://k.example/")
    assert outside.called == []


def test_the_connection_goes_to_the_address_that_was_judged(server: WireServer) -> None:
    asked: list[str] = []

    def resolver(host: str, _port: int) -> Sequence[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["203.0.113.9"]

    egress = Egress(allowed_hosts=("rebound.example",), resolver=resolver)
    stream = GuardedBackend(egress).connect_tcp("rebound.example", server.port, timeout=5)
    assert stream.get_extra_info("server_addr") == ("127.0.0.1", server.port)
    stream.close()
    assert asked == ["rebound.example"]


def test_the_first_address_that_answers_is_used(server: WireServer) -> None:
    egress = Egress(
        allowed_hosts=("two.example",), resolver=names({"two.example": ["127.0.0.2", "127.0.0.1"]})
    )
    stream = GuardedBackend(egress).connect_tcp("two.example", server.port, timeout=5)
    assert stream.get_extra_info("server_addr")[0] == "127.0.0.1"
    stream.close()


def test_a_local_socket_is_never_connected() -> None:
    with pytest.raises(Exception, match="local socket"):
        GuardedBackend(Egress()).connect_unix_socket("/run/docker.sock")


def test_an_unknown_name_is_a_dns_fault() -> None:
    nothing: tuple[Mapping[str, Sequence[str]], ...] = ({}, {"nowhere.example": ()})
    for answers in nothing:
        egress = Egress(hosts=frozenset({"nowhere.example"}), resolver=names(answers))
        with pytest.raises(Unreachable) as caught:
            ask(egress, "https://nowhere.example/")
        assert caught.value.kind == "dns"


def test_a_session_profile_reaches_box_the_sandbox_and_listed_hosts_only() -> None:
    profile = session_profile(
        box=BoxCredentials(api_url="https://box.evil.example"),
        kloudless=KloudlessCredentials(base_url="https://kloudless.evil.example/v1"),
    )
    egress = Egress.for_profile(
        profile, allowed_hosts=["kloudless.acme.example"], sandbox_url="http://127.0.0.1:8600"
    )
    for url in (
        "https://api.box.com/2.0/users/me",
        "https://account.box.com/api/oauth2/authorize",
        "https://upload.box.com/api/2.0/files",
        "https://box.com/",
        "http://127.0.0.1:8600/2.0/users/me",
        "https://kloudless.acme.example/v1/",
    ):
        egress.check(httpx.URL(url))
    for url in (
        "https://box.evil.example/2.0/users/me",
        "https://kloudless.evil.example/v1/accounts/",
        "https://api.box.com.evil.example/",
        "https://evilbox.com/",
        "http://127.0.0.1:8601/",
        "http://localhost:8600/",
        "http://api.box.com/2.0/users/me",
        "ftp://api.box.com/",
    ):
        blocked(egress, url)


def test_a_configured_profile_reaches_its_own_addresses_too() -> None:
    profile = Profile(
        "acme",
        "Acme",
        ProfileKind.CONFIGURED,
        box=BoxCredentials(api_url="https://box-gateway.acme.example"),
        kloudless=KloudlessCredentials(base_url="https://kloudless.acme.example/v1"),
    )
    public = names({"kloudless.acme.example": ["93.184.216.34"]})
    egress = Egress.for_profile(profile, resolver=public)
    egress.check(httpx.URL("https://kloudless.acme.example/v1/accounts/"))
    egress.check(httpx.URL("https://box-gateway.acme.example/2.0/users/me"))
    assert egress.addresses("kloudless.acme.example", 443) == ("93.184.216.34",)
    blocked(egress, "https://other.acme.example/")


def test_a_loopback_address_that_the_host_wrote_is_reached_at_that_port_only(
    server: WireServer,
) -> None:
    profile = Profile(
        "local", "Local", ProfileKind.CONFIGURED, box=BoxCredentials(api_url=server.url)
    )
    egress = Egress.for_profile(profile)
    assert ask(egress, f"{server.url}/2.0/users/me").status_code == 200
    blocked(egress, f"http://127.0.0.1:{server.port + 1}/")


@pytest.mark.parametrize(
    "listed", ["k.example", " K.EXAMPLE. ", "k.example:443", "10.0.0.0/8", "10.1.2.3", " 10.1.2.3"]
)
def test_what_the_host_listed_may_be_private(listed: str) -> None:
    egress = Egress(
        hosts=frozenset({"k.example"}),
        allowed_hosts=(listed,),
        resolver=names({"k.example": ["10.1.2.3"]}),
    )
    assert egress.addresses("k.example", 443) == ("10.1.2.3",)


def test_a_listed_port_opens_that_port_only() -> None:
    egress = Egress(allowed_hosts=("k.example:8443",), resolver=names({"k.example": ["10.1.2.3"]}))
    egress.check(httpx.URL("https://k.example:8443/v1/"))
    with pytest.raises(Exception, match="may reach"):
        egress.check(httpx.URL("https://k.example/v1/"))


def test_an_address_without_a_port_is_asked_at_that_of_its_scheme() -> None:
    for listed, url, reached in (
        ("k.example:443", "https://k.example/v1/", True),
        ("k.example:80", "https://k.example/v1/", False),
        ("127.0.0.1:80", "http://127.0.0.1/v1/", True),
        ("127.0.0.1:443", "http://127.0.0.1/v1/", False),
        ("[::1]:8443", "https://[::1]:8443/v1/", True),
        ("[::1]:8443", "https://[::1]/v1/", False),
    ):
        egress = Egress(allowed_hosts=(listed,))
        if reached:
            egress.check(httpx.URL(url))
        else:
            blocked(egress, url)
    for written, url in (
        ("http://127.0.0.1", "http://127.0.0.1:80/"),
        ("https://127.0.0.1/", "https://127.0.0.1:443/"),
    ):
        box = BoxCredentials(api_url=written)
        Egress.for_profile(Profile("a", "A", ProfileKind.CONFIGURED, box=box)).check(httpx.URL(url))


def test_an_address_is_judged_as_it_is_written_and_asked_of_no_resolver() -> None:
    profile = Profile(
        "a", "A", ProfileKind.CONFIGURED, box=BoxCredentials(api_url="https://10.0.0.1")
    )
    egress = Egress.for_profile(profile, resolver=names({}))
    with pytest.raises(WireFault, match="private or otherwise special"):
        egress.check(httpx.URL("https://10.0.0.1/"))
    assert egress.addresses("93.184.216.34", 443) == ("93.184.216.34",)
    with pytest.raises(WireFault, match="private or otherwise special"):
        egress.addresses("10.0.0.1", 443)


def test_the_resolver_gives_addresses_alone_each_once(monkeypatch: pytest.MonkeyPatch) -> None:
    assert resolve("127.0.0.1", 8443) == ("127.0.0.1",)
    answers = [(0, 0, 0, "", (text, 443)) for text in ("fe80::1%eth0", "::1", "::1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_a, **_k: answers)
    assert resolve("k.example", 443) == ("fe80::1", "::1")


def test_a_listed_range_does_not_let_a_session_reach_unlisted_names() -> None:
    egress = Egress(allowed_hosts=("10.0.0.0/8",), resolver=names({"k.example": ["10.1.2.3"]}))
    egress.check(httpx.URL("https://10.1.2.3/v1/"))
    blocked(egress, "https://k.example/v1/")


def test_multicast_is_refused_even_where_it_is_listed() -> None:
    blocked(Egress(allowed_hosts=("224.0.0.1",)), "https://224.0.0.1/")


def test_plain_http_is_refused_to_another_machine_even_where_it_is_listed() -> None:
    for host in ("k.example", "10.1.2.3"):
        blocked(Egress(allowed_hosts=(host,)), f"http://{host}/")


def test_localhost_that_leads_elsewhere_is_refused() -> None:
    egress = Egress(allowed_hosts=("localhost",), resolver=names({"localhost": ["10.0.0.1"]}))
    blocked(egress, "http://localhost:8600/")


def test_a_user_name_in_the_address_is_refused_and_not_repeated() -> None:
    error = blocked(Egress(), "https://someone:hunter2@api.box.com/2.0/users/me")
    assert "hunter2" not in f"{error} {error.cause} {error.fix}"


@pytest.mark.parametrize("url", ["https://", "not an address", "https://[::1", "https://a b/"])
def test_what_is_no_address_is_refused(url: str) -> None:
    blocked(Egress(), url)


# What the IANA registries of special-purpose addresses call not globally reachable, multicast, and
# what carries an IPv4 address inside: each with the public address right below and right above it
# ("" where that isn't public either). Written anew here, so that a range lost there is noticed.
SPECIAL = {
    ipaddress.ip_network(text): (below, above)
    for text, below, above in (
        ("0.0.0.0/8", "", "1.0.0.0"),
        ("10.0.0.0/8", "9.255.255.255", "11.0.0.0"),
        ("100.64.0.0/10", "100.63.255.255", "100.128.0.0"),
        ("127.0.0.0/8", "126.255.255.255", "128.0.0.0"),
        ("169.254.0.0/16", "169.253.255.255", "169.255.0.0"),
        ("172.16.0.0/12", "172.15.255.255", "172.32.0.0"),
        ("192.0.0.0/24", "191.255.255.255", "192.0.1.0"),
        ("192.0.2.0/24", "192.0.1.255", "192.0.3.0"),
        ("192.88.99.0/24", "192.88.98.255", "192.88.100.0"),
        ("192.168.0.0/16", "192.167.255.255", "192.169.0.0"),
        ("198.18.0.0/15", "198.17.255.255", "198.20.0.0"),
        ("198.51.100.0/24", "198.51.99.255", "198.51.101.0"),
        ("203.0.113.0/24", "203.0.112.255", "203.0.114.0"),
        ("224.0.0.0/4", "223.255.255.255", ""),
        ("240.0.0.0/4", "", ""),
        ("::/3", "", "2000::"),  # loopback, v4-mapped, NAT64, discard-only, dummy
        ("2001::/23", "2000:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "2001:200::"),
        ("2001:db8::/32", "2001:db7:ffff:ffff:ffff:ffff:ffff:ffff", "2001:db9::"),
        ("2002::/16", "2001:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "2003::"),
        ("3fff::/20", "3ffe:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "3fff:1000::"),
        ("4000::/2", "3fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", ""),  # 5f00::/16, segment routing
        ("8000::/1", "", ""),  # unique local, link-local, multicast
    )
}


@given(st.sampled_from(list(SPECIAL)).flatmap(lambda network: st.ip_addresses(network=network)))
def test_no_address_of_a_special_range_is_public(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> None:
    assert not is_public(address)


@given(st.ip_addresses())
def test_an_address_that_is_not_global_is_not_public(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> None:
    hidden = isinstance(address, ipaddress.IPv6Address) and (
        address.ipv4_mapped or address.sixtofour or address.teredo
    )
    if not address.is_global or address.is_multicast or hidden:
        assert not is_public(address)


def test_a_special_range_ends_where_the_registry_says() -> None:
    """Its first and last address are refused; what lies right beside it is of the internet."""
    for network, beside in SPECIAL.items():
        for edge in (network[0], network[-1]):
            assert not is_public(edge), f"{edge} of {network}"
        for outside in filter(None, beside):
            assert is_public(ipaddress.ip_address(outside)), f"{outside} beside {network}"


def test_tls_is_asked_for_the_name_although_the_connection_is_made_by_address(
    tmp_path: Path,
) -> None:
    certificate, key = _certificate(tmp_path, "k.example")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    asked: list[str | None] = []
    context.sni_callback = lambda _socket, name, _context: asked.append(name)
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        connection, _ = listening.accept()
        with context.wrap_socket(connection, server_side=True) as stream:
            asked.append(stream.recv(65536).decode().split("\r\n")[1])
            stream.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}")

    thread = Thread(target=serve)
    thread.start()
    egress = Egress(allowed_hosts=("k.example",), resolver=names({"k.example": ["127.0.0.1"]}))
    trusting = ssl.create_default_context(cafile=str(certificate))
    port = listening.getsockname()[1]
    with httpcore.ConnectionPool(
        ssl_context=trusting, network_backend=GuardedBackend(egress)
    ) as pool:
        answer = pool.request("GET", f"https://k.example:{port}/")
    thread.join()
    listening.close()
    assert answer.status == 200
    assert asked == ["k.example", f"Host: k.example:{port}"]


def test_an_untrusted_certificate_is_a_tls_fault(tmp_path: Path) -> None:
    certificate, key = _certificate(tmp_path, "k.example")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        connection, _ = listening.accept()
        try:
            context.wrap_socket(connection, server_side=True).close()
        except OSError:
            connection.close()

    thread = Thread(target=serve)
    thread.start()
    egress = Egress(allowed_hosts=("k.example",), resolver=names({"k.example": ["127.0.0.1"]}))
    with pytest.raises(Unreachable) as caught:
        ask(egress, f"https://k.example:{listening.getsockname()[1]}/")
    thread.join()
    listening.close()
    assert caught.value.kind == "tls"


def _certificate(folder: Path, name: str) -> tuple[Path, Path]:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    paths = folder / "certificate.pem", folder / "key.pem"
    paths[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    paths[1].write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return paths
