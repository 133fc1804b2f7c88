"""Starting where something is in the way: one line with what to do, no trace, a code that isn't 0.

The real Makefile and tools/start.py in a copy of the project that needs no package; in the place of
Streamlit stands a module that says what it was started with.
"""

import ast
import importlib.util
import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import MappingProxyType, ModuleType

import pytest

from lib.app.practice.sandbox_process import Sandbox
from lib.app.runtime import Runtime
from lib.settings.profiles import Settings

ROOT = Path(__file__).resolve().parents[2]
STREAMLIT = "import sys; print('started', *sys.argv[1:])"
CAPABILITIES = ["setpriv", "--bounding-set=-all"]  # root may write everywhere otherwise
# A Python that says it is older; `make` asks with -c, and starts a file.
OLDER = """#!/bin/sh
[ "$1" = -c ] && exec {python} -c 'import sys
sys.version_info = (3, 10, 13, "final", 0)
exec(sys.argv[1])' "$2"
exec {python} -c 'import runpy, sys
sys.version_info = (3, 10, 13, "final", 0)
sys.argv = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name="__main__")' "$@"
"""


def run(*command: str, cwd: Path, **environment: str) -> "subprocess.CompletedProcess[str]":
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("BOX_", "MAKE", "PYTHON"))}
    return subprocess.run(
        command,
        cwd=cwd,
        env={**clean, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def said(done: "subprocess.CompletedProcess[str]") -> str:
    """The one line it said, apart from make's own."""
    assert done.returncode != 0
    lines = [line for line in done.stderr.splitlines() if not line.startswith("make: ***")]
    assert len(lines) == 1, done.stdout + done.stderr
    return lines[0]


def copied(folder: Path) -> Path:
    folder.mkdir()
    shutil.copy(ROOT / "Makefile", folder)
    (folder / "tools").mkdir()
    shutil.copy(ROOT / "tools" / "start.py", folder / "tools")
    for name in ("requirements.txt", "requirements-dev.txt"):
        (folder / name).write_text("")
    (folder / "streamlit.py").write_text(STREAMLIT)
    return folder


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy that was started once."""
    folder = copied(tmp_path_factory.mktemp("starting") / "project")
    done = run("make", "run", f"PORT={free()}", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert "Installing" in done.stdout
    return folder


@pytest.fixture
def tools(tmp_path: Path) -> Path:
    """A PATH with nothing but what `make` itself needs."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("make", "sh"):
        (folder / name).symlink_to(str(shutil.which(name)))
    return folder


def program(path: Path, text: str) -> None:
    path.write_text(text)
    path.chmod(0o700)


def free() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield int(listening.getsockname()[1])


def test_a_second_start_installs_nothing(project: Path) -> None:
    port = free()
    done = run("make", "run", f"PORT={port}", cwd=project)
    assert done.stdout.splitlines() == [
        f"Box Runbook: http://localhost:{port}   (Ctrl-C stops it)",
        f"started run streamlit_app.py --server.address 127.0.0.1 --server.port {port}",
    ]


def test_a_taken_port_is_named_with_the_command_for_a_free_one(project: Path, taken: int) -> None:
    line = said(run("make", "run", f"PORT={taken}", cwd=project))
    assert line.startswith(f"Port {taken} is taken by another program.")
    again = line.rpartition(": ")[2]
    assert again.startswith("make run PORT=")
    assert run(*again.split(), cwd=project).returncode == 0
    start = (sys.executable, "tools/start.py")
    line = said(run(*start, "--port", str(taken), cwd=project))
    assert line.rpartition(": ")[2].startswith("python3 tools/start.py --port ")
    for port in ("http", "0", "65536"):
        assert "no port" in said(run("make", "run", f"PORT={port}", cwd=project))
    assert "can't be listened on" in said(run("make", "run", "ADDRESS=192.0.2.1", cwd=project))


def test_without_a_python_or_only_with_an_older_one(
    project: Path, tmp_path: Path, tools: Path
) -> None:
    moved = tmp_path / "moved"
    shutil.copytree(project, moved, symlinks=True)
    line = said(run("make", "run", cwd=moved, PATH=str(tools)))
    assert line.startswith("Python 3.11 or newer is needed, and none was found.")
    program(tools / "python3", OLDER.format(python=sys.executable))
    # as pyenv has them: a name that leads to nothing
    program(tools / "python3.13", "#!/bin/sh\necho 'python3.13: command not found' >&2\nexit 127\n")
    start = ("make", "run", f"PORT={free()}")
    line = said(run(*start, cwd=moved, PATH=str(tools)))
    assert line.startswith("Python 3.11 or newer is needed, and only 3.10 was found.")
    program(tools / "python3.12", f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    done = run(*start, cwd=moved, PATH=str(tools))
    assert done.returncode == 0, done.stderr
    assert "can't be used (it was moved): making it anew" in done.stdout
    assert "started run streamlit_app.py" in done.stdout
    again = run(*start, cwd=moved, PATH=str(tools))
    assert "anew" not in again.stdout
    assert "Installing" not in again.stdout


@pytest.fixture
def start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The tool itself, at work in a folder of its own."""
    spec = importlib.util.spec_from_file_location("start", ROOT / "tools" / "start.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    venv = copied(tmp_path / "project") / ".venv"
    for name, value in {
        "ROOT": venv.parent,
        "VENV": venv,
        "PYTHON": venv / "bin" / "python",
        "INTERRUPTED": venv / ".installing",
    }.items():
        monkeypatch.setattr(module, name, value)
    return module


def test_what_is_wrong_with_a_virtual_environment(start: ModuleType) -> None:
    venv: Path = start.VENV
    assert start._unusable() == ""
    (venv / "bin").mkdir(parents=True)
    python = venv / "bin" / "python"
    for text, why in {
        "exit 1": "its Python doesn't run",  # without pip, or a library is gone
        "echo 3.10": "it is of Python 3.10",
        "echo 3.13": None,
    }.items():
        program(python, f"#!/bin/sh\n{text}\n")
        assert start._unusable() == why, text
    for stamp, why in {
        "": None,  # installed before stamps had a text
        f"{venv}\nother": None,
        "/somewhere/else/.venv\nother": "it was moved",
    }.items():
        (venv / ".run").write_text(stamp)
        assert start._unusable() == why, stamp
    (venv / ".run").unlink()
    start.INTERRUPTED.touch()
    assert start._unusable() == "it is half made"
    python.unlink()
    python.symlink_to("/nowhere/python3")  # its Python was removed
    start.INTERRUPTED.unlink()
    assert start._unusable() == "its Python doesn't run"


def unprivileged() -> list[str]:
    return CAPABILITIES if os.geteuid() == 0 else []


def test_folders_that_can_not_be_written(project: Path, tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir()
    closed.chmod(0o500)
    (tmp_path / "file").write_text("")
    make = (*unprivileged(), "make", "run", f"PORT={free()}")
    for folder in (closed, closed / "inside", tmp_path / "file", tmp_path / "file" / "inside"):
        line = said(run(*make, cwd=project, BOX_RUNBOOK_DATA=str(folder)))
        assert line.startswith(f"The data folder {folder} can't be written"), folder
        assert "BOX_RUNBOOK_DATA" in line
    other = copied(tmp_path / "other")
    other.chmod(0o500)
    line = said(run(*make, cwd=other, BOX_RUNBOOK_DATA=str(tmp_path / "data")))
    assert line.startswith(f"The folder {other} can't be written")
    other.chmod(0o700)


def test_packages_that_can_not_be_had(project: Path, tmp_path: Path) -> None:
    folder = tmp_path / "project"
    shutil.copytree(project, folder, symlinks=True)
    (folder / ".venv" / ".run").unlink()  # as if it had been made here
    needs = f"nothing-of-this-name==1.0 --hash=sha256:{'0' * 64}\n"
    (folder / "requirements.txt").write_text(needs)
    line = said(run("make", "run", f"PORT={free()}", cwd=folder, PIP_NO_INDEX="1"))
    assert line.startswith("The packages can't be installed (")
    assert "nothing-of-this-name" in line


# -- without tools/start.py ------------------------------------------------------------------------


def lib(*options: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    return run(sys.executable, *options, cwd=ROOT, **environment)


def test_a_command_says_what_its_python_lacks() -> None:
    line = said(lib("-S", "-m", "lib", "check"))
    assert line.startswith("This Python lacks streamlit, pandas, httpx and ")
    assert "python -m pip install -r requirements.txt" in line
    older = "import runpy, sys; sys.version_info = (3, 10, 13); runpy.run_module('lib', run_name="
    line = said(lib("-c", f"{older}'__main__')"))
    assert line.startswith("Box Runbook needs Python 3.11 or newer, and this is 3.10.")


def test_an_older_streamlit_says_what_to_install(tmp_path: Path) -> None:
    (tmp_path / "streamlit-1.40.0.dist-info").mkdir()
    port = ("--server.port", str(free()))
    command = ("-m", "streamlit", "run", "streamlit_app.py", *port)
    line = said(lib(*command, PYTHONPATH=str(tmp_path), BOX_RUNBOOK_DATA=str(tmp_path / "data")))
    assert line.startswith("This Python lacks streamlit 1.67 (it has 1.40.0). Run `python -m pip")


def test_what_old_pythons_read_is_written_for_them() -> None:
    for name in ("tools/start.py", "lib/preflight.py", "lib/__init__.py", "lib/__main__.py"):
        ast.parse((ROOT / name).read_text(encoding="utf-8"), feature_version=(3, 7))


# -- a data folder that can't be written, where nothing asked before -------------------------------


def test_every_page_gets_the_problem_and_nothing_is_started(tmp_path: Path) -> None:
    place = tmp_path / "file"
    place.write_text("")
    runtime = Runtime(Settings(place, MappingProxyType({})))
    try:
        runtime.start()
        assert runtime.problem is not None
        assert runtime.problem.message == f"The data folder {place} can't be written."
        assert "BOX_RUNBOOK_DATA" in runtime.problem.fix
        assert not runtime.needs_sandbox
        assert runtime.health()["ok"] is False
    finally:
        runtime.stop()


def test_a_sandbox_runs_though_others_will_not_find_it(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    sandbox = Sandbox(tmp_path / "file")
    try:
        assert sandbox.profile().label == "Sandbox"
    finally:
        sandbox.stop()


def test_a_command_names_the_folder(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = lib("-m", "lib", "check", "--json", BOX_RUNBOOK_DATA=str(tmp_path / "file"))
    assert done.returncode == 2
    assert "BOX_RUNBOOK_DATA" in json.loads(done.stdout)["error"]["fix"]
