"""What the ledger tells the checks of a profile."""

from datetime import UTC, datetime, timedelta

from lib.app.background.checking import LedgerRecords
from lib.store.ledger.deliveries import Notes
from lib.store.ledger.ledger import Ledger

NOW = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)


def test_the_last_delivery_is_the_last_that_a_key_proved() -> None:
    ledger = Ledger.in_memory()
    records = LedgerRecords(ledger)
    assert records.last_delivery("acme", "box") is None
    notes = Notes()
    later = NOW + timedelta(minutes=5)
    notes.used("acme", "box", "primary", NOW, right=True)
    notes.used("acme", "box", "secondary", later, right=True)
    notes.used("acme", "box", "primary", later + timedelta(1), right=False)
    notes.used("acme", "kloudless", "api_key", later, right=False)
    ledger.deliveries.keep([], notes)
    assert records.last_delivery("acme", "box") == later
    assert records.last_delivery("acme", "kloudless") is None
    assert records.last_delivery("other", "box") is None
    ledger.close()
