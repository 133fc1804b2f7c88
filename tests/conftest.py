"""Fixtures that every kind of test shares."""

import os
import shutil
from collections import Counter
from collections.abc import Iterator
from typing import Final

import pytest
from hypothesis import HealthCheck, settings

from lib.http import SHARED_BUDGET
from tests.sandbox_server import SandboxServer, running_sandbox

# Properties say nothing about time: neither a busy machine nor a slow first example fails one.
settings.register_profile(
    "calm",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    max_examples=int(os.environ.get("BOX_RUNBOOK_EXAMPLES", "100")),
)
settings.load_profile("calm")


#: Apps of the browser tests that many files share: whoever uses one runs where it was started.
SHARED_APPS: Final = ("app", "still")


@pytest.hookimpl(tryfirst=True)  # before xdist reads the marks
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Parallel runs keep together what shares a costly fixture: an app, else the file's own.

    Groups with a browser come first: they wait most, so units fill the gaps beside them.
    """
    for item in items:
        fixtures = getattr(item, "fixturenames", ())
        shared = next((name for name in SHARED_APPS if name in fixtures), None)
        item.add_marker(pytest.mark.xdist_group(shared or item.nodeid.partition("::")[0]))
    items.sort(key=lambda item: item.get_closest_marker("browser") is None)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """A test whose program isn't on this machine isn't run and says so; in CI it fails."""
    needed = [str(mark.args[0]) for mark in item.iter_markers("needs")]
    if item.get_closest_marker("browser") is not None:
        needed.append("chromium")
    for program in needed:
        if shutil.which(program) is None:
            if os.environ.get("CI"):
                pytest.fail(f"{program} isn't on this machine", pytrace=False)
            pytest.skip(f"{program} isn't on this machine")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Each reason for which tests weren't run, with how many; the last line counts them all."""
    skipped = terminalreporter.getreports("skipped")
    reasons = Counter(
        (report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr))
        for report in skipped
    )
    for reason, count in reasons.items():
        terminalreporter.write_line(f"NOT RUN: {count} ({reason.removeprefix('Skipped: ')})")


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
