"""What several integration tests start from."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from lib.store import EventStore, Ledger, Stores


@pytest.fixture
def stores(tmp_path: Path) -> Iterator[Stores]:
    """Both stores, as files, for one test."""
    ledger = Ledger.open(f"sqlite:///{tmp_path / 'ledger.sqlite'}")
    made = Stores(ledger, EventStore.open(tmp_path / "events.duckdb"))
    yield made
    made.close()
