"""A page and the background load the same packages at once, in the first second of a process."""

import subprocess
import sys

import pytest

from tests.sandbox_server import ROOT

RACE = """
import importlib, sys, threading
sys.setswitchinterval(1e-6)
start, faults = threading.Barrier(2), []
def load(name):
    start.wait()
    try:
        importlib.import_module(name)
    except ImportError as error:
        faults.append(str(error))
threads = [threading.Thread(target=load, args=(name,)) for name in sys.argv[1:]]
[t.start() for t in threads]
[t.join() for t in threads]
sys.exit("; ".join(faults) or 0)
"""


@pytest.mark.parametrize(
    "page, background",
    [
        ("lib.box.settings", "lib.box"),
        ("lib.ui.credentials_view", "lib.box"),
        ("lib.box.keys", "lib.box.auth"),
        ("lib.store.ledger", "lib.store"),
        ("lib.ui.accounts_view_box", "lib.server.reading"),
    ],
)
def test_regression_two_threads_may_load_a_package_at_once(page: str, background: str) -> None:
    """A submodule that asked its own package for another once met a half-loaded module."""
    done = subprocess.run(
        [sys.executable, "-c", RACE, page, background],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
