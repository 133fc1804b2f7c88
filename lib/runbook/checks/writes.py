"""What would be written to Box, shown before anything is: exact calls, without the token.

Only two checks write, and only when a person allowed it; `lib.runbook.checks.write_probe` makes
these calls.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from lib.runbook.checks.write_probe import NAME, QUIET
from lib.settings.profiles import BoxCredentials

WRITING: Final = ("box.scope.write_files", "box.notifications")
"""The checks that write when they are allowed to."""
_TOKEN: Final = "Bearer $BOX_TOKEN"  # noqa: S105  # a placeholder for people


@dataclass(frozen=True, slots=True)
class PlannedCall:
    """One call that would be made. `why` says what for."""

    method: str
    url: str
    why: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, object] | None = None

    @property
    def text(self) -> str:
        """The call as HTTP is read: a line, headers, body."""
        lines = [f"{self.method} {self.url}"]
        lines += [f"{name}: {value}" for name, value in self.headers.items()]
        if self.body is not None:
            lines += ["", json.dumps(self.body)]
        return "\n".join(lines)


def planned(check_id: str, box: BoxCredentials) -> tuple[PlannedCall, ...]:
    """What that check would send if it were allowed to write; nothing for one that only reads."""
    if check_id not in WRITING:
        return ()
    quiet = QUIET if check_id == "box.notifications" else {}
    headers = {"Authorization": _TOKEN, **quiet}
    name = f"{NAME} <8 random characters>"
    base = f"{box.api_url}/2.0/folders"
    return (
        PlannedCall(
            "POST",
            base,
            "Creates an empty folder in the root of the identity that the calls run as.",
            {**headers, "Content-Type": "application/json"},
            {"name": name, "parent": {"id": "0"}},
        ),
        PlannedCall("DELETE", f"{base}/<its id>", "Deletes that folder again at once.", headers),
    )
