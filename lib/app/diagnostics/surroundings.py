"""The app's environment: versions, machine, encodings. Nothing that names a person or a host."""

import locale
import os
import platform
import re
import sqlite3
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from importlib import metadata
from pathlib import Path
from typing import Any, Final

from lib.app.last_errors import ROOT

#: What requirements.in asks for, and what these stand on where faults come from.
PACKAGES: Final = (
    "streamlit",
    "pandas",
    "numpy",
    "pyarrow",
    "httpx",
    "httpcore",
    "cryptography",
    "plotly",
    "fpdf2",
    "duckdb",
    "sqlalchemy",
    "orjson",
    "pyjwt",
    "pyrate-limiter",
    "filelock",
    "tzdata",
    "starlette",
    "uvicorn",
    "anyio",
)
_PINNED: Final = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^ ;\\]+)", re.MULTILINE)
_ZONE: Final = re.compile(r"[A-Za-z]{1,6}|[+-]\d{2,4}")
_LOCALE: Final = re.compile(r"[A-Za-z]{1,8}(?:_[A-Za-z]{2,8})?(?:\.[A-Za-z0-9_-]{1,20})?")
_LIMIT_FILES: Final = (
    Path("/sys/fs/cgroup/memory.max"),
    Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"),
)
_NO_LIMIT: Final = 1 << 60


def versions(version: str) -> dict[str, Any]:
    """Of the app, Python, the packages that matter, and the engines."""
    return {
        "Box Runbook": version,
        "Python": f"{platform.python_version()} ({platform.python_implementation()})",
        "SQLite": sqlite3.sqlite_version,
        "packages": {name: _installed(name) for name in PACKAGES},
        "not as in requirements.txt": _not_as_pinned(),
    }


def machine() -> dict[str, Any]:
    """The system, processors, memory in bytes, time zone, locale and encodings."""
    return {
        "system": platform.system(),
        "release": platform.release(),
        "distribution": _known(_distribution),
        "machine": platform.machine(),
        "processors": os.cpu_count(),
        "processors for this process": _known(_usable_processors),
        "memory_bytes": _known(_memory),
        "memory_limit_bytes": _known(_memory_limit),
        "memory_of_process_bytes": _known(_resident),
        "time zone": _known(_zone),
        "utc_offset_minutes": _known(_offset_minutes),
        "locale": _known(_locale),
        "encoding of the locale": locale.getencoding(),
        "encoding of file names": sys.getfilesystemencoding(),
        "encoding of stdout": getattr(sys.stdout, "encoding", None) or "unknown",
        "UTF-8 mode": bool(sys.flags.utf8_mode),
        "virtual environment": sys.prefix != sys.base_prefix,
        "container": Path("/.dockerenv").exists() or Path("/run/.containerenv").exists(),
    }


def _known(find: Callable[[], Any]) -> Any:
    """What a system may not tell: `unknown` instead of an error."""
    with suppress(Exception):  # each system lacks other things
        found = find()
        return "unknown" if found is None else found
    return "unknown"


def _installed(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "not installed"


def _not_as_pinned() -> list[str]:
    """The packages of requirements.txt that are installed in another version, or not at all."""
    try:
        text = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    except OSError:
        return ["requirements.txt can't be read"]
    pinned = {name.lower(): requested for name, requested in _PINNED.findall(text)}
    found = {name: _installed(name) for name in pinned if _needed(text, name)}
    return [
        f"{name}: {found[name]}, not {requested}"
        for name, requested in pinned.items()
        if name in found and found[name] != requested
    ]


def _needed(text: str, name: str) -> bool:
    """Whether a package is for every system: a marker after the version says it isn't."""
    line = re.search(rf"(?mi)^{re.escape(name)}(?:\[[^\]]*\])?==[^\n]*", text)
    return line is not None and ";" not in line[0]


def _distribution() -> str | None:
    release = platform.freedesktop_os_release()
    return f"{release.get('ID', '')} {release.get('VERSION_ID', '')}".strip() or None


def _usable_processors() -> int | None:
    affinity = getattr(os, "sched_getaffinity", None)  # not on macOS and Windows
    return len(affinity(0)) if affinity else None


def _memory() -> int | None:
    size, pages = _sysconf("SC_PAGE_SIZE"), _sysconf("SC_PHYS_PAGES")
    return size * pages if size and pages else None


def _sysconf(name: str) -> int | None:
    """A figure of the system; None on one that isn't asked so, such as Windows."""
    ask = getattr(os, "sysconf", None)
    return int(ask(name)) if ask else None


def _memory_limit() -> int | str | None:
    for path in _LIMIT_FILES:
        if path.exists():
            text = path.read_text(encoding="ascii").strip()
            return "none" if text == "max" or int(text) > _NO_LIMIT else int(text)
    return None


def _resident() -> int | None:
    size = _sysconf("SC_PAGE_SIZE")
    pages = Path("/proc/self/statm").read_text(encoding="ascii").split()[1]
    return int(pages) * size if size else None


def _zone() -> str:
    name = time.tzname[0]
    return name if _ZONE.fullmatch(name) else "not a usual name"


def _offset_minutes() -> int:
    offset = datetime.now().astimezone().utcoffset()
    return int(offset.total_seconds() // 60) if offset else 0


def _locale() -> str:
    name = ".".join(part for part in locale.getlocale() if part)
    return (name if _LOCALE.fullmatch(name) else "not a usual name") if name else "C"
