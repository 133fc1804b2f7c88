"""Fixtures that every kind of test shares."""

import os
import shutil
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, settings
from xdist.scheduler import LoadScopeScheduling

from lib.http import SHARED_BUDGET
from tests.chromium import chromium
from tests.sandbox_server import SandboxServer, running_sandbox
from tests.slices import PROPERTY, ROUND, begin_round

# Properties say nothing about time: neither a busy machine nor a slow first example fails one.
settings.register_profile(
    "calm",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    max_examples=int(os.environ.get("BOX_RUNBOOK_EXAMPLES", "50")),
)
settings.load_profile("calm")


ROOT: Final = Path(__file__).parent.parent
#: Apps of tests/browser/conftest.py that many files share, by what a file that uses one says.
SHARED_APPS: Final = {"clocked: App": "clocked", "still: StillApp": "still", "app: App": "app"}


class TogetherScheduling(LoadScopeScheduling):  # type: ignore[misc]  # xdist has no types
    """Keeps a file's tests on one worker, and files that share an app: it is started once.

    xdist's own `loadgroup` has no effect under pytest 9.2, which knows no `_nodeid` any more.
    """

    def _split_scope(self, nodeid: str) -> str:
        return shared_app(nodeid.partition("::")[0])


@cache
def shared_app(file: str) -> str:
    """The app that a file of browser tests shares with others; else the file itself."""
    text = (ROOT / file).read_text(encoding="utf-8") if "/browser/" in file else ""
    return next((app for said, app in SHARED_APPS.items() if said in text), file)


def pytest_configure() -> None:
    """Before any worker starts."""
    begin_round()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> TogetherScheduling:
    """What `-n` distributes, and how."""
    return TogetherScheduling(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files with a browser come last, those that share an app before the others.

    The browser's driver leaves its event loop running in the process it was started in, where
    nothing can run a loop of its own any more; and a long file at the very end leaves one worker
    waiting for the other.
    """

    def place(item: pytest.Item) -> int:
        if item.get_closest_marker("browser") is None:
            return 0
        return 1 if shared_app(item.nodeid.partition("::")[0]) in SHARED_APPS.values() else 2

    items.sort(key=place)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """A test whose program isn't on this machine isn't run and says so; in CI it fails."""
    missing = [
        str(mark.args[0])
        for mark in item.iter_markers("needs")
        if shutil.which(str(mark.args[0])) is None
    ]
    if item.get_closest_marker("browser") is not None and chromium() is None:
        missing.append("chromium")
    for program in missing:
        if os.environ.get("CI"):
            pytest.fail(f"{program} isn't on this machine", pytrace=False)
        pytest.skip(f"{program} isn't on this machine")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Each reason for which tests weren't run, with how many, and each part of a longer walk.

    The last line counts what wasn't run.
    """
    skipped = terminalreporter.getreports("skipped")
    reasons = Counter(
        (report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr))
        for report in skipped
    )
    for reason, count in reasons.items():
        terminalreporter.write_line(f"NOT RUN: {count} ({reason.removeprefix('Skipped: ')})")
    parts = [
        str(said)
        for outcome in ("passed", "failed")
        for report in terminalreporter.getreports(outcome)
        if report.when == "call" or report.failed
        for name, said in report.user_properties
        if name == PROPERTY
    ]
    for part in sorted(set(parts)):
        terminalreporter.write_line(f"SLICE: {part}")
    if parts:
        again = f"{ROUND}={os.environ[ROUND]}"
        terminalreporter.write_line(f"SLICE: {again} takes the same again; make soak takes all.")


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
