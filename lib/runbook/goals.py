"""The goals of an integration, and the fewest scopes and rights that each needs.

A goal decides which checks must pass: what lies outside it may be refused without anything being
wrong, and what is granted beyond it is said. Scope names and labels: Box developer documentation,
scopes; the guide's full set is that of the Box connector guide.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from lib.settings.profiles import BoxAuth, Profile


class Goal(StrEnum):
    """What the integration is for."""

    ACTIVITY = "activity"
    PEOPLE = "people"
    WEBHOOKS = "webhooks"
    FULL = "full"


class Need(StrEnum):
    """One thing that Box has to grant."""

    READ_FILES = "read_files"
    WRITE_FILES = "write_files"
    USERS = "manage_users"
    GROUPS = "manage_groups"
    WEBHOOKS = "manage_webhooks"
    PROPERTIES = "manage_enterprise_properties"
    AS_USER = "as_user"
    USER_TOKENS = "user_tokens"
    GCM = "global_content_manager"
    QUIET = "suppress_notifications"


@dataclass(frozen=True, slots=True)
class NeedSpec:
    """A need in the words of Box's consoles.

    `label` is what to tick, `scope` its name in the API (empty for a switch), `right` what a
    co-admin needs besides, `on_request` whether Box support must enable it.
    """

    label: str
    scope: str = ""
    right: str = ""
    on_request: bool = False


NEEDS: Final[dict[Need, NeedSpec]] = {
    Need.READ_FILES: NeedSpec("Read all files and folders stored in Box", "root_readonly"),
    Need.WRITE_FILES: NeedSpec(
        "Read and write all files and folders stored in Box", "root_readwrite"
    ),
    Need.USERS: NeedSpec("Manage users", "manage_managed_users", right="Manage users"),
    Need.GROUPS: NeedSpec("Manage groups", "manage_groups", right="Manage groups"),
    Need.WEBHOOKS: NeedSpec("Manage webhooks", "manage_webhook"),
    Need.PROPERTIES: NeedSpec(
        "Manage enterprise properties",
        "manage_enterprise_properties",
        right="Run new reports and access existing reports",
    ),
    Need.AS_USER: NeedSpec("Make API calls using the as-user header"),
    Need.USER_TOKENS: NeedSpec("Generate user access tokens"),
    Need.GCM: NeedSpec(
        "Global Content Manager (the guide: Admin or co-admin can make calls for any content in "
        "their enterprise)",
        "enterprise_content",
        on_request=True,
    ),
    Need.QUIET: NeedSpec(
        "Can suppress email notifications from API calls",
        right="Edit settings for your company",
        on_request=True,
    ),
}


@dataclass(frozen=True, slots=True)
class GoalSpec:
    """A goal for people: what it gives, and what it needs."""

    title: str
    sentence: str
    needs: frozenset[Need]


GOALS: Final[dict[Goal, GoalSpec]] = {
    Goal.ACTIVITY: GoalSpec(
        "Browse activity",
        "See who did what in the enterprise: charts, events, detections, exports.",
        frozenset({Need.PROPERTIES}),
    ),
    Goal.PEOPLE: GoalSpec(
        "Activity and people",
        "Also list users and groups, and distinguish managed, app and external users.",
        frozenset({Need.PROPERTIES, Need.USERS, Need.GROUPS}),
    ),
    Goal.WEBHOOKS: GoalSpec(
        "Activity and webhooks",
        "Also receive changes in chosen folders within seconds.",
        frozenset({Need.PROPERTIES, Need.READ_FILES, Need.WEBHOOKS}),
    ),
    Goal.FULL: GoalSpec(
        "The guide's full set",
        "Everything the connector guide asks for: files, people, activity, webhooks, and acting "
        "as users.",
        frozenset(
            {
                Need.READ_FILES,
                Need.WRITE_FILES,
                Need.USERS,
                Need.GROUPS,
                Need.WEBHOOKS,
                Need.PROPERTIES,
                Need.AS_USER,
                Need.USER_TOKENS,
            }
        ),
    ),
}
"""Needs on request (Global Content Manager, suppressing notifications) belong to no goal by itself:
they are chosen on top, because Box support has to grant them and they have side effects."""


class Road(StrEnum):
    """A way to set up."""

    BOX_JWT = "box-jwt"
    BOX_CCG = "box-ccg"
    BOX_OAUTH = "box-oauth"
    KLOUDLESS_OAUTH = "kloudless-oauth"
    KLOUDLESS_JWT = "kloudless-jwt"
    KLOUDLESS_IMPORT = "kloudless-import"

    @property
    def is_kloudless(self) -> bool:
        """Whether it ends in a Kloudless account."""
        return self.value.startswith("kloudless-")


_ROADS: Final = {
    BoxAuth.JWT: Road.BOX_JWT,
    BoxAuth.CCG: Road.BOX_CCG,
    BoxAuth.OAUTH: Road.BOX_OAUTH,
    BoxAuth.DEVELOPER_TOKEN: Road.BOX_OAUTH,
}


def road_of(profile: Profile) -> Road:
    """The road that fits a profile's credentials."""
    if profile.box is not None:
        return _ROADS[profile.box.auth]
    return Road.KLOUDLESS_OAUTH
