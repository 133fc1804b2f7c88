"""The document as a file: Markdown that reads well in an issue, with the same as JSON at its end.

Every value is in a code span or a JSON block in which no Markdown or HTML works: what a log said is
shown, and never becomes a link, a mention or markup.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

MEDIA_TYPE: Final = "text/markdown"
_TITLES: Final = {
    "missing": "Missing information",
    "versions": "Versions",
    "machine": "Machine",
    "runs": "Process",
    "command": "The command that wrote this file",
    "settings": "Settings, without values",
    "errors": "Last warnings and errors in the log, newest first",
    "calls": "Last failed calls, newest first",
    "reading": "Reading",
    "checks": "Checks",
    "stores": "Stores",
}
_ABOUT: Final = """\
# Box Runbook diagnostics

Created {made_at} by {made_by}. Attach this file to your bug report.

It contains no setting values and no credentials, names, logins, IP addresses, file names or hosts
of yours. In log lines, words that aren't in the program itself are replaced by […]. Review the file
before you send it.
"""


def file_name(now: datetime) -> str:
    """`box-runbook-diagnostics-20261101-1405.md`, in UTC."""
    return f"box-runbook-diagnostics-{now:%Y%m%d-%H%M}.md"


def markdown(document: Mapping[str, Any]) -> bytes:
    """The file, UTF-8."""
    lines = [
        _ABOUT.format(
            made_at=_code(document.get("made_at", "")), made_by=document.get("made_by", "")
        )
    ]
    for name, title in _TITLES.items():
        if name not in document:
            continue
        lines += ["", f"## {title}", "", *_part(document[name], 3)]
    lines += ["", "## The same data as JSON", "", "```json", _json(document), "```", ""]
    return "\n".join(lines).encode("utf-8", "replace")


def _part(value: Any, level: int) -> Iterator[str]:
    if isinstance(value, Mapping):
        yield from _fields(value, level)
    elif isinstance(value, Sequence) and not isinstance(value, str):
        yield from _items(value)
    else:
        yield _code(value)


def _fields(value: Mapping[str, Any], level: int) -> Iterator[str]:
    """Plain values as a table, then the parts below with a heading each."""
    plain = {name: one for name, one in value.items() if not _is_part(one)}
    if not value:
        yield "nothing"
    if plain:
        yield from ("| Field | Value |", "|---|---|")
        yield from (f"| {_cell(name)} | {_cell(one)} |" for name, one in plain.items())
    for name, one in value.items():
        if _is_part(one):
            yield from ("", f"{'#' * min(level, 6)} {_code(name)}", "")
            yield from _part(one, level + 1)


def _items(value: Sequence[Any]) -> Iterator[str]:
    """Records as a table of those fields that any of them has; frames below each other."""
    if not value:
        yield "none"
        return
    records = [one for one in value if isinstance(one, Mapping)]
    if len(records) != len(value):
        yield from (f"- {_code(one)}" for one in value)
        return
    names = list(dict.fromkeys(name for one in records for name in one))
    yield f"| {' | '.join(names)} |"
    yield f"|{'---|' * len(names)}"
    for one in records:
        yield f"| {' | '.join(_cell(one[name]) if name in one else '' for name in names)} |"


def _is_part(value: Any) -> bool:
    if isinstance(value, Mapping):
        return True
    return isinstance(value, list) and any(isinstance(one, Mapping) for one in value)


def _cell(value: Any) -> str:
    if isinstance(value, list):
        return "<br>".join(_cell(one) for one in value) or "none"
    return _code(value).replace("|", "\\|")


def _code(value: Any) -> str:
    """A value as a code span on one line."""
    words = {True: "yes", False: "no", None: "unknown"}
    text = words[value] if value is None or isinstance(value, bool) else str(value)
    shown = " ".join(text.replace("`", "'").split())
    return f"`{shown}`" if shown else ""


def _json(document: Mapping[str, Any]) -> str:
    """JSON in ASCII, with no character that ends a block of code or begins HTML."""
    text = json.dumps(document, indent=1, default=str)
    return text.replace("`", "\\u0060").replace("<", "\\u003c")
