"""How long events are kept: `[retention]` of the settings, by age and by type.

The default is defined here and in `docs/reference/settings.md`: events read from Box or Kloudless
are kept for 800 days, so that a year can be compared with the one before; imported files until
somebody deletes them. Nothing here deletes anything.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from types import MappingProxyType
from typing import Any, Final

from lib.settings.watching import wrong

FOREVER: Final = "forever"
KEEP: Final = timedelta(days=800)
_MOST_DAYS: Final = 36_525
_UNITS: Final = {"d": 1, "w": 7, "y": 365}


@dataclass(frozen=True, slots=True)
class RetentionSettings:
    """`[retention]`; None is forever. `types` are event types with an age of their own."""

    keep: timedelta | None = KEEP
    imports: timedelta | None = None
    types: Mapping[str, timedelta | None] = field(default_factory=lambda: MappingProxyType({}))


def retention_settings(table: Mapping[str, Any]) -> RetentionSettings:
    """Read `[retention]`. Raises ConfigurationError naming the setting that is wrong."""
    for key in table:
        if key not in ("keep", "imports", "types"):
            raise wrong(f"retention.{key}", "there is no such setting")
    types = table.get("types") or {}
    if not isinstance(types, Mapping):
        raise wrong("retention.types", "it must be a table")
    return RetentionSettings(
        keep=_age("retention.keep", table.get("keep"), KEEP),
        imports=_age("retention.imports", table.get("imports"), None),
        # what comes from the environment is in lower case; Box's types aren't
        types=MappingProxyType(
            {
                str(name).upper(): _age(f"retention.types.{name}", value, KEEP)
                for name, value in types.items()
            }
        ),
    )


def _age(name: str, value: Any, usual: timedelta | None) -> timedelta | None:
    if value in (None, ""):
        return usual
    if str(value).strip() == FOREVER:
        return None
    found = re.fullmatch(r"(\d{1,6})([dwy])", str(value).strip())
    days = int(found[1]) * _UNITS[found[2]] if found else 0
    if not 1 <= days <= _MOST_DAYS:
        raise wrong(name, "it isn't an age", "Write it as 90d, 26w, 2y or forever.")
    return timedelta(days=days)
