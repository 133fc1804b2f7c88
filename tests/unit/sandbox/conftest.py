"""Fixtures of the sandbox's own tests."""

from collections.abc import Iterator

import pytest

from tests.sandbox_server import SandboxServer, running_sandbox


@pytest.fixture(scope="session")
def sandbox_process() -> Iterator[SandboxServer]:
    """A sandbox of these tests' own: they make events happen, which others count."""
    with running_sandbox() as server:
        yield server
