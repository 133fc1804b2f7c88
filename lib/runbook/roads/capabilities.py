"""Capabilities of the product: what each needs, what is granted, and what was proved.

A pure reading of verdicts: nothing is asked. “Granted” says that a call which needs exactly this
right was answered, “proved” that the very thing was tried and worked. A warning, a refused call
that an inference rests on, and a call without an answer show neither: these are unknown.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from lib.runbook.checks.verdict import Status, Verdict
from lib.runbook.goals import NEEDS, Need


class Mark(StrEnum):
    """What is known of a capability."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"  # not tried, or it can't be shown by reading
    ABSENT = "absent"  # the profile has no such side


@dataclass(frozen=True, slots=True)
class Capability:
    """One thing that the product can do, the needs behind it, and the checks that show it."""

    name: str
    side: str
    needs: tuple[Need, ...]
    granted_by: tuple[str, ...]
    proved_by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CapabilityState:
    """A capability with what is known of it; `needs` in the consoles' words."""

    capability: str
    side: str
    needs: tuple[str, ...]
    requested: bool
    granted: Mark
    proved: Mark


CAPABILITIES: Final = (
    Capability(
        "Activity charts and backfill",
        "Box",
        (Need.PROPERTIES,),
        ("box.scope.manage_enterprise_properties",),
        ("box.events.history",),
    ),
    Capability(
        "Live activity",
        "Box",
        (Need.PROPERTIES,),
        ("box.scope.manage_enterprise_properties",),
        ("box.events.streaming",),
    ),
    Capability(
        "Users", "Box", (Need.USERS,), ("box.scope.manage_users",), ("box.scope.manage_users",)
    ),
    Capability(
        "Groups", "Box", (Need.GROUPS,), ("box.scope.manage_groups",), ("box.scope.manage_groups",)
    ),
    Capability(
        "Read files and folders",
        "Box",
        (Need.READ_FILES,),
        ("box.scope.read_files",),
        ("box.scope.read_files",),
    ),
    Capability(
        "Write files and folders",
        "Box",
        (Need.WRITE_FILES,),
        ("box.scope.write_files",),
        ("box.scope.write_files",),
    ),
    Capability(
        "Webhooks",
        "Box",
        (Need.WEBHOOKS, Need.READ_FILES),
        ("box.scope.manage_webhooks",),
        ("box.webhooks.alive",),
    ),
    Capability("Act as a user", "Box", (Need.AS_USER,), ("box.as_user",), ("box.as_user",)),
    Capability(
        "Tokens for users", "Box", (Need.USER_TOKENS,), ("box.token.user",), ("box.token.user",)
    ),
    Capability(
        "Access any content of the enterprise", "Box", (Need.GCM,), ("box.gcm",), ("box.gcm",)
    ),
    Capability("Calls without notifications", "Box", (Need.QUIET,), (), ("box.notifications",)),
    Capability(
        "Storage API",
        "Kloudless",
        (Need.READ_FILES, Need.WRITE_FILES),
        ("kloudless.account.present", "kloudless.account.callable"),
        ("kloudless.account.callable",),
    ),
    Capability(
        "Team API",
        "Kloudless",
        (Need.USERS, Need.GROUPS),
        ("kloudless.account.admin", "kloudless.team", "kloudless.groups"),
        ("kloudless.team", "kloudless.groups"),
    ),
    Capability(
        "Activity API",
        "Kloudless",
        (Need.PROPERTIES,),
        ("kloudless.activity.subscription",),
        ("kloudless.activity.events",),
    ),
    Capability(
        "Act as a user",
        "Kloudless",
        (Need.AS_USER,),
        ("kloudless.account.admin", "kloudless.as_user"),
        ("kloudless.as_user",),
    ),
    Capability(
        "Raw headers to Box",
        "Kloudless",
        (),
        ("kloudless.account.admin", "kloudless.raw_headers"),
        ("kloudless.raw_headers",),
    ),
)

_WARNINGS: Final = {
    "box.gcm_granted": Mark.YES,  # the search worked; it only isn't asked for
    "box.only_app_users": Mark.NO,  # app users are listed without the scope Manage users
}
"""What a warning shows; any other shows nothing."""
_REFUSED_FROM: Final = 400
_NO_ANSWERS: Final = frozenset({401, 408, 429})
"""Responses that say nothing of a right: the token, the time or the rate was wrong."""
_OWN_FAULTS: Final = 500
_NOT_REQUESTED: Final = "check.not_wanted"
_NOT_HERE: Final = "check.not_here"


def matrix(
    verdicts: Mapping[str, Verdict], requested: frozenset[Need]
) -> tuple[CapabilityState, ...]:
    """Every capability, by the latest verdicts; what was never checked is unknown."""
    return tuple(
        CapabilityState(
            one.name,
            one.side,
            tuple(NEEDS[need].label for need in one.needs),
            bool(set(one.needs) & requested) or not one.needs,
            _mark(one.granted_by, verdicts),
            _mark(one.proved_by, verdicts),
        )
        for one in CAPABILITIES
    )


def _mark(check_ids: tuple[str, ...], verdicts: Mapping[str, Verdict]) -> Mark:
    """The worst of what these checks say."""
    marks = [_mark_of(verdicts.get(one)) for one in check_ids]
    for mark in (Mark.NO, Mark.ABSENT, Mark.UNKNOWN):
        if mark in marks:
            return mark
    return Mark.YES if marks else Mark.UNKNOWN


def _mark_of(verdict: Verdict | None) -> Mark:
    if verdict is None:
        return Mark.UNKNOWN
    match verdict.status:
        case Status.SKIPPED:
            by_cause = {_NOT_REQUESTED: Mark.NO, _NOT_HERE: Mark.ABSENT}
            return by_cause.get(verdict.cause or "", Mark.UNKNOWN)
        case Status.PASSED:
            refused = (verdict.evidence.status or 0) >= _REFUSED_FROM
            return Mark.UNKNOWN if refused and not _proved_by_refusal(verdict) else Mark.YES
        case Status.WARNING:
            return _WARNINGS.get(verdict.cause or "", Mark.UNKNOWN)
        case Status.FAILED:
            return Mark.NO if _judged(verdict) else Mark.UNKNOWN
        case _:
            return Mark.UNKNOWN


def _proved_by_refusal(verdict: Verdict) -> bool:
    """Whether the refusal is what the check waits for: Box's own answer to a planted header."""
    return verdict.id == "kloudless.raw_headers"


def _judged(verdict: Verdict) -> bool:
    """Whether the other side judged the right at all: no answer, or a fault of its own, doesn't."""
    seen = verdict.evidence
    if seen.request is None:
        return True  # a fact, not a call
    status = seen.status
    return status is not None and status < _OWN_FAULTS and status not in _NO_ANSWERS
