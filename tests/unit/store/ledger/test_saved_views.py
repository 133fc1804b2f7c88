"""Saved views: kept by name for one profile, gone with it."""

from pathlib import Path

import pytest

from lib.core.errors import StoreError
from lib.store import Ledger
from lib.store.ledger.saved_views import MOST_NAME, SavedView
from tests.unit.activity.samples import DAY, NOW


def test_a_view_is_kept_replaced_and_forgotten_by_its_name(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'ledger.sqlite'}"
    ledger = Ledger.open(url)
    first = SavedView("acme", "Über <b>all</b>", {"period": "30d"}, NOW)
    ledger.views.keep(first)
    ledger.views.keep(SavedView("other", first.name, {"period": "7d"}, NOW))
    again = SavedView("acme", first.name, {"type": "LOGIN"}, NOW + DAY)
    ledger.views.keep(again)
    ledger.close()
    ledger = Ledger.open(url)
    assert ledger.views.of("acme") == [again]
    ledger.views.forget("acme", first.name)
    ledger.views.forget("acme", "never there")
    assert ledger.views.of("acme") == []
    ledger.delete_profile("other")
    assert ledger.views.of("other") == []
    ledger.close()


@pytest.mark.parametrize("name", ["", "x" * (MOST_NAME + 1)])
def test_a_name_that_can_not_be_used_is_refused(name: str) -> None:
    ledger = Ledger.in_memory()
    with pytest.raises(StoreError, match="no valid name"):
        ledger.views.keep(SavedView("acme", name, {}, NOW))
    ledger.close()


def test_a_full_profile_takes_no_more_and_loses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lib.store.ledger.saved_views.MOST_VIEWS", 2)
    ledger = Ledger.in_memory()
    for name in ("a", "b"):
        ledger.views.keep(SavedView("acme", name, {}, NOW))
    with pytest.raises(StoreError, match="not saved"):
        ledger.views.keep(SavedView("acme", "c", {}, NOW))
    ledger.views.keep(SavedView("acme", "a", {"period": "7d"}, NOW))
    assert [one.name for one in ledger.views.of("acme")] == ["a", "b"]
    ledger.close()
