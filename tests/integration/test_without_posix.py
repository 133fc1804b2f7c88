"""The app without what Windows doesn't have: modules, names, and what its calls refuse there."""

import ast
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx

from tests.without_posix.sitecustomize import MODULES, NAMES

ROOT = Path(__file__).resolve().parents[2]
# What a user runs; the other tools are for whoever works on it, on Linux.
OURS = ("lib", "pages", "tools/start.py", "streamlit_app.py")
# Windows has no database of time zones either: the package `tzdata` has to do.
ENVIRONMENT = {
    **{k: v for k, v in os.environ.items() if not k.startswith("BOX_RUNBOOK")},
    "WITHOUT_POSIX": "1",
    "PYTHONPATH": os.pathsep.join((str(ROOT / "tests" / "without_posix"), str(ROOT))),
    "PYTHONTZPATH": "",
    "PYTHONIOENCODING": "cp1252",  # what a pipe or a file gets there
}
IMPORT_ALL = """
import importlib, pkgutil, lib
for found in pkgutil.walk_packages(lib.__path__, "lib."):
    if not found.name.endswith("__main__") and found.name != "lib.ui.main":
        importlib.import_module(found.name)
from lib.activity.model.zones import zone
print(zone("Europe/Berlin").key)
"""


def run(*command: str, **environment: str) -> "subprocess.CompletedProcess[bytes]":
    return subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        env={**ENVIRONMENT, **environment},
        capture_output=True,
        timeout=120,
        check=False,
    )


def test_nothing_of_ours_names_what_windows_lacks() -> None:
    absent = {f"{module.__name__}.{name}" for module, names in NAMES.items() for name in names}
    found = []
    for place in OURS:
        path = ROOT / place
        for file in sorted(path.rglob("*.py")) if path.is_dir() else [path]:
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                named = _named(node)
                if named & (absent | set(MODULES)):
                    found.append(f"{file.relative_to(ROOT)}: {sorted(named)}")
    assert not found


def _named(node: ast.AST) -> set[str]:
    if isinstance(node, ast.Import):
        return {alias.name for alias in node.names}
    if isinstance(node, ast.ImportFrom):
        return {str(node.module), *(f"{node.module}.{alias.name}" for alias in node.names)}
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        return {f"{node.value.id}.{node.attr}"}
    return set()


def test_every_module_is_imported_and_zones_are_known() -> None:
    done = run("-c", IMPORT_ALL)
    assert done.returncode == 0, done.stderr.decode()
    assert done.stdout.split() == [b"Europe/Berlin"]


@contextmanager
def running(data: Path) -> Iterator[str]:
    """The app and its sandbox; yields the address."""
    log = data.with_suffix(".log")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    command = ("-m", "streamlit", "run", "streamlit_app.py", "--server.address", "127.0.0.1")
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, *command, "--server.port", port],
            cwd=ROOT,
            env={**ENVIRONMENT, "BOX_RUNBOOK_DATA": str(data)},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            yield _healthy(f"http://127.0.0.1:{port}", process, log)
        finally:
            process.terminate()
            process.wait(30)


def _healthy(url: str, process: "subprocess.Popen[bytes]", log: Path) -> str:
    deadline = time.monotonic() + 90
    while process.poll() is None and time.monotonic() < deadline:
        with suppress(httpx.HTTPError):
            if httpx.get(f"{url}/healthz", timeout=10).status_code == 200:
                return url
        time.sleep(0.1)  # another process's start can't be awaited in any other way
    raise AssertionError(log.read_text(encoding="cp1252"))


def test_the_app_its_sandbox_and_its_commands_run(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with running(data) as url:
        assert httpx.get(url, timeout=30).status_code == 200
        refused = httpx.post(f"{url}/webhooks/box/nobody", content=b"{}", timeout=30)
        assert refused.status_code == 404
        synced = run("-m", "lib", "sync", "--since", "2d", "--json", BOX_RUNBOOK_DATA=str(data))
        assert json.loads(synced.stdout)["ok"], synced.stderr.decode()
        folder = str(tmp_path / "backup")
        backed = run("-m", "lib", "store", "backup", "--out", folder, BOX_RUNBOOK_DATA=str(data))
        assert backed.returncode == 0, backed.stderr.decode()
    assert "Traceback" not in data.with_suffix(".log").read_text(encoding="cp1252")
    assert not (data / "owner.json").exists()  # it ended in order
