"""What is cleared with a change of profile: searches, opened and selected rows of the old one.

A part of the app that keeps such a thing outside of its widgets says here how it is cleared. A
widget alone needs only a key of `session.of_profile`: under another profile it is a new one.
"""

from collections.abc import Callable
from typing import Final

from lib.ui.shell import words
from lib.ui.shell.notices import tell

Clear = Callable[[], str]
"""Clears something; returns what it was, in words, or '' if there was nothing."""
_CLEARS: Final[dict[str, Clear]] = {}


def cleared_with_profile(clear: Clear) -> Clear:
    """Have it called whenever another profile comes into use; as a decorator."""
    _CLEARS[f"{clear.__module__}.{clear.__qualname__}"] = clear
    return clear


def leave() -> None:
    """Another profile came into use: clear what belonged to the one before, and say so."""
    gone = [what for clear in _CLEARS.values() if (what := clear())]
    if gone:
        tell(words.cleared(", ".join(gone)), icon=":material/filter_alt_off:")
