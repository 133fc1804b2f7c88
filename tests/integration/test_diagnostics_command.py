"""`diagnostics` as its users run it: beside the running owner, alone, and where nothing works."""

import json
import re
from pathlib import Path

from tests.diagnostics_file import document, people
from tests.integration.test_cli import answer, env, run, since_days
from tests.owner_process import owner_process
from tests.sandbox_server import SandboxServer

__all__ = ["env"]


def test_a_running_owner_is_asked_and_tells_its_own_errors(
    env: dict[str, str],  # the fixture
    sandbox: SandboxServer,
    tmp_path: Path,
) -> None:
    out = tmp_path / "diagnostics.md"
    with owner_process(env, tmp_path / "data", "--since", since_days(2)):
        done = answer(run("diagnostics", "--json", "--out", str(out), env=env))
    assert (done["ok"], done["path"], done["missing"]) == (True, str(out), [])
    assert done["bytes"] == out.stat().st_size
    assert out.stat().st_mode & 0o777 == 0o600
    found = document(out)
    assert done["made_by"] == found["made_by"] == "the running command that owns the stores"
    assert found["runs"]["owns the data folder"] == "yes"
    assert found["stores"]["event store"]["rows"].keys() >= {"events", "quarantine"}

    alone = answer(run("diagnostics", "--json", "--out", str(out), env=env))
    assert alone["made_by"] == "a command; no app answered"
    parts = {one["part"]: one["says"] for one in alone["missing"]}
    assert "only a running app has them" in parts["errors, calls, reading, sessions"]
    text = out.read_text(encoding="utf-8")
    assert document(out)["stores"]["event store"]["rows"]["events"] > 0
    assert [one for one in people(sandbox) if one in text] == []
    assert str(tmp_path) not in text
    assert sandbox.url not in text


def test_an_app_that_does_not_answer_and_wrong_settings_are_said(
    env: dict[str, str], tmp_path: Path
) -> None:
    data = tmp_path / "data"
    data.mkdir(exist_ok=True)
    record = {"pid": 1, "url": "http://127.0.0.1:9", "token": "canary-token-8812"}
    (data / "owner.json").write_text(json.dumps(record))
    wrong = {"BOX_RUNBOOK__HEALTH__GOAL": "canary-goal", "BOX_RUNBOOK__NOTHING__SUCH": "canary-x"}
    out = tmp_path / "diagnostics.md"
    done = run("diagnostics", "--out", str(out), "--profile", "nobody", env={**env, **wrong})
    assert done.returncode == 0, done.stderr
    found = document(out)
    assert found["command"]["app"] == "an app was running here, but doesn't answer (ConnectError)"
    assert "health.goal" in found["runs"]["problem at the start"]["says"]
    assert found["settings"]["health"]["goal"] == "set (environment)"
    assert found["settings"]["settings that this app doesn't know"] == 1
    assert "canary" not in out.read_text(encoding="utf-8") + done.stdout + done.stderr


def test_wrong_usage_writes_nothing(env: dict[str, str], tmp_path: Path) -> None:
    there = tmp_path / "there.md"
    there.write_text("before")
    refused = answer(run("diagnostics", "--json", "--out", str(tmp_path), env=env), 2)
    assert "Is a directory" in refused["error"]["cause"]
    unknown = run("diagnostics", "--json", "--out", str(there), "--profile", "nobody", env=env)
    assert "no profile" in answer(unknown, 2)["error"]["cause"]
    assert there.read_text() == "before"
    assert [one.name for one in tmp_path.iterdir()] == ["there.md"]


def test_another_locale_changes_nothing_in_the_file(env: dict[str, str], tmp_path: Path) -> None:
    out = tmp_path / "Diagnosé 診断.md"
    out.write_text("an older one")
    plain = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "TZ": "Canary/Zone"}
    done = run("diagnostics", "--out", str(out), env={**env, **plain})
    assert done.returncode == 0, done.stderr
    found = document(out)
    assert re.match(r"(?i)ansi|ascii|iso", found["machine"]["encoding of the locale"])
    assert found["machine"]["time zone"] != "Canary/Zone"
