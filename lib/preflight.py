"""Whether this Python is new enough, and has what requirements.in names.

Asked before anything else is loaded, so that the answer is one line in place of a trace. An older
Python has to be able to read this module, `lib/__init__.py` and `lib/__main__.py`.
"""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

NEEDED = (3, 11)
_MOST_NAMED = 3
_ROOT = Path(__file__).resolve().parents[1]
_OWN = Path(".venv", *(("Scripts", "python.exe") if os.name == "nt" else ("bin", "python")))
_NAMED = re.compile(r"(?P<name>[\w.-]+)(\[[\w,]*\])?(==(?P<version>[\d.]+)\.\*)?$")


def problem() -> str:
    """What is missing and what to do, in one line; empty when nothing is."""
    if sys.version_info < NEEDED:
        return (
            f"Box Runbook needs Python {NEEDED[0]}.{NEEDED[1]} or newer, and this is "
            f"{sys.version_info[0]}.{sys.version_info[1]}. {_instead('Use a newer one')}."
        )
    lacking = _lacking()
    if not lacking:
        return ""
    more = f" and {len(lacking) - _MOST_NAMED} more" if len(lacking) > _MOST_NAMED else ""
    return (
        f"This Python lacks {', '.join(lacking[:_MOST_NAMED])}{more}. "
        f"{_instead('Run `python -m pip install -r requirements.txt`')}."
    )


def _instead(else_: str) -> str:
    """What to do; the project's own Python is nearest, where it isn't the one that runs."""
    own = _ROOT / _OWN
    if own.exists() and Path(sys.prefix) != own.parents[1]:
        return f"{else_}, or use {_OWN}"
    return else_


def _lacking() -> list[str]:
    try:
        lines = (_ROOT / "requirements.in").read_text(encoding="utf-8").splitlines()
    except OSError:
        return []  # a copy without it: whoever made that knows
    there = _there()
    found = []
    for named in filter(None, map(_NAMED.match, lines)):
        name, version = named["name"], named["version"]
        has = there.get(_plain(name))
        if has is None:
            found.append(name)
        elif version and not f"{has}.".startswith(f"{version}."):
            found.append(f"{name} {version} (it has {has})")
    return found


def _there() -> dict[str, str]:
    """Versions by name, from the names of folders: reading what is in them takes 100 times as long.

    Source: PyPA specifications, Recording installed projects.
    """
    found: dict[str, str] = {}
    for folder in sys.path:
        try:
            names = os.listdir(folder or ".")  # noqa: PTH208  # names are all that is needed
        except OSError:
            continue
        for name in names:
            if name.endswith((".dist-info", ".egg-info")):
                project, _, version = name[: -len(".dist-info")].partition("-")
                found.setdefault(_plain(project), version)
    return found


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
