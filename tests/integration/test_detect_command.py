"""`detect` as its users run it: over a real sandbox, alone and while another process owns it."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.owner_process import owner_process
from tests.sandbox_server import ROOT, UNTIL, SandboxServer, running_sandbox

OPTIONS = ("--days", "45", "--users", "30", "--events-per-day", "260", "--seed", "5")
PERIOD = ("--from", "2026-10-11T00:00:00Z", "--to", UNTIL)


@pytest.fixture(scope="module")
def small() -> Iterator[SandboxServer]:
    with running_sandbox(*OPTIONS) as server:
        yield server


def start(server: SandboxServer, data: Path, *arguments: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "lib", *arguments, "--json", "--data", str(data)],
        cwd=ROOT,
        env=os.environ | {"BOX_RUNBOOK_SANDBOX": server.url},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def answer(process: "subprocess.Popen[str]") -> tuple[int, dict[str, Any]]:
    out, _ = process.communicate(timeout=180)
    return process.returncode, json.loads(out)


def test_incidents_are_found_alone_and_through_the_owner_alike(
    small: SandboxServer, tmp_path: Path
) -> None:
    code, nothing = answer(start(small, tmp_path, "detect", *PERIOD))
    assert (code, nothing["ok"], nothing["findings"], nothing["seen"]) == (0, True, [], False)
    assert answer(start(small, tmp_path, "sync"))[0] == 0
    code, alone = answer(start(small, tmp_path, "detect", *PERIOD))
    assert (code, alone["ok"]) == (0, True)
    since = datetime.fromisoformat(PERIOD[1])
    planted = [
        one
        for one in small.truth()["incidents"]
        if datetime.fromisoformat(one["from"]) >= since
        and one["detection"] not in alone["not_judged"]
    ]
    found = {(one["detection"], one["actor_id"]) for one in alone["findings"]}
    assert len(planted) > 10
    assert {(one["detection"], one["actor_id"]) for one in planted} <= found
    assert {"detection", "actor_id", "from", "to", "event_ids", "confidence"} <= set(
        alone["findings"][0]
    )

    env = {"BOX_RUNBOOK_SANDBOX": small.url, "BOX_RUNBOOK_DATA": str(tmp_path)}
    with owner_process(env, tmp_path):
        code, asked = answer(start(small, tmp_path, "detect", *PERIOD))
    assert code == 0
    assert asked["findings"] == alone["findings"]


@pytest.mark.parametrize(
    "arguments, says",
    [
        (("--only", "mass_uploads"), "no detection"),
        (("--since", "1d", "--until", "2d"), "before"),
        (("--source", "fax"), "unknown source"),
    ],
)
def test_a_wrong_argument_is_a_wrong_usage(
    tmp_path: Path, arguments: tuple[str, ...], says: str
) -> None:
    nowhere = SandboxServer("http://127.0.0.1:9", subprocess.Popen(["true"], text=True))
    code, found = answer(start(nowhere, tmp_path, "detect", *arguments))
    nowhere.process.wait()
    assert code == 2
    assert says in json.dumps(found)
