"""A finding's key, and its way through JSON."""

import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

from lib.core.time_texts import rfc3339
from lib.detections.finding import (
    EVIDENCE_LIMIT,
    Attack,
    Confidence,
    Finding,
    Severity,
)

SINCE = datetime(2026, 3, 1, 9, tzinfo=UTC)
FOUND = Finding(
    "mass_download", "11", "11", SINCE, SINCE + timedelta(hours=1), ("a", "b"), 2,
    Severity.HIGH, Confidence.MEDIUM, "Many at once.", {"files": 2},
)  # fmt: skip


def test_pin_a_key_follows_from_detection_subject_and_beginning() -> None:
    whole = hashlib.sha256(b"mass_download\n11\n2026-03-01T09:00:00+00:00").hexdigest()
    assert FOUND.key == whole[:24]
    elsewhere = replace(FOUND, since=SINCE.astimezone(timezone(timedelta(hours=9))))
    assert elsewhere.key == FOUND.key
    for other in (
        replace(FOUND, detection="mass_delete"),
        replace(FOUND, subject="12"),
        replace(FOUND, since=SINCE + timedelta(seconds=1)),
        replace(FOUND, began=SINCE - timedelta(days=1)),
    ):
        assert other.key != FOUND.key
    assert replace(FOUND, since=SINCE + timedelta(seconds=1), began=SINCE).key == FOUND.key


def test_a_finding_comes_back_from_json_as_it_was() -> None:
    for one in (FOUND, replace(FOUND, began=SINCE - timedelta(days=1), actor_id=None)):
        told = one.as_dict()
        assert told["key"] == one.key
        assert told["began"] == rfc3339(one.began or one.since)
        again = Finding.from_dict(told)
        assert again == replace(one, began=one.began or one.since)
        assert again.key == one.key


def test_pin_what_others_read_of_a_finding() -> None:
    assert EVIDENCE_LIMIT == 1000  # what stores and alerts hold
    assert rfc3339(SINCE) == "2026-03-01T09:00:00Z"
    url = "https://attack.mitre.org/techniques/T1078/004/"
    assert Attack("T1078.004", "Cloud Accounts").url == url
