"""What the command found is in the app's history and incidents."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from lib.cli import main
from lib.runbook.checks.registry import CHECKS
from lib.runbook.health.recording import latest_verdicts
from lib.store.ledger.ledger import Ledger
from tests.sandbox_server import SandboxServer

CAUSE = "token.app_not_authorized"


@pytest.fixture
def data(tmp_path: Path, sandbox: SandboxServer, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("BOX_RUNBOOK_SANDBOX", sandbox.url)
    return tmp_path / "data"


def check(data: Path, *options: str) -> int:
    return main(["check", "--json", "--data", str(data), *options])


def causes(data: Path) -> Sequence[tuple[str, int]]:
    ledger = Ledger.open(f"sqlite:///{data / 'ledger.sqlite'}")
    found = [(one.cause, one.seen) for one in ledger.health.incidents("sandbox") if one.open]
    ledger.close()
    return found


def client_id(sandbox: SandboxServer) -> str:
    return str(sandbox.credentials()["box"]["config"]["boxAppSettings"]["clientID"])


def test_a_run_is_kept_whole(data: Path) -> None:
    assert check(data) == 0
    ledger = Ledger.open(f"sqlite:///{data / 'ledger.sqlite'}")
    assert set(latest_verdicts(ledger, "sandbox")) == {check.id for check in CHECKS}
    ledger.close()


def test_two_runs_that_see_a_cause_are_one_incident(data: Path, sandbox: SandboxServer) -> None:
    with sandbox.fault("app_not_authorized", client_id=client_id(sandbox)):
        assert check(data) == 1
        assert check(data) == 1
    assert (CAUSE, 2) in causes(data)


def test_a_run_of_other_checks_leaves_an_incident_as_it_is(
    data: Path, sandbox: SandboxServer
) -> None:
    with sandbox.fault("app_not_authorized", client_id=client_id(sandbox)):
        check(data)
    check(data, "--only", "kloudless.reachable")
    assert (CAUSE, 1) in causes(data)


def test_a_run_for_another_goal_is_not_kept(data: Path, sandbox: SandboxServer) -> None:
    with sandbox.fault("app_not_authorized", client_id=client_id(sandbox)):
        assert check(data, "--goal", "activity") == 1
    assert causes(data) == []
