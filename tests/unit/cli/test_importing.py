"""What `import` says of a file of another program."""

import json
from pathlib import Path

import pytest

from lib.cli import main
from lib.cli.arguments import FAILED, OK

CASES = Path(__file__).parents[2] / "data" / "cases"
REPORT = CASES / "user-activity-en.csv"


def test_a_missing_column_is_named_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = REPORT.read_text(encoding="utf-8-sig").splitlines()
    file = tmp_path / "report.csv"
    file.write_text(lines[0].replace(",Action,", ",Deed,") + "\n" + lines[1], encoding="utf-8")
    assert main(["import", str(file), "--dry-run"]) == FAILED
    assert capsys.readouterr().out == (
        "No column is event_type. Name it with --column 'HEADER=event_type'.\n"
    )


def test_the_zone_that_was_assumed_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["import", str(REPORT), "--dry-run", "--timezone", "Asia/Tokyo", "--json"]) == OK
    assert json.loads(capsys.readouterr().out)["timezone"] == "Asia/Tokyo"
    assert main(["import", str(REPORT), "--dry-run"]) == OK


def test_a_file_that_is_imported_again_is_all_repeats(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = CASES / "ext_noids_same_second.jsonl"
    counts = []
    for _ in range(2):
        assert main(["import", str(file), "--data", str(tmp_path), "--json"]) == OK
        answer = json.loads(capsys.readouterr().out)
        counts.append((answer["rows"], answer["repeated"], answer["timezone"]))
    assert counts == [(5, 0, None), (0, 5, None)]
