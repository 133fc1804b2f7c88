"""A check: a small program with a stable id that proves one fact about one profile.

It is data with one function. `needs` names the checks that must hold before it makes sense: when
one failed it is skipped, so that one broken thing is reported once. `builds_on` names checks that
only must be run before, however they end. `grants` are the needs of a goal that it proves; outside
the goal a refusal is no failure.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from lib.runbook.checks.check_context import CheckContext
from lib.runbook.checks.verdict import CheckOutcome
from lib.runbook.goals import Need


class CheckSide(StrEnum):
    """Whom a check is about."""

    BOX = "box"
    KLOUDLESS = "kloudless"
    APP = "app"


Probe = Callable[[CheckContext], CheckOutcome]
"""Does the work. May raise RunbookError: that is a failure with the error's own cause."""
Applies = Callable[[CheckContext], str | None]
"""Why a check doesn't apply to this profile; None when it does."""


def always(_context: CheckContext) -> str | None:
    """It applies to every profile that has its side."""
    return None


@dataclass(frozen=True, slots=True)
class Check:
    """One check. `proves` is a sentence for people; `method` says how, for the curious."""

    id: str
    title: str
    proves: str
    probe: Probe
    side: CheckSide
    method: str = ""
    needs: tuple[str, ...] = ()
    builds_on: tuple[str, ...] = ()
    grants: frozenset[Need] = frozenset()
    applies: Applies = always
