"""Scopes of a Kloudless sign-in, parsed before they are sent, so that a mistake can be named.

An entry is `<service or category>[:<account type>][.<api>][.<permission>[:raw]]`; spaces separate
the entries, and a permission in quotes may hold anything. Which services an application has, only
Kloudless knows. Sources: the published Kloudless SDKs and widgets, archived documentation (scopes).
"""

import re
from dataclasses import dataclass
from typing import Final

from lib.core.errors import RunbookError, Who

LONGEST: Final = 2000
#: Offered for choosing; anything else can be typed.
OFFERED: Final = {
    "box": "Box, one person's access",
    "box.storage": "Box, one person's files and folders",
    "box:admin": "Box, an administrator's access to the organisation",
    "box:admin.storage": "Box, an administrator's, files and folders only",
    "storage": "any storage service, one person's access",
}
_PART: Final = re.compile(r'(?:[^\s"]|"[^"]*")+')
_ENTRY: Final = re.compile(
    r"(?P<who>[a-z][a-z0-9_]*)"
    r"(?::(?P<type>[^.\s\"]*))?"
    r"(?:\.(?P<api>[a-z_]+))?"
    r'(?:\.(?P<permission>"[^"]+"|[a-z_]+)(?::(?P<kind>[^.\s\"]*))?)?'
)


@dataclass(frozen=True, slots=True)
class ScopeEntry:
    """One entry of a scope."""

    service: str
    admin: bool = False
    api: str | None = None
    permission: str | None = None
    raw: bool = False


def read_scope(text: str) -> tuple[ScopeEntry, ...]:
    """The entries of a scope. Raises RunbookError that says which part is wrong, and how."""
    if not text.strip():
        raise _wrong("The scope is empty.", "Choose one, such as box.")
    if len(text) > LONGEST:
        raise _wrong(f"The scope is longer than {LONGEST} characters.", "Request less at once.")
    if text.count('"') % 2:
        raise _wrong("A quotation mark isn't closed.", 'Close it: box.storage."…":raw.')
    return tuple(_entry(part) for part in _PART.findall(text))


def wants_admin(entries: tuple[ScopeEntry, ...]) -> bool:
    """Whether an administrator's access to an organisation is requested."""
    return any(entry.admin for entry in entries)


def _entry(part: str) -> ScopeEntry:
    shown = part if len(part) <= 60 else part[:60] + "…"  # noqa: PLR2004  # of a line
    if "," in part.partition('"')[0]:
        raise _wrong(f"{shown} contains a comma.", "Separate the entries with spaces.")
    found = _ENTRY.fullmatch(part)
    if found is None:
        lower = " Use lower case." if part.lower() != part else ""
        raise _wrong(
            f"{shown} isn't a scope entry.",
            f"An entry looks like box, box.storage, box:admin or box:admin.storage.{lower}",
        )
    if found["type"] not in (None, "normal", "admin"):
        raise _wrong(
            f"{shown} has an unknown account type.",
            "After the colon, use normal or admin; without it, normal applies.",
        )
    if found["kind"] not in (None, "raw"):
        raise _wrong(f"{shown} ends in an unknown word.", "Only :raw is allowed there.")
    permission = found["permission"]
    if permission and permission.startswith('"') and found["kind"] is None:
        raise _wrong(f"{shown} has a permission in quotes.", "Such a permission ends in :raw.")
    return ScopeEntry(
        service=found["who"],
        admin=found["type"] == "admin",
        api=found["api"],
        permission=permission.strip('"') if permission else None,
        raw=found["kind"] == "raw",
    )


def _wrong(message: str, fix: str) -> RunbookError:
    return RunbookError(message, cause="", fix=fix, who=Who.YOU)
