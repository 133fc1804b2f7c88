"""`report` and `store` as their users run them: real processes, beside a running owner or alone."""

from pathlib import Path

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
