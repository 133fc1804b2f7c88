"""`report` and `store` as their users run them: real processes, beside a running owner or alone."""

from pathlib import Path

import duckdb
import pytest

from lib.store.versions import known
from tests.data_folders import NEWEST, OLDEST, unpack
from tests.integration.test_cli import answer, env, run, since_days
from tests.owner_process import owner_process

__all__ = ["env"]


def test_reports_and_backups_are_made_while_another_process_owns_the_stores(
    env: dict[str, str],  # the fixture
    tmp_path: Path,
) -> None:
    folder = tmp_path / "backup"
    with owner_process(env, tmp_path / "data", "--since", since_days(2)) as owner:
        assert answer(run("sync", "--json", "--since", since_days(2), env=env))["ok"]
        for name in ("report.html", "report.pdf"):
            out = tmp_path / name
            done = answer(run("report", "--json", "--out", str(out), "--since", "365d", env=env))
            assert done["bytes"] == out.stat().st_size > 5000
            assert out.stat().st_mode & 0o777 == 0o600
        made = answer(run("store", "backup", "--json", "--out", str(folder), env=env))
        assert set(made["sha256"]) == {"ledger.sqlite", "events.duckdb"}
        again = answer(run("store", "backup", "--json", "--out", str(folder), env=env), 1)
        assert "empty" in again["error"]["cause"]
        refused = answer(run("store", "restore", "--json", str(folder), env=env), 1)
        assert "running" in refused["error"]["cause"]
        built = answer(run("store", "renormalise", "--json", "--all", env=env))
        assert built["events"] > 0
        assert built["whole"]
    assert owner.printed["ok"]
    other = {**env, "BOX_RUNBOOK_DATA": str(tmp_path / "other")}
    restored = answer(run("store", "restore", "--json", str(folder), env=other))
    assert restored["events"] > 0
    migrated = answer(run("store", "migrate", "--json", env=other))
    assert migrated["from"] == migrated["to"]


@pytest.mark.parametrize(
    "command", [("migrate",), ("renormalise",), ("backup", "--out", "{folder}/copy")]
)
def test_any_command_upgrades_an_older_folder_and_says_how_far_it_is(
    command: tuple[str, ...], tmp_path: Path
) -> None:
    unpack(OLDEST, tmp_path)
    arguments = [one.format(folder=tmp_path) for one in command]
    done = run("store", *arguments, "--json", "--data", str(tmp_path))
    found = answer(done)
    if command == ("migrate",):
        assert found["from"] == {"ledger": 1, "events": 1}
        assert (found["to"], found["done_by"]) == (known(), "this command")
    for step in ("Backing up before the upgrade", "Upgrading the event store"):
        assert f"{step}: 0 %" in done.stderr
    (made,) = (tmp_path / "backups").glob("*-from-schema-1.1-to-*")
    restored = run("store", "restore", "--json", str(made), "--replace", "--data", str(tmp_path))
    assert answer(restored)["ok"]


def test_a_folder_of_a_newer_version_is_refused_by_name(tmp_path: Path) -> None:
    unpack(NEWEST, tmp_path)
    with duckdb.connect(str(tmp_path / "events.duckdb")) as events:
        events.execute("UPDATE meta SET value = '99' WHERE name = 'version'")
        events.execute("UPDATE meta SET value = '9.9.0' WHERE name = 'app'")
    refused = answer(run("store", "migrate", "--json", "--data", str(tmp_path)), 1)
    assert "made by Box Runbook 9.9.0, a newer version; this is" in refused["error"]["cause"]
    assert "Install Box Runbook 9.9.0 or newer" in refused["error"]["fix"]
