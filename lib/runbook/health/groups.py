"""The checks in groups, as people look for them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from lib.runbook.checks.verdict import Status, Verdict


@dataclass(frozen=True, slots=True)
class Group:
    """A group of checks; `prefixes` are beginnings of their ids, of which the longest decides."""

    name: str
    title: str
    icon: str
    prefixes: tuple[str, ...]


GROUPS: Final = (
    Group("identity", "Identity and tokens", ":material/badge:", ("box.",)),
    Group(
        "permissions",
        "Permissions",
        ":material/verified_user:",
        (
            "box.scope.",
            "box.as_user",
            "box.token.user",
            "box.gcm",
            "box.notifications",
            "box.least_privilege",
        ),
    ),
    Group("events", "Events", ":material/stream:", ("box.events.",)),
    Group(
        "webhooks",
        "Webhooks",
        ":material/webhook:",
        ("box.webhooks.", "box.scope.manage_webhooks", "kloudless.webhook"),
    ),
    Group("kloudless", "Kloudless", ":material/hub:", ("kloudless.",)),
)
"""In the order in which they are shown."""
_BAD_FIRST: Final = (Status.FAILED, Status.WARNING, Status.PASSED, Status.UNPROVEN, Status.SKIPPED)


def group_of(check_id: str) -> Group:
    """The group of a check."""
    fits = [
        (len(prefix), group)
        for group in GROUPS
        for prefix in group.prefixes
        if check_id.startswith(prefix)
    ]
    return max(fits, key=lambda one: one[0], default=(0, GROUPS[0]))[1]


def grouped(verdicts: Iterable[Verdict]) -> Mapping[Group, list[Verdict]]:
    """Verdicts by group, in the order in which they are shown; groups without any are left out."""
    found: dict[Group, list[Verdict]] = {group: [] for group in GROUPS}
    for verdict in verdicts:
        found[group_of(verdict.id)].append(verdict)
    return {group: part for group, part in found.items() if part}


def worst(verdicts: Iterable[Verdict]) -> Status:
    """The status of several checks together; skipped where nothing was run."""
    statuses = {verdict.status for verdict in verdicts}
    return next((status for status in _BAD_FIRST if status in statuses), Status.SKIPPED)
