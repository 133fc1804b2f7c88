"""One version, said in three places."""

import re
import tomllib
from datetime import date

from lib.core.version import VERSION
from tests.sandbox_server import ROOT

RELEASES = re.findall(
    r"^## (\d+\.\d+\.\d+) - (\d{4}-\d\d-\d\d)$",
    (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"),
    re.MULTILINE,
)


def test_the_newest_entry_of_the_changelog_the_package_and_the_app_agree() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert RELEASES[0][0] == VERSION == project["version"]


def test_the_changelog_goes_from_the_newest_version_and_day_to_the_oldest() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    headings = re.findall(r"^## (.+)$", text, re.MULTILINE)
    assert len(headings) - len(RELEASES) in {0, int(headings[0] == "Unreleased")}
    versions = [tuple(map(int, version.split("."))) for version, _ in RELEASES]
    days = [date.fromisoformat(day) for _, day in RELEASES]
    assert versions == sorted(set(versions), reverse=True)
    assert days == sorted(days, reverse=True)
