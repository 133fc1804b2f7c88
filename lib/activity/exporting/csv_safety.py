"""Cells that a spreadsheet would run as a formula, made harmless and restored.

A cell that begins with `= + - @`, tab or carriage return gets an apostrophe in front. So does one
that already has apostrophes before such a sign, so that taking one away restores every cell.
Source: OWASP, CSV injection.
"""

import re
from typing import Final

_RISKY: Final = re.compile(r"'*[=+\-@\t\r]")
_GUARDED: Final = re.compile(r"'+[=+\-@\t\r]")


def guarded(cell: str) -> str:
    """The cell as it goes into a CSV file."""
    return "'" + cell if _RISKY.match(cell) else cell


def restored(cell: str) -> str:
    """The cell as it was before `guarded`."""
    return cell[1:] if _GUARDED.match(cell) else cell
