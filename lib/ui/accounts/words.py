"""The texts of the Accounts page: heading, users, groups, impersonation.

Those of the Kloudless accounts are in `words_kloudless`. A parameter named `..._md` is Markdown
already; every other one is a plain value that needs no escaping.
"""

from typing import Final

from lib.core.texts import number, plural

# The page
TITLE: Final = "Accounts"
SUBTITLE: Final = "Users and groups of the enterprise, and connected accounts with their state."
#: The tabs' names are also values of the page's address.
USERS_TAB: Final = "Users"
GROUPS_TAB: Final = "Groups"
KLOUDLESS_TAB: Final = "Kloudless accounts"
IMPERSONATION_TAB: Final = "Impersonation"
GO_TO_CREDENTIALS: Final = "Go to Credentials"
BOX_APP: Final = "Box app"
BOX_OR_KLOUDLESS: Final = "Box credentials and no Kloudless application"
NOT_REPORTED: Final = "Not reported by Box"
NONE: Final = "—"
LEFT_SEARCH: Final = "the search on Accounts"

# Users
USER_SEARCH: Final = "Name or login starts with"
USER_SEARCH_EXAMPLE: Final = "Ada, or ada@…"
USER_TYPE: Final = "Users"
USER_TYPES: Final = {"managed": "Managed", "external": "External", "all": "All"}
USERS: Final = "users"
USERS_TABLE: Final = "Users of the enterprise with role, status and last activity"
CHOOSE_USER: Final = "Select a row to see a user's details."
LAST_ACTIVITY_SOURCE: Final = " Last activity comes from the events read so far."
ASKING_FOR_USERS: Final = "Getting users from Box…"
NO_USERS_FOR_PERSON: Final = "Box shows this person no users. Only admins and co-admins see them."
NO_USERS: Final = "Box lists no users of this kind."
NO_ACTIVITY_YET: Final = "None in the events read so far"
CAN_ACT_FOR: Final = "Can the app act for this user?"
USER_ACTIVITY: Final = "This user's activity"


def no_user_starts_with(term_md: str) -> str:
    """Nothing was found for a search, and why that may be."""
    return (
        f"No name or login starts with “{term_md}”. Box searches only the beginning of names and "
        "logins."
    )


# A user's details
UNNAMED: Final = "Unnamed"
LOGIN: Final = "Login"
BOX_ID: Final = "Box ID"
KIND: Final = "Kind"
ROLE: Final = "Role"
STATUS: Final = "Status"
JOB_TITLE: Final = "Job title"
TIME_ZONE: Final = "Time zone"
STORAGE_USED: Final = "Storage used"
CREATED: Final = "Created"
LAST_ACTIVITY: Final = "Last activity"
GROUPS_HEADING: Final = "#### Groups"
EXTERNAL_USER: Final = (
    "The app can list external users but can't act for them: Box refuses As-User."
)

# Groups and memberships
GROUP_SEARCH: Final = "Group name starts with"
GROUPS: Final = "groups"
GROUPS_TABLE: Final = "Groups of the enterprise"
CHOOSE_GROUP: Final = "Select a row to see a group's members."
ASKING_FOR_GROUPS: Final = "Getting groups from Box…"
NO_GROUPS: Final = "Box lists no groups of the enterprise."
NO_GROUPS_FOR_PERSON: Final = (
    "Box shows this person no groups. Only admins and co-admins see those of the enterprise."
)
IN_NO_GROUP: Final = "Box lists no groups of this user."
NO_MEMBERS: Final = "Box lists no members."
GROUP: Final = "Group"
MEMBER: Final = "Member"
NAME: Final = "Name"
DESCRIPTION: Final = "Description"
PROVENANCE: Final = "Source"


def no_group_starts_with(term_md: str) -> str:
    """No group was found for a search."""
    return f"No group name starts with “{term_md}”."


def memberships_of(column: str) -> str:
    """What the table of memberships shows, for readers who don't see it."""
    return f"Memberships: {column}"


def first_of(shown: int, total: int) -> str:
    """A list was cut."""
    return f"Showing the first {number(shown)} of {number(total)}."


def group_heading(name_md: str, members: int) -> str:
    """A group's name with the number of its members."""
    return f"#### {name_md} · {plural(members, 'member')}"


# Impersonation: choosing a person
IMPERSONATION_INTRO: Final = (
    "Acting for a user shows what that user sees. Nothing is written. The audit log records whom "
    "you looked up."
)
WITHOUT_NAME: Final = "No name"
BOX_TERM: Final = "Start of a name or login"
BOX_TERM_HELP: Final = "To find an external user, enter the whole login."
TEAM_TERM: Final = "Part of a name or login"
TEAM_TERM_HELP: Final = "This app searches the team list that Kloudless returns."
ASKING_FOR_TEAM: Final = "Getting the team from Kloudless…"
NO_ADMIN_ACCOUNT: Final = (
    "No enabled Box admin account is connected to this Kloudless application. Only such an account "
    "can act for others. Connect or enable one in the tab “Kloudless accounts”."
)
ORGANISATION: Final = "Organisation, by its Kloudless admin account"
FIND_PERSON: Final = "Find a person"
PERSON: Final = "Person"
CHOOSE_PERSON: Final = "Choose a person to act for"
NOBODY: Final = "No matches"


def first_people_of(shown: int, total: int) -> str:
    """Only some people can be chosen from."""
    return f"Showing the first {number(shown)} of {number(total)}. Type more of the name."


def first_of_team(people: int) -> str:
    """Only the beginning of a long team list was read."""
    return f"Only the team's first {plural(people, 'person', 'people')} were searched."


def unnamed_account(account_id: str) -> str:
    """An account without a name."""
    return f"account {account_id}"


# Impersonation: testing it
NOT_IMPERSONABLE: Final = (
    "**Not impersonable**: none of the ways works for this person, so nothing was tested. Choose "
    "someone else, or read what this person shares through the owner of a folder."
)
TEST: Final = "Test access"
TESTING: Final = "Calling Box in each way…"


def box_ways_missing(as_user_md: str, user_token_md: str) -> str:
    """The profile has no Box credentials."""
    return f"{as_user_md} and {user_token_md}: both need Box credentials."


def kloudless_way_missing(way_md: str) -> str:
    """The profile has no Kloudless application."""
    return f"{way_md}: this way needs a Kloudless application."


# Impersonation: the ways and their results
REQUIREMENTS: Final = "**Requirements**"
RULE_STATES: Final = {True: "met", False: "not met", None: "unknown until tested"}
RULE_CONFIRMED: Final = "confirmed by the test"
NOT_POSSIBLE: Final = ":red-badge[not possible]"
CAN_BE_TESTED: Final = ":blue-badge[can be tested]"
NOT_TESTED: Final = ":gray-badge[not tested]"
WORKED: Final = ":green-badge[worked]"
REFUSED: Final = ":red-badge[refused]"
WAYS_TABLE: Final = (
    "The same person requested in each way: who answered and what the root folder shows"
)
WAYS_AGREE: Final = "Every way shows the same person, and as many items in the root folder."
WAY: Final = "Way"
RESULT: Final = "Result"
ACTED_AS: Final = "Acted as"
ROOT_ITEMS: Final = "Items in the root folder"
TOOK: Final = "Duration"
REQUEST_IDS: Final = "Request IDs"
CELL_WORKED: Final = "✓ worked"
CELL_REFUSED: Final = "✗ refused"


def matched_through(account_md: str, matched_by_md: str) -> str:
    """Where the Kloudless row of the results comes from."""
    return (
        f"Kloudless account used: {account_md}. Person matched by {matched_by_md}. “Acted as” is "
        "Box's own answer to a pass-through call by Kloudless."
    )


def way_works(who_md: str) -> str:
    """One way worked, and whom Box named."""
    return f"It works: Box names {who_md}."


def cell_not_tested(why: str) -> str:
    """A way that wasn't tested, in the table."""
    return f"- not tested: {why}"
