"""Fixtures that every kind of test shares."""

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from lib.http import SHARED_BUDGET
from tests.sandbox_server import SandboxServer, running_sandbox

# Properties say nothing about time: neither a busy machine nor a slow first example fails one.
settings.register_profile("calm", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("calm")


@pytest.fixture(scope="session")
def sandbox_process() -> Iterator[SandboxServer]:
    """One sandbox for the whole run; its world ends at a fixed time.

    Others count its events: a test that makes some happen takes `own_sandbox`. It admits any number
    of calls, because hundreds of tests call as the same user; what is about limits has its own.
    """
    with running_sandbox("--no-rate-limits") as server:
        yield server


@pytest.fixture(autouse=True)
def whole_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every test has all calls of a minute, as the app of one person has."""
    monkeypatch.setattr(SHARED_BUDGET, "_accounts", {})


@pytest.fixture
def sandbox(sandbox_process: SandboxServer) -> Iterator[SandboxServer]:
    """The shared sandbox, without any fault before and after the test."""
    sandbox_process.clear_faults()
    yield sandbox_process
    sandbox_process.clear_faults()


@pytest.fixture
def own_sandbox() -> Iterator[SandboxServer]:
    """A sandbox of this test's own, to do with as it likes."""
    with running_sandbox() as server:
        yield server
