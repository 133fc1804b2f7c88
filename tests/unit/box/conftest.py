from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from lib.core.redaction import Secret
from lib.http import Egress, Journal, Policy, Waiting, build_client
from lib.settings.profiles import BoxAuth, BoxCredentials
from tests.wire_server import WireServer, wire_server


@dataclass
class FakeTime:
    """A clock that only moves when somebody sleeps or a test moves it."""

    at: datetime = datetime(2026, 11, 1, 12, tzinfo=UTC)
    slept: list[float] = field(default_factory=list)

    def now(self) -> datetime:
        return self.at

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.at += timedelta(seconds=seconds)

    def move(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)

    @property
    def waiting(self) -> Waiting:
        return Waiting(clock=self.now, sleep=self.sleep, jitter=lambda low, _high: low)


@pytest.fixture
def server() -> Iterator[WireServer]:
    with wire_server() as running:
        yield running


@pytest.fixture
def time() -> FakeTime:
    return FakeTime()


@pytest.fixture
def journal() -> Journal:
    return Journal()


@pytest.fixture
def http(server: WireServer, time: FakeTime, journal: Journal) -> Iterator[httpx.Client]:
    egress = Egress(origins=frozenset({("127.0.0.1", server.port)}))
    policy = Policy(waiting=time.waiting, budget=None)
    with build_client(egress, journal, policy=policy) as client:
        yield client


@pytest.fixture(scope="session")
def private_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture(scope="session")
def private_pem(private_key: rsa.RSAPrivateKey) -> str:
    return private_key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(b"canary-passphrase"),
    ).decode()


MakeCredentials = Callable[..., BoxCredentials]


@pytest.fixture
def credentials(server: WireServer, private_pem: str) -> MakeCredentials:
    def make(auth: BoxAuth = BoxAuth.JWT, **changes: object) -> BoxCredentials:
        values: dict[str, object] = {
            "client_id": "client-1",
            "client_secret": Secret("canary-client-secret"),
            "public_key_id": "abcd1234",
            "private_key": Secret(private_pem),
            "passphrase": Secret("canary-passphrase"),
            "enterprise_id": "1234567",
            "api_url": server.url,
            "account_url": f"{server.url}/api",
        }
        return BoxCredentials(auth=auth, **{**values, **changes})  # type: ignore[arg-type]

    return make
