"""Set up what the app needs in `.venv`, then start it: `make run`, and where there is no make.

    python tools/start.py [run] [--address A] [--port N]
    python tools/start.py setup [--dev]

Any Python from 3.7 on can run it: it finds one that is new enough. What is in the way is said in
one line, with what to do. A virtual environment that is too old, moved or half made is made anew.
"""

from __future__ import annotations

import argparse
import contextlib
import errno
import hashlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

NEEDED = (3, 11)
ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
WINDOWS = os.name == "nt"
PYTHON = VENV / ("Scripts/python.exe" if WINDOWS else "bin/python")
INTERRUPTED = VENV / ".installing"
PORTS_TRIED = 50
_VERSION = "import sys; print('%d.%d' % sys.version_info[:2])"


class Stop(Exception):
    """What is in the way, and what to do about it, in one line."""


def main(arguments: list[str]) -> int:
    """Do what was asked for; the exit code."""
    try:
        asked = _asked(arguments)
        if asked.command == "run":
            _port_is_free(asked.address, asked.port)
            _can_write_data()
        _set_up(dev=asked.dev)
        return _run(asked.address, asked.port) if asked.command == "run" else 0
    except Stop as stop:
        print(stop, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _asked(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=str(__doc__).split("\n", 1)[0])
    parser.add_argument("command", nargs="?", choices=("run", "setup"), default="run")
    parser.add_argument("--dev", action="store_true", help="what the tests need, too")
    parser.add_argument("--address", default="127.0.0.1")
    parser.add_argument("--port", default="8501")
    asked = parser.parse_args(arguments)
    if not asked.port.isdigit() or not 0 < int(asked.port) < 2**16:
        raise Stop(f"{asked.port!r} is no port: use a number from 1 to 65535.")
    asked.port = int(asked.port)
    return asked


def _again(option: str, value: object) -> str:
    """The command to use, as the person started this one."""
    if os.environ.get("MAKELEVEL"):
        return f"make run {option.upper()}={value}"
    return f"{'py' if WINDOWS else 'python3'} {Path('tools/start.py')} --{option} {value}"


# -- what is in the way ----------------------------------------------------------------------------


def _port_is_free(address: str, port: int) -> None:
    try:
        _bind(address, port)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            other = _free_after(address, port)
            raise Stop(
                f"Port {port} is taken by another program. Use another port: "
                f"{_again('port', other)}"
            ) from None
        if error.errno == errno.EACCES:
            raise Stop(
                f"You may not use port {port} on this machine. Use another port: "
                f"{_again('port', 8501)}"
            ) from None
        raise Stop(
            f"{address} can't be listened on ({error.strerror or error}). Use an address of this "
            f"machine: {_again('address', '127.0.0.1')}"
        ) from None


def _bind(address: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        if not WINDOWS:  # as the app does; on Windows it would share the port
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((address, port))
        probe.listen(1)


def _free_after(address: str, port: int) -> int:
    for other in range(port + 1, min(port + PORTS_TRIED, 2**16)):
        with contextlib.suppress(OSError):
            _bind(address, other)
            return other
    return port + 1


def _try_writing(folder: Path) -> None:
    with tempfile.TemporaryFile(dir=str(folder)) as file:
        file.write(b"0")  # a disk that is full has room for a name


def _can_write_data() -> None:
    folder = ROOT / (os.environ.get("BOX_RUNBOOK_DATA") or ".data")
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _try_writing(folder)
    except OSError as error:
        raise Stop(
            f"The data folder {folder} can't be written ({error.strerror}). Make it writable, or "
            "name another in the environment variable BOX_RUNBOOK_DATA."
        ) from None


def _can_write_here() -> None:
    try:
        _try_writing(ROOT)
    except OSError as error:
        raise Stop(
            f"The folder {ROOT} can't be written ({error.strerror}), so nothing can be set up in "
            "it. Copy the project to a folder of your own and start it there."
        ) from None


# -- setting up ------------------------------------------------------------------------------------


def _set_up(*, dev: bool) -> None:
    requested = ["requirements.txt", *(["requirements-dev.txt"] if dev else [])]
    why = _unusable()
    if why is None and all(_stamp(name) == _read(_stamp_file(name)) for name in requested):
        return
    _can_write_here()
    if why is not None:
        _make_anew(why)
    for name in requested:
        if _stamp(name) != _read(_stamp_file(name)):
            _install(name)


def _unusable() -> str | None:
    """Why the virtual environment has to be made; "" when there is none, None when it is fine."""
    if not os.path.lexists(str(VENV)):
        return ""
    version = _version_of([str(PYTHON)], "import pip")
    if version is None:
        return "its Python doesn't run" if not INTERRUPTED.exists() else "it is half made"
    if version < NEEDED:
        return f"it is of Python {version[0]}.{version[1]}"
    if INTERRUPTED.exists():
        return "it is half made"
    stamp = _read(_stamp_file("requirements.txt"))
    return "it was moved" if stamp and stamp.split("\n")[0] != str(VENV) else None


def _version_of(command: list[str], also: str = "") -> tuple[int, ...] | None:
    """Which Python a command is; None when it doesn't run."""
    try:
        done = subprocess.run(
            [*command, "-c", f"{also}\n{_VERSION}"],
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=60,
        )
        major, minor = done.stdout.decode("ascii").strip().split(".")
        return (int(major), int(minor)) if done.returncode == 0 else None
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return None


def _new_enough() -> list[str]:
    """The command of a Python that is new enough: this one, or one that is found."""
    mine = str(getattr(sys, "_base_executable", None) or sys.executable)
    if sys.version_info >= NEEDED:
        return [mine]
    found: list[list[str]] = []
    for minor in (13, 12, 11, 14):
        found.append([f"python3.{minor}"])
        if WINDOWS:
            found.append(["py", f"-3.{minor}"])
    for command in (*found, ["python3"], ["python"]):
        version = _version_of(command)
        if version is not None and version >= NEEDED:
            return command
    raise Stop(
        f"Python {NEEDED[0]}.{NEEDED[1]} or newer is needed, and only "
        f"{sys.version_info[0]}.{sys.version_info[1]} was found. Install a newer one from "
        "python.org or with your package manager, then start again."
    )


def _make_anew(why: str) -> None:
    python = _new_enough()
    if why:
        print(f"The virtual environment .venv can't be used ({why}): making it anew.", flush=True)
        try:
            shutil.rmtree(str(VENV))
        except OSError as error:
            raise Stop(
                f"{VENV} can't be removed ({error.strerror or error}). Remove it, then start again."
            ) from None
    done = subprocess.run(
        [*python, "-m", "venv", str(VENV)],
        check=False,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    if done.returncode:
        shutil.rmtree(str(VENV), ignore_errors=True)
        raise Stop(
            f"{python[0]} can't make a virtual environment. Install its module venv (on Debian and "
            "Ubuntu: sudo apt install python3-venv), then start again."
        )


def _install(name: str) -> None:
    print(f"Installing what {name} names: a minute or two the first time.", flush=True)
    # pip takes a package for installed as soon as its first files are there: who is interrupted
    # here begins anew
    INTERRUPTED.touch()
    with contextlib.suppress(FileNotFoundError):
        _stamp_file(name).unlink()
    command = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    done = subprocess.run(
        [*command, "--require-hashes", "-r", str(ROOT / name)],
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    if done.returncode:
        said = done.stdout.decode("utf-8", "replace").strip().splitlines() or ["it said nothing"]
        last = [line for line in said if line.startswith("ERROR")] or said
        raise Stop(
            f"The packages can't be installed ({last[-1].replace('ERROR: ', '')}). Check the "
            "network, the proxy and the room on the disk, then start again."
        )
    _stamp_file(name).write_text(_stamp(name), encoding="utf-8")
    INTERRUPTED.unlink()


def _stamp_file(name: str) -> Path:
    return VENV / (".dev" if "dev" in name else ".run")


def _stamp(name: str) -> str:
    """Where and from what it is installed."""
    return f"{VENV}\n{hashlib.sha256((ROOT / name).read_bytes()).hexdigest()}\n"


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return ""


# -- running ---------------------------------------------------------------------------------------


def _run(address: str, port: int) -> int:
    print(f"Box Runbook: http://localhost:{port}   (Ctrl-C stops it)", flush=True)
    command = [str(PYTHON), "-m", "streamlit", "run", "streamlit_app.py"]
    command += ["--server.address", address, "--server.port", str(port)]
    os.chdir(str(ROOT))
    if not WINDOWS:  # where the shell would take the new process for the end of this one
        os.execv(command[0], command)
    with subprocess.Popen(command) as app:
        while True:
            try:
                return app.wait()
            except KeyboardInterrupt:  # the app has it too, and ends in order
                continue


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
