"""Every check, in the order in which they are run. An id that users see never changes."""

from collections.abc import Mapping
from typing import Final

from lib.runbook.checks import (
    box_identity,
    box_rights,
    box_setup,
    box_watch,
    kloudless,
    kloudless_accounts,
)
from lib.runbook.checks.check import Check

CHECKS: Final[tuple[Check, ...]] = (
    *box_setup.CHECKS,
    *box_identity.CHECKS,
    *box_rights.CHECKS,
    *box_watch.CHECKS,
    *kloudless.CHECKS,
    *kloudless_accounts.CHECKS,
)
_BY_ID: Final[Mapping[str, Check]] = {check.id: check for check in CHECKS}


def by_id(check_id: str) -> Check:
    """The check of that id. Raises KeyError."""
    return _BY_ID[check_id]
