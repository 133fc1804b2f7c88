"""Every command ends: when the other side never does, when its time is up, when it is told to."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lib.settings.loading import load_settings
from lib.store import open_ledger
from lib.store.ledger.reading_runs import RunState
from tests.sandbox_server import ROOT
from tests.wire_server import Reply, Seen, WireServer, as_json, wire_server

ME = {"id": "1", "name": "x", "role": "user", "enterprise": {"type": "enterprise", "id": "95595"}}


@pytest.fixture
def box() -> Iterator[WireServer]:
    with wire_server() as running:
        yield running


def start(api_url: str, *arguments: str) -> "subprocess.Popen[str]":
    profile = "BOX_RUNBOOK__PROFILES__ACME__BOX__"
    names = {name: text for name, text in os.environ.items() if not name.startswith("BOX_RUNBOOK")}
    return subprocess.Popen(
        [sys.executable, "-m", "lib", *arguments, "--json"],
        cwd=ROOT,
        env={
            **names,
            f"{profile}AUTH": "developer_token",
            f"{profile}DEVELOPER_TOKEN": "a-token",
            f"{profile}API_URL": api_url,
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )


def end_of(process: "subprocess.Popen[str]") -> tuple[int, dict[str, Any]]:
    """The exit code and the one document."""
    printed, _ = process.communicate(timeout=60)
    answer: dict[str, Any] = json.loads(printed)
    return process.returncode, answer


def test_whatever_the_other_side_does_a_command_ends(box: WireServer, tmp_path: Path) -> None:
    """One reads in circles, three from a Box that never tells its events, and one serves."""
    asked = {"/term/2.0/events": threading.Event(), "/follow/2.0/events": threading.Event()}
    released = threading.Event()

    def answer(seen: Seen) -> Reply:
        if seen.path.endswith("/users/me"):
            return as_json(ME)
        if seen.path.endswith("/users"):
            more = {"next_marker": "same"} if seen.path.startswith("/circle/") else {}
            return as_json({"limit": 1000, "entries": [{"id": "11"}], **more})
        if seen.path in asked:
            asked[seen.path].set()
        released.wait(120)
        return as_json({"entries": [], "next_stream_position": "1"})

    def sync(name: str, *options: str) -> "subprocess.Popen[str]":
        data = ("--data", str(tmp_path / name), "--since", "1d")
        return start(f"{box.url}/{name}", "sync", *data, *options)

    box.answer = answer
    try:
        serving = start(box.url, "sandbox", "--port", "0", "--days", "1")
        started = {
            "circle": sync("circle", "--wait", "60s"),
            "wait": sync("wait", "--wait", "4s"),
            "term": sync("term", "--wait", "1h"),
            "follow": sync("follow", "--follow"),
        }
        for event in asked.values():
            assert event.wait(60)
        assert serving.stdout is not None
        assert serving.stdout.readline().startswith("http://127.0.0.1:")
        for process in (serving, started["term"], started["follow"]):
            process.send_signal(signal.SIGTERM)
        ends = {name: end_of(process) for name, process in started.items()}
        assert end_of(serving) == (0, {"ok": True})
    finally:
        released.set()
    assert ends["circle"][0] == 1
    assert "leads back to one that was read" in ends["circle"][1]["error"]["cause"]
    for name, (code, says) in {"wait": (1, "wait"), "term": (143, "signal")}.items():
        assert ends[name][0] == code
        assert (ends[name][1]["ok"], ends[name][1]["stopped"]) == (False, says)
    assert ends["follow"][0] == 0
    assert ends["follow"][1]["ok"] is True
    for name in ("term", "follow"):
        ledger = open_ledger(load_settings(data_dir=tmp_path / name))
        states = [run.state for run in ledger.runs(kind="sync")]
        ledger.close()
        assert states == [RunState.CANCELLED], name
