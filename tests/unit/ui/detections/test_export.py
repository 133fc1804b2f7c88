"""Findings as CSV and JSON Lines: what is in them, no secrets, no formulas."""

import csv
import io
import json
from datetime import UTC, datetime, timedelta

import pytest

from lib.activity.exporting.csv_safety import restored
from lib.core.redaction import HIDDEN
from lib.detections import finding_records
from lib.detections.finding import Confidence, Finding, Severity
from lib.detections.registry import by_id
from lib.store.ledger.findings import FindingMute, KeptFinding
from lib.ui.detections.export import COLUMNS, csv_of, jsonl_of
from lib.ui.detections.state import Shown

AT = datetime(2026, 11, 1, 12, 30, tzinfo=UTC)
TOKEN = "access_token=Xk29canaryTOKENvalue8812"


def shown(*, who: str = "Ada", note: str = "", subject: str = "77", reason: str = "") -> Shown:
    """A finding as the page shows it."""
    finding = Finding(
        detection="mass_download",
        subject=subject,
        actor_id="77",
        since=AT,
        until=AT + timedelta(minutes=9),
        event_ids=("e1", "e2"),
        events=2,
        severity=Severity.HIGH,
        confidence=Confidence.MEDIUM,
        why="2 downloads; the limit is 1",
        facts={"limit": 1, "rules": ["=1+1", TOKEN]},
    )
    kept = KeptFinding(
        id=1,
        profile="acme",
        key=finding.key,
        detection=finding.detection,
        subject=subject,
        actor_id="77",
        source="box_stream",
        since=finding.since,
        until=finding.until,
        events=2,
        severity="high",
        record=finding.as_dict(),
        note=note,
        first_at=AT,
    )
    until = AT + timedelta(days=1)
    mute = FindingMute("acme", "mass_download", subject, reason, AT, until) if reason else None
    return Shown(kept, finding_records.finding_of(kept), by_id("mass_download"), mute, who)


def table(found: list[Shown]) -> list[dict[str, str]]:
    text = b"".join(csv_of(found)).decode()
    return list(csv.DictReader(io.StringIO(text, newline="")))


def lines(found: list[Shown]) -> list[dict[str, object]]:
    return [json.loads(line) for line in b"".join(jsonl_of(found)).splitlines()]


def test_json_lines_have_all_of_a_finding() -> None:
    [line] = lines([shown(note="known", reason="a planned test")])
    assert list(line) == [*COLUMNS, "event_ids"]
    assert line["key"] == shown().kept.key
    assert line["event_ids"] == ["e1", "e2"]
    assert (line["from"], line["to"]) == ("2026-11-01T12:30:00Z", "2026-11-01T12:39:00Z")
    assert (line["state"], line["mute_reason"]) == ("muted", "a planned test")
    assert (line["severity"], line["confidence"]) == ("high", "medium")
    assert line["facts"] == {"limit": 1, "rules": ["=1+1", f"access_token={HIDDEN}"]}
    assert line["changed_at"] is None


def test_csv_has_the_same_without_the_event_ids() -> None:
    found = [shown(), shown(who="Ben", subject="78")]
    for cells, line in zip(table(found), lines(found), strict=True):
        assert list(cells) == list(COLUMNS)
        assert json.loads(cells.pop("facts")) == line.pop("facts")
        assert cells == {
            name: "" if line[name] is None else str(line[name])
            for name in COLUMNS
            if name != "facts"
        }


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r", "'="])
@pytest.mark.parametrize("cell", ["who", "note", "subject", "mute_reason"])
def test_a_formula_is_no_formula_in_a_spreadsheet(sign: str, cell: str) -> None:
    hostile = f'{sign}HYPERLINK("https://evil.example","x")\nnext,"line'
    name = "reason" if cell == "mute_reason" else cell
    [cells] = table([shown(**{name: hostile})])
    assert cells[cell] == "'" + hostile
    assert restored(cells[cell]) == hostile


@pytest.mark.parametrize("form", [csv_of, jsonl_of], ids=["csv", "jsonl"])
def test_what_looks_like_a_secret_is_hidden(form: object) -> None:
    assert callable(form)
    found = shown(who=TOKEN, note=TOKEN, subject=TOKEN, reason=TOKEN)
    text = b"".join(form([found]))
    assert b"canaryTOKEN" not in text
    assert text.count(HIDDEN.encode()) == 5
