"""Fixtures of the sandbox's own tests."""

from collections.abc import Iterator

import pytest

from tests.integration.sandbox.box_calls import Box, open_box
from tests.integration.sandbox.receiver import Receiver, listening
from tests.sandbox_server import SandboxServer, running_sandbox


@pytest.fixture(scope="session")
def sandbox_process() -> Iterator[SandboxServer]:
    """A sandbox of these tests' own: they make events happen, which others count."""
    with running_sandbox() as server:
        yield server


@pytest.fixture(scope="session")
def box_process(sandbox_process: SandboxServer) -> Iterator[Box]:
    """A bare Box client for the shared sandbox."""
    box = open_box(sandbox_process.url)
    yield box
    box.http.close()


@pytest.fixture
def box(sandbox: SandboxServer, box_process: Box) -> Box:
    """The client, with no fault on before and after the test."""
    del sandbox
    return box_process


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A webhook receiver on this machine."""
    with listening() as receiver:
        yield receiver
