"""The command line as its users run it: real processes, a real sandbox, a real data folder."""

import csv
import json
import os
import re
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.owner_process import owner_process
from tests.sandbox_server import ROOT, UNTIL, SandboxServer

COLUMNS = [
    "csv_schema",
    "event_id",
    "source",
    "profile",
    "stream",
    "enterprise_id",
    "account_id",
    "occurred_at",
    "received_at",
    "event_type",
    "category",
    "actor_id",
    "actor_login",
    "actor_name",
    "actor_kind",
    "action_by_id",
    "item_type",
    "item_id",
    "item_name",
    "parent_id",
    "parent_name",
    "owner_id",
    "owner_login",
    "target_id",
    "target_login",
    "ip",
    "session_id",
    "service_id",
    "service_name",
    "size_bytes",
    "normaliser",
    "raw",
]


def run(
    *arguments: str, env: dict[str, str] | None = None, cwd: Path = ROOT
) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "lib", *arguments],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT), **(env or {})},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def since_days(days: int) -> str:
    """A span from so many days before the end of the tests' world until now."""
    ended = datetime.fromisoformat(UNTIL)
    return f"{(datetime.now(UTC) - ended).days + days}d"


def answer(done: "subprocess.CompletedProcess[str]", code: int = 0) -> Any:
    assert done.returncode == code, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return json.loads(done.stdout)


@pytest.fixture
def env(sandbox: SandboxServer, tmp_path: Path) -> dict[str, str]:
    return {"BOX_RUNBOOK_SANDBOX": sandbox.url, "BOX_RUNBOOK_DATA": str(tmp_path / "data")}


def test_sync_then_export_gives_the_days_of_the_truth_and_import_brings_them_back(
    sandbox: SandboxServer, env: dict[str, str], tmp_path: Path
) -> None:
    first = answer(run("sync", "--json", "--since", since_days(4), env=env))
    assert list(first) == (
        [
            "profile",
            "ok",
            "read",
            "added",
            "repeated",
            "quarantined",
            "pending",
            "position",
            "oldest",
            "newest",
            "quarantine",
            "reread",
            "lost",
        ]
    )
    assert (first["profile"], first["ok"], first["pending"]) == ("sandbox", True, 0)
    assert re.fullmatch(r"\d{17,}", first["position"])

    again = answer(run("sync", "--json", "--since", since_days(4), env=env))
    assert again["added"] == 0

    file = tmp_path / "events.csv"
    done = answer(run("export", "--json", "--format", "csv", "--out", str(file), env=env))
    assert done["ok"]
    assert done["rows"] == first["added"]
    with file.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert list(rows[0]) == COLUMNS
    assert {row["csv_schema"] for row in rows} == {"1"}
    days = Counter(row["occurred_at"][:10] for row in rows)
    truth = sandbox.truth()["events"]["by_day"]
    whole = sorted(days)[1:]
    assert whole
    assert {day: days[day] for day in whole} == {day: truth[day] for day in whole}

    other = {**env, "BOX_RUNBOOK_DATA": str(tmp_path / "other")}
    assert answer(run("import", str(file), "--json", env=other)) == {
        "ok": True,
        "rows": len(rows),
        "repeated": 0,
        "timezone": None,
        "refused": [],
        "quarantine": [],
    }
    back = tmp_path / "back.csv"
    source = ("--source", "box_stream")
    answer(run("export", "--json", "--format", "csv", "--out", str(back), *source, env=other))
    assert back.read_bytes() == file.read_bytes()


@pytest.mark.parametrize("value", ["http://127.0.0.1:9", "zz"])
def test_regression_a_sandbox_setting_that_leads_nowhere_is_wrong_configuration(
    tmp_path: Path, value: str
) -> None:
    env = {"BOX_RUNBOOK_SANDBOX": value, "BOX_RUNBOOK_DATA": str(tmp_path / "data")}
    error = answer(run("sync", "--json", "--since", "9h", env=env), 2)["error"]
    assert "BOX_RUNBOOK_SANDBOX" in error["cause"]
    assert error["who"] == "you"


@pytest.mark.parametrize(
    "options,said",
    [
        (("--category", "zz"), "--category"),
        (("--source", "zz"), "--source"),
        (("--since", "1d", "--until", "2d"), "--since"),
        (("--since", "2026-10-01T00:00:00Z", "--until", "2026-10-01T00:00:00Z"), "--since"),
    ],
)
def test_regression_an_export_that_can_not_hold_a_row_is_wrong_usage(
    tmp_path: Path, options: tuple[str, ...], said: str
) -> None:
    out = tmp_path / "events.csv"
    env = {"BOX_RUNBOOK_DATA": str(tmp_path / "data")}
    done = run("export", "--json", "--format", "csv", "--out", str(out), *options, env=env)
    error = answer(done, 2)["error"]
    assert said in error["cause"]
    assert error["fix"]
    assert not out.exists()


def test_regression_what_is_not_there_is_called_none(env: dict[str, str]) -> None:
    run("sync", "--since", "1h", env=env)
    again = run("sync", "--since", "1h", env=env)
    assert again.returncode == 0
    assert "oldest: none" in again.stdout
    assert "None" not in again.stdout


def test_export_asks_the_process_that_owns_the_event_store(
    env: dict[str, str], tmp_path: Path
) -> None:
    with owner_process(env, tmp_path / "data", "--since", since_days(2)) as owner:
        assert owner.note.stat().st_mode & 0o777 == 0o600
        synced = answer(run("sync", "--json", "--since", since_days(2), env=env))
        assert synced["ok"]
        assert synced["pending"] == 0
        file = tmp_path / "events.jsonl"
        done = answer(run("export", "--json", "--format", "jsonl", "--out", str(file), env=env))
        assert done["rows"] == len(file.read_text(encoding="utf-8").splitlines()) > 0
    assert owner.printed["ok"]
    assert not owner.note.exists()


def test_refused_rows_are_reported_and_the_rest_is_in(env: dict[str, str], tmp_path: Path) -> None:
    good = {
        "type": "event",
        "event_id": "1d3c5f7a-0000-4000-8000-000000000001",
        "event_type": "DOWNLOAD",
        "created_at": "2026-10-01T09:30:00-08:00",
    }
    file = tmp_path / "mixed.jsonl"
    file.write_text(json.dumps(good) + "\n{half\n[]\n", encoding="utf-8")
    done = answer(run("import", str(file), "--json", env=env), code=1)
    assert (done["ok"], done["rows"]) == (False, 1)
    assert [row["line"] for row in done["refused"]] == [2, 3]
    assert all(row["reason"] for row in done["refused"])


@pytest.mark.needs("openssl")
def test_a_key_pair_is_made_judged_and_never_overwritten(tmp_path: Path) -> None:
    env = {"BOX_TEST_PASS": "correct horse"}
    out = tmp_path / "pair"
    words = ("--passphrase-env", "BOX_TEST_PASS", "--json")
    made = answer(run("keys", "generate", "--out", str(out), *words, env=env))
    assert (made["private_key_file"], made["public_key_file"]) == (
        str(out / "private_key.pem"),
        str(out / "public_key.pem"),
    )
    private, public = out / "private_key.pem", out / "public_key.pem"
    assert {p.stat().st_mode & 0o777 for p in (private, public)} == {0o600}
    judged = answer(run("keys", "inspect", str(private), "--public", str(public), *words, env=env))
    assert judged == {
        "ok": True,
        "format": "pkcs8",
        "encrypted": True,
        "bits": 2048,
        "fingerprint_sha256": made["fingerprint_sha256"],
        "problems": [],
    }
    before = private.read_bytes()
    refused = answer(run("keys", "generate", "--out", str(out), *words, env=env), code=2)
    assert set(refused["error"]) == {"cause", "fix", "who"}
    assert private.read_bytes() == before
    text = subprocess.run(
        ["openssl", "rsa", "-in", str(private), "-passin", "env:BOX_TEST_PASS", "-pubout"],
        env={**os.environ, **env},
        capture_output=True,
        check=True,
    ).stdout
    assert text == public.read_bytes()


def test_a_wrong_passphrase_is_a_verdict_with_exit_code_1(tmp_path: Path) -> None:
    env = {"RIGHT": "right", "WRONG": "wrong"}
    answer(
        run(
            "keys",
            "generate",
            "--out",
            str(tmp_path / "k"),
            "--passphrase-env",
            "RIGHT",
            "--json",
            env=env,
        )
    )
    file = str(tmp_path / "k" / "private_key.pem")
    done = answer(
        run("keys", "inspect", file, "--passphrase-env", "WRONG", "--json", env=env), code=1
    )
    assert [p["code"] for p in done["problems"]] == ["passphrase_wrong"]
    assert done["fingerprint_sha256"] is None


@pytest.mark.parametrize(
    "arguments",
    [
        ("frobnicate",),
        ("sync", "--since", "yesterday"),
        ("sync", "--since", "0d"),
        ("sync", "--profile", "nobody"),
        ("export", "--format", "xls", "--out", "x"),
        ("export", "--format", "csv", "--out", "x", "--source", "nowhere"),
        ("export", "--format", "csv", "--out", "x", "--since", "2026-01-01T00:00:00"),
        ("import", "no-such-file.csv"),
        ("keys", "inspect", "no-such-file.pem"),
        ("keys", "generate", "--out", "k", "--passphrase-env", "HOME", "--bits", "1024"),
        ("sync", "--data", "/dev/null"),
        ("sandbox", "--port", "70000"),
        ("sandbox", "--port", "0", "--fault", "no_such_fault"),
    ],
)
def test_wrong_usage_is_one_json_document_and_exit_code_2(
    arguments: tuple[str, ...], tmp_path: Path
) -> None:
    env = {"BOX_RUNBOOK_DATA": str(tmp_path)}
    done = answer(run(*arguments, "--json", env=env, cwd=tmp_path), code=2)
    assert done["ok"] is False
    assert set(done["error"]) == {"cause", "fix", "who"}
    assert done["error"]["who"] == "you"


def test_several_profiles_want_a_choice_and_a_wrong_setting_is_named_without_its_value(
    tmp_path: Path,
) -> None:
    env = {
        "BOX_RUNBOOK_DATA": str(tmp_path),
        "BOX_RUNBOOK__PROFILES__A__BOX__AUTH": "ccg",
        "BOX_RUNBOOK__PROFILES__B__BOX__AUTH": "ccg",
    }
    done = answer(run("sync", "--json", env=env, cwd=tmp_path), code=2)
    assert "a, b" in done["error"]["cause"]
    env["BOX_RUNBOOK__PROFILES__B__BOX__AUTH"] = "canary-value-4711"
    wrong = run("sync", "--json", env=env, cwd=tmp_path)
    assert "profiles.b.box.auth" in answer(wrong, code=2)["error"]["cause"]
    assert "canary-value-4711" not in wrong.stdout + wrong.stderr


def test_a_fault_of_box_is_reported_with_cause_fix_and_who(
    sandbox: SandboxServer, env: dict[str, str]
) -> None:
    with sandbox.fault("app_not_authorized"):
        done = answer(run("sync", "--json", env=env), code=1)
    assert done["error"]["who"] == "box_admin"
    assert "not authorized" in done["error"]["cause"]
