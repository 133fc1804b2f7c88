"""What a reader says of its connection: only what a call showed."""

from types import SimpleNamespace
from typing import Any

import pytest

from lib.app.background.reading import Reader
from lib.core.errors import RunbookError, StoreError, Who
from lib.settings.profiles import KloudlessCredentials, session_profile
from lib.store.ledger.ledger import Ledger
from lib.store.ledger.reading_runs import RunState
from tests.unit.runbook.verdict_samples import NOW

REFUSED = StoreError("Refused.", cause="c", fix="f", who=Who.YOU)


def reader(ledger: Ledger, clients: Any) -> Reader:
    """Of a profile with Kloudless alone."""
    profile = session_profile(kloudless=KloudlessCredentials())
    return Reader(
        profile, clients, ledger, woken=lambda: None, settle=lambda _: None, clock=lambda: NOW
    )


def test_kloudless_alone_is_not_connected_before_a_call_worked() -> None:
    ledger = Ledger.in_memory()
    seen: list[object] = []

    def asked(_profile: object) -> object:
        seen.append(made.connection)
        raise REFUSED

    made = reader(ledger, SimpleNamespace(reader=asked))
    with pytest.raises(RunbookError):
        made._sync(made.keeps, None, made._woken_up)
    assert seen == [None]
    assert (made.connection, made.read_at) == (None, None)
    ledger.close()


@pytest.mark.parametrize("state", [RunState.DONE, RunState.CANCELLED])
def test_a_run_that_was_cancelled_is_not_a_last_read(
    state: RunState, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger = Ledger.in_memory()
    result = SimpleNamespace(state=state)
    monkeypatch.setattr("lib.activity.ingest.sync.sync", lambda *_a, **_k: result)
    made = reader(ledger, SimpleNamespace(reader=lambda _: None))
    made._sync(made.keeps, None, made._woken_up)
    assert (made.connection is not None) is (state is RunState.DONE)
    assert made.read_at == (NOW if state is RunState.DONE else None)
    ledger.close()
