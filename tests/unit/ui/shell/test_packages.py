"""A page and the background load the same packages at once, in the first second of a process."""

import ast
import subprocess
import sys

import pytest

from tests.sandbox_server import ROOT

RACE = """
import importlib, sys, threading
import streamlit  # as in every process that has pages
from lib.app.loading import LOADING, PACKAGES, load
sys.setswitchinterval(1e-6)
start, faults = threading.Barrier(2), []
def page(*names):
    for name in names:
        importlib.import_module(name)
def background():
    load("lib.box")
    with LOADING:
        importlib.import_module("lib.app.owner")
    load(*PACKAGES)
    importlib.import_module("lib.activity.ingest.sync")
def run(work, *names):
    start.wait()
    try:
        work(*names)
    except Exception as error:
        faults.append(repr(error))
threads = [threading.Thread(target=run, args=(page, *sys.argv[1:]))]
threads.append(threading.Thread(target=run, args=(background,)))
[t.start() for t in threads]
[t.join() for t in threads]
sys.exit("; ".join(faults) or 0)
"""


def script() -> list[str]:
    """What the script of every page imports of ours, in its order."""
    tree = ast.parse((ROOT / "lib/ui/main.py").read_text())
    found: list[str] = []
    for node in tree.body:
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            inner = [f"{node.module}.{alias.name}" for alias in node.names]
            modules = [name for name in inner if (ROOT / f"{name.replace('.', '/')}.py").is_file()]
            found += modules or [node.module]
    return [name for name in found if name.startswith("lib.")]


@pytest.mark.parametrize(
    "page",
    [
        "lib.ui.shell.frame",
        "lib.ui.credentials.view_entry",
        "lib.ui.jwt_key.view_exchange",
        "lib.ui.accounts.view_box",
        "lib.ui.accounts.view_connect",
        "lib.ui.connected.page",
    ],
)
def test_regression_a_page_and_the_background_may_load_at_once(page: str) -> None:
    """One thread was inside a package's `__init__`, the other asked for one of its modules."""
    done = subprocess.run(
        [sys.executable, "-c", RACE, *script(), page],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
