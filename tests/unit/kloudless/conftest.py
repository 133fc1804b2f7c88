from collections.abc import Iterator

import httpx
import pytest

from lib.core.redaction import Secret
from lib.http import Egress, Journal, Policy, Waiting, build_client
from lib.kloudless import KloudlessClient
from tests.wire_server import WireServer, wire_server


@pytest.fixture
def server() -> Iterator[WireServer]:
    with wire_server() as running:
        yield running


@pytest.fixture
def http(server: WireServer) -> Iterator[httpx.Client]:
    egress = Egress(origins=frozenset({("127.0.0.1", server.port)}))
    waiting = Waiting(sleep=lambda _: None, jitter=lambda low, _high: low)
    policy = Policy(waiting=waiting, budget=None)
    with build_client(egress, Journal(), policy=policy) as client:
        yield client


@pytest.fixture
def client(server: WireServer, http: httpx.Client) -> KloudlessClient:
    return KloudlessClient(http, f"{server.url}/v1", "app-1", api_key=Secret("canary-key"))
