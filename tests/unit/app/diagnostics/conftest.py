"""What the diagnostics look at, made of real files."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from lib.app.diagnostics import collect
from lib.app.diagnostics.subjects import of_files

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder in an empty working folder, where no settings file is."""
    monkeypatch.chdir(tmp_path)
    for name in ("BOX_RUNBOOK_DATA", "BOX_RUNBOOK_SANDBOX"):
        monkeypatch.delenv(name, raising=False)
    folder = tmp_path / "data"
    folder.mkdir(mode=0o700)
    return folder


def collected(data: Path) -> dict[str, Any]:
    """The document of a command while no app runs."""
    with of_files(data, NOW, "nobody was asked") as subject:
        return collect(subject, now=NOW)
