"""Running detections, and keeping what they found."""

from lib.detections import finding_records, registry
from lib.detections.running import scope_of
from tests.unit.activity.samples import put_events
from tests.unit.detections.cases import DAY, HOUR, MINUTE, NOW, event, every, report, stores_of

NOON = NOW - 2 * DAY


def test_a_finding_is_kept_with_all_that_it_says_and_comes_back() -> None:
    stores = stores_of([event("DELETE", at) for at in every(MINUTE, 40, NOON)])
    found = report(stores, "mass_delete")
    (one,) = found.findings
    new = finding_records.keep(stores.ledger, found, at=NOW)
    (kept,) = stores.ledger.findings.all("acme")
    assert new == [kept.id]
    assert (kept.key, kept.subject, kept.actor_id, kept.events) == (one.key, "11", "11", 40)
    assert (kept.detection, kept.severity, kept.since) == ("mass_delete", one.severity, one.since)
    assert finding_records.finding_of(kept).as_dict() == one.as_dict()
    run = stores.ledger.findings.last_run("acme")
    assert run is not None
    assert (run.at, run.since, run.until) == (NOW, found.since, found.until)
    assert finding_records.keep(stores.ledger, found, at=NOW) == []
    stores.close()


def test_a_detection_is_found_by_its_id_alone() -> None:
    assert [registry.by_id(one.id) for one in registry.DETECTIONS] == list(registry.DETECTIONS)
    assert registry.by_id("nothing") is None


def test_the_own_domains_are_compared_in_small_letters_and_another_source_is_not_seen() -> None:
    stores = stores_of([event("DELETE", NOON)])
    assert scope_of(stores.events, "acme", NOON, NOW, own_domains=["ACME.Test"]).own_domains == {
        "acme.test"
    }
    put_events(stores, [event("DELETE", NOON)], source="box_user_stream")
    assert report(stores).seen
    stores.close()
    stores = stores_of([])
    assert not report(stores).seen
    stores.close()


def test_of_several_windows_that_were_too_full_the_sharpest_is_told() -> None:
    """A day of steady work is too much, and so is one hour of it: the hour is what is told."""
    morning = NOON.replace(hour=0)
    steady = every(14 * MINUTE, 100, morning)
    rush = every(MINUTE, 40, morning + 12 * HOUR)
    stores = stores_of([event("DELETE", at) for at in sorted({*steady, *rush})])
    (one,) = report(stores, "mass_delete").findings
    assert morning + 11 * HOUR < one.since
    assert one.until < morning + 14 * HOUR
    assert 40 <= one.events < 50
    stores.close()
