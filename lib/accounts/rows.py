"""Box users, Box groups and Kloudless accounts as table rows, read from API answers.

Answers are read tolerantly: a field that is missing or has another type is unknown, not an error.
Facts: Box developer documentation (user and group objects, service accounts, app users); the
Kloudless SDKs' account object.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final

from lib.core.json_fields import mapping_field, text_field, time_field, whole_field, word

#: Box refuses a list position beyond this.
OFFSET_LIMIT: Final = 10_000
PAGE_SIZE: Final = 25
USER_FIELDS: Final = (
    "id",
    "name",
    "login",
    "role",
    "status",
    "created_at",
    "modified_at",
    "job_title",
    "language",
    "timezone",
    "space_used",
    "space_amount",
    "is_platform_access_only",
    "external_app_user_id",
    "enterprise",
)
GROUP_FIELDS: Final = (
    "id",
    "name",
    "group_type",
    "description",
    "created_at",
    "modified_at",
    "provenance",
    "member_viewability_level",
    "invitability_level",
)
ROLES: Final[Mapping[str, str]] = MappingProxyType(
    {"admin": "Admin", "coadmin": "Co-admin", "user": "Member"}
)
STATUSES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "active": "Active",
        "inactive": "Inactive",
        "cannot_delete_edit": "Can't delete or edit",
        "cannot_delete_edit_upload": "Can't delete, edit or upload",
    }
)
_BOX_DEVICE_DOMAIN: Final = "@boxdevedition.com"


class UserKind(StrEnum):
    """The kind of a Box user, as far as its record shows."""

    MANAGED = "Managed"
    APP = "App user"
    SERVICE = "Service account"
    EXTERNAL = "External"


@dataclass(frozen=True, slots=True)
class UserRow:
    """One Box user. Times are UTC, sizes bytes; None is unknown."""

    id: str
    name: str
    login: str
    kind: UserKind
    role: str
    status: str
    created_at: datetime | None
    job_title: str
    language: str
    timezone: str
    space_used: int | None
    space_amount: int | None
    last_activity: datetime | None = None


@dataclass(frozen=True, slots=True)
class GroupRow:
    """One Box group."""

    id: str
    name: str
    kind: str
    description: str
    provenance: str
    created_at: datetime | None


@dataclass(frozen=True, slots=True)
class MemberRow:
    """One membership, seen from the group or from the user."""

    user_id: str
    user_name: str
    user_login: str
    group_id: str
    group_name: str
    role: str


@dataclass(frozen=True, slots=True)
class AccountRow:
    """One account connected to the Kloudless application.

    `switch` is what this Kloudless calls the field that enables it.
    """

    id: str
    account: str
    service: str
    service_name: str
    admin: bool
    enabled: bool
    apis: tuple[str, ...]
    scope: str
    created_at: datetime | None
    modified_at: datetime | None
    token_expiry: datetime | None
    switch: str = "enabled"


def user_row(
    raw: Mapping[str, Any],
    *,
    enterprise_id: str = "",
    last_activity: datetime | None = None,
) -> UserRow:
    """A Box user's row. `enterprise_id` is ours; a user of another one is external."""
    return UserRow(
        id=text_field(raw.get("id")),
        name=text_field(raw.get("name")),
        login=text_field(raw.get("login")),
        kind=_kind(raw, enterprise_id),
        role=word(ROLES, raw.get("role")),
        status=word(STATUSES, raw.get("status")),
        created_at=time_field(raw.get("created_at")),
        job_title=text_field(raw.get("job_title")),
        language=text_field(raw.get("language")),
        timezone=text_field(raw.get("timezone")),
        space_used=whole_field(raw.get("space_used")),
        space_amount=whole_field(raw.get("space_amount")),
        last_activity=last_activity,
    )


def group_row(raw: Mapping[str, Any]) -> GroupRow:
    """A Box group's row."""
    kind = text_field(raw.get("group_type"))
    return GroupRow(
        id=text_field(raw.get("id")),
        name=text_field(raw.get("name")),
        kind={"managed_group": "Managed", "all_users_group": "All users"}.get(kind, kind),
        description=text_field(raw.get("description")),
        provenance=text_field(raw.get("provenance")),
        created_at=time_field(raw.get("created_at")),
    )


def member_row(raw: Mapping[str, Any]) -> MemberRow:
    """A membership's row."""
    user, group = mapping_field(raw.get("user")), mapping_field(raw.get("group"))
    return MemberRow(
        user_id=text_field(user.get("id")),
        user_name=text_field(user.get("name")),
        user_login=text_field(user.get("login")),
        group_id=text_field(group.get("id")),
        group_name=text_field(group.get("name")),
        role={"admin": "Group admin", "member": "Member"}.get(
            text_field(raw.get("role")), text_field(raw.get("role"))
        ),
    )


def account_row(raw: Mapping[str, Any]) -> AccountRow:
    """A Kloudless account's row; `active` is the older name of `enabled`."""
    apis = raw.get("apis")
    return AccountRow(
        id=text_field(raw.get("id")),
        account=text_field(raw.get("account")),
        service=text_field(raw.get("service")),
        service_name=text_field(raw.get("service_name")) or text_field(raw.get("service")),
        admin=raw.get("admin") is True,
        enabled=raw.get("enabled", raw.get("active", True)) is not False,
        apis=tuple(text_field(api) for api in apis) if isinstance(apis, list) else (),
        scope=text_field(raw.get("effective_scope")),
        created_at=time_field(raw.get("created")),
        modified_at=time_field(raw.get("modified")),
        token_expiry=time_field(raw.get("token_expiry")),
        switch="active" if "active" in raw and "enabled" not in raw else "enabled",
    )


@dataclass(frozen=True, slots=True)
class Paging:
    """A page of a list by position. Box counts entries and refuses positions above 10,000."""

    number: int
    total: int
    size: int = PAGE_SIZE

    @property
    def offset(self) -> int:
        """Position of the page's first entry, from 0."""
        return (self.number - 1) * self.size

    @property
    def pages(self) -> int:
        """How many pages can be requested; at least 1."""
        return max(1, min(math.ceil(self.total / self.size), OFFSET_LIMIT // self.size + 1))

    @property
    def cut(self) -> bool:
        """Whether there are more entries than Box lets us reach by position."""
        return self.total > self.pages * self.size

    def words(self, shown: int, what: str) -> str:
        """“1 to 25 of 3,120 users”."""
        if not shown:
            return f"No {what}"
        first = self.offset + 1
        return f"{first:,} to {first + shown - 1:,} of {max(self.total, shown):,} {what}"


def _kind(raw: Mapping[str, Any], enterprise_id: str) -> UserKind:
    login = text_field(raw.get("login"))
    if login.endswith(_BOX_DEVICE_DOMAIN):
        return UserKind.SERVICE if login.startswith("AutomationUser_") else UserKind.APP
    if raw.get("is_platform_access_only") is True:
        return UserKind.APP
    if "enterprise" in raw:
        theirs = text_field(mapping_field(raw["enterprise"]).get("id"))
        if enterprise_id and theirs != enterprise_id:
            return UserKind.EXTERNAL
    return UserKind.MANAGED
