from collections.abc import Iterator

import pytest

from tests.wire_server import WireServer, wire_server


@pytest.fixture
def server() -> Iterator[WireServer]:
    with wire_server() as running:
        yield running
