"""What a command writes where the console or the pipe has an old code page, as on Windows."""

import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

from lib.cli.interrupts import Ending, interrupts
from tests.sandbox_server import ROOT


def generate(folder: Path, *options: str) -> bytes:
    done = subprocess.run(
        [*(sys.executable, "-m", "lib", "keys", "generate", "--out", str(folder)), *options],
        cwd=ROOT,
        env={**os.environ, "PYTHONIOENCODING": "cp1252", "PASS": "abcdefgh"},
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_every_letter_is_written_or_replaced_and_json_is_utf_8(tmp_path: Path) -> None:
    with_env = ("--passphrase-env", "PASS")
    assert rb"\u9375" in generate(tmp_path / "a" / "\u9375", *with_env)
    found = json.loads(generate(tmp_path / "b" / "\u9375", *with_env, "--json").decode("utf-8"))
    assert Path(found["private_key_file"]).parent == tmp_path / "b" / "\u9375"


def test_a_wait_ends_when_it_is_asked_to_and_after_its_time() -> None:
    ending = Ending(lambda _answer: None)
    with interrupts(ending) as stop:
        assert not stop.wait(0)
        assert not stop.wait(0.01)
        threading.Timer(0.05, os.kill, (os.getpid(), signal.SIGTERM)).start()
        assert stop.wait(60)
        assert stop.wait()
    assert (ending.stopped, ending.code) == ("signal", 143)
    ending.over()
