"""The texts of the Files page; those of an item's details are in `words_item`.

A parameter named `..._md` is Markdown already; every other one is a plain value that needs no
escaping.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from lib.core.texts import number, plural

# The page
TITLE: Final = "Files"
SUBTITLE: Final = "What an identity sees in Box, and how it is shared. This page only reads."
#: The tabs' names are also values of the page's address.
FOLDERS_TAB: Final = "Folders"
RECENT_TAB: Final = "Recent files"
SEARCH_TAB: Final = "Search"
NOT_REPORTED: Final = "Not reported"
UNNAMED: Final = "Unnamed"


def invalid_ids(names_md: str) -> str:
    """Parts of the address were ignored."""
    return (
        f"This address has no valid ID in {names_md}, so that part was ignored. Box IDs are digits "
        "only. Choose from the list, or correct the address."
    )


# Who looks
NO_PROFILE_HALF: Final = "Box app and no Kloudless application"
#: These labels are also values of the page's address.
SIDE_BY_SIDE: Final = "Side by side"
BOX: Final = "Box"
KLOUDLESS: Final = "Kloudless"
SIDE: Final = "Call"
QUIET: Final = "Box-Notifications: off"
QUIET_HELP: Final = "Ask Box not to notify people about the calls of this page."
QUIET_NOTE: Final = (
    "Every call of this page now carries `Box-Notifications: off`; through Kloudless it travels in "
    "`X-Kloudless-Raw-Headers`. Box honours it only if Box support has enabled “Can suppress email "
    "notifications from API calls” for the app, the app has the scope *Manage enterprise "
    "properties*, and the acting admin or co-admin may *Edit settings for your company*. Even then "
    "Box still sends notifications about new users, comments, collaborations, tasks and login "
    "changes. This page only reads, and a read doesn't show whether Box held a notification back: "
    "sending the header is no proof that your app may use it."
)
GETTING_ACCOUNTS: Final = "Getting accounts from Kloudless…"
ACCOUNT: Final = "Kloudless account"
ACCOUNT_HELP: Final = (
    "An organisation's account can act as each of its users. A personal account shows only what "
    "its own user sees."
)
FIRST_THOUSAND: Final = " Only the first 1,000 are listed."
ORGANISATION: Final = "organisation"
PERSONAL: Final = "personal"
NO_ACCOUNT: Final = "No Box account is connected to this Kloudless application."
NO_ACCOUNT_CAUSE: Final = "Kloudless lists no enabled Box account."
NO_ACCOUNT_AMONG_FIRST: Final = "No enabled Box account is among those listed."
NO_ACCOUNT_AMONG_FIRST_CAUSE: Final = (
    "Only the first 1,000 accounts of the Kloudless application were read; more are connected."
)
NO_ACCOUNT_AMONG_FIRST_FIX: Final = (
    "Find the account on the Accounts page and open its files there."
)
NO_ACCOUNT_FIX: Final = "Connect one, or enable an existing one, on the Accounts page."
DIFFERENT_PEOPLE: Final = (
    ":orange[:material/warning:] The two sides act as different people, so their contents aren't "
    "compared."
)
UNNAMED_USER: Final = "a user without a name"
BACK_TO_SELF: Final = "Act as the profile itself again"
ACT_AS: Final = "Act as…"
USER_SEARCH: Final = "Name or login starts with"
USER_SEARCH_EXAMPLE: Final = "Ada, or ada@…"
USER_ID: Final = "Or a Box user ID"
USER_ID_INVALID: Final = "A Box ID is digits only."
SERVICE_ACCOUNT: Final = "the service account"
PROFILE_ITSELF: Final = "the profile itself"
NO_USER: Final = (
    "No name or login starts with this text. Box searches only the beginning of names and logins."
)
LOOK_AS: Final = "**View as**"
GETTING_USERS: Final = "Getting users…"


def account_label(name: str, kind: str) -> str:
    """A Kloudless account in the list."""
    return f"{name} · {kind}"


def acting_on_both(person_md: str) -> str:
    """Both sides act as this person."""
    return f"Acting as {person_md}, on both sides."


def acting(person_md: str, side_md: str) -> str:
    """One side acts as this person; the side is named where there are two."""
    return f"Acting as {person_md}." + (f" {side_md}." if side_md else "")


def person(name_md: str, login_md: str, kind: str, id_md: str) -> str:
    """A user by name, login, kind and ID."""
    return f"**{name_md}** {login_md} · {kind} · Box ID {id_md}"


def act_as(whom: str) -> str:
    """The button that goes back to the profile's own identity."""
    return f"Act as {whom}"


def first_users_narrow(shown: int, total: int) -> str:
    """Only some users are offered."""
    return f"Showing the first {shown} of {plural(total, 'user')}. Type more to narrow the list."


def first_users(shown: int, total: int) -> str:
    """Only some users are offered, and where the others are found."""
    return f"Showing the first {shown} of {plural(total, 'user')}. “Act as…” finds the others."


# Tables of items
OPEN: Final = "Open"
NAME: Final = "Name"
OTHER_SIDE: Final = "Other side"
WHAT: Final = "Action"
WHEN: Final = "When"
KIND: Final = "Kind"
SIZE: Final = "Size (kB)"
MODIFIED: Final = "Modified"
IN_FOLDER: Final = "In folder"
OWNER: Final = "Owner"
SHARED_LINK: Final = "Shared link"
COLLABORATORS: Final = "Collaborators"
EXTERNAL_OWNER: Final = "External owner"
CLASSIFICATION: Final = "Classification"
YES: Final = "Yes"
NO: Final = "No"


def items_table(side: str) -> str:
    """What a table shows, for readers who don't see it."""
    return f"Files and folders: {side}"


# The request, pagers
REQUEST: Final = "Request and calls"
CALL_UNANSWERED: Final = "no answer"
EARLIER: Final = "Previous"
LATER: Final = "Next"
REFRESH: Final = "Refresh"


def credential_omitted(variable: str) -> str:
    """The curl command lacks its credential."""
    return f"The credential isn't shown. Set `{variable}` in your shell first."


def call(path_md: str, status_md: str, took: str, ids_md: str) -> str:
    """One call as a line of a list."""
    request = f", request ID {ids_md}" if ids_md else ""
    return f"- {path_md} **{status_md}** in {took}{request}"


def loaded(what: str, at: datetime) -> str:
    """What a list shows, and when it was loaded; `at` is UTC."""
    return f"{what} · loaded at {at:%H:%M:%S} UTC"


def page_of(page: int, items: int, total: int | None = None) -> str:
    """A page of a list that knows only its next page."""
    of = "" if total is None else f" of {number(total)}"
    return f"Page {page}, {plural(items, 'item')}{of}"


# Folders
#: These labels are also values of the page's address.
SORTS: Final = {
    "": "Box's order",
    "name": "Name",
    "date": "Date",
    "size": "Size",
    "id": "ID",
}
ITEMS: Final = "items"
SAME: Final = "same"
MISSING: Final = "✗ missing there"
UNKNOWN: Final = "? not on its page"
OPENING: Final = "Opening the folder…"
BY_MARKER: Final = "By marker"
BY_MARKER_HELP: Final = (
    "Box lists by position up to 10,000, which can be sorted, or by marker, without a limit but "
    "in its own order."
)
SORT: Final = "Sort"
DESCENDING: Final = "Descending"
ROOT: Final = "All Files"
UNNAMED_CRUMB: Final = "unnamed"
DETAILS: Final = "Details"
IN_BOX: Final = "in Box"
THROUGH_KLOUDLESS: Final = "through Kloudless"
POSITION_LIMIT: Final = "Box lists by position only up to entry 10,000. By marker has no limit."
EMPTY_FOLDER: Final = "This identity sees nothing in this folder."
EMPTY_ROOT: Final = (
    "**This identity's root is empty**: it owns no file or folder, and nothing is shared with it. "
    "View as someone else."
)


def folder(folder_id: str) -> str:
    """A folder whose name isn't known."""
    return f"Folder {folder_id}"


def sides_differ(how: str) -> str:
    """The two sides differ, and how."""
    return f"**The sides differ.** {how}"


def differs(fields: Sequence[str]) -> str:
    """An item that differs on the other side, and in what."""
    return f"≠ {', '.join(fields)}"


def first_items(shown: int) -> str:
    """A side was read only so far."""
    return f"The first {number(shown)} items"


def empty_service_account(login_md: str) -> str:
    """Why a service account's root is empty, and what to do."""
    return (
        "**A service account's root is empty until something is shared with it.** It is a separate "
        "user and doesn't see the files of the people in the enterprise.\n\n"
        "**To see a person's files**, choose the person here or with “Act as…”. The calls then "
        "carry As-User, which the app must be allowed to use.\n\n"
        "**To give the service account files of its own**, let the owner of a folder invite "
        f"{login_md} as a collaborator."
    )


# Recent files and search
RECENT_BOX: Final = (
    "What this identity previewed, uploaded, opened, changed or commented on in the last 90 days, "
    "at most 1,000 items."
)
RECENT_KLOUDLESS: Final = (
    "Recently changed files, newest first. Kloudless collects them only for applications with "
    "`recent_enabled`; for Box, its guide asks for a webhook as well."
)
GETTING_RECENT: Final = "Getting recent files…"
RECENT_DIFFER: Final = "The two lists count differently, so neither is complete."
NO_RECENT_SERVICE: Final = (
    "The service account has no recent files. Choose a person with “Act as…”."
)
NO_RECENT_KLOUDLESS: Final = (
    "Kloudless has no recent files for this account. See above what it needs."
)
NO_RECENT: Final = "This identity has no recent files in the last 90 days."
SEARCH_NOTE: Final = (
    "Box searches names, descriptions and file contents, some minutes after they changed, and "
    "allows each user 6 searches a second and 60 a minute. Your search text stays in this "
    "session: it isn't in the address."
)
SEARCHING: Final = "Searching…"
SEARCH_DIFFERS: Final = "Each side has its own ranking."
BOX_FILTERS: Final = (
    ":orange[:material/warning:] Kloudless's search uses only the text and the folder: the other "
    "filters are not applied on this side."
)
NOTHING_ON_PAGE: Final = "Nothing is on this page. Others may have more."
NOTHING_FOUND: Final = (
    "No results that this identity may see. Try fewer words, or act as someone else."
)
SEARCH_FOR: Final = "Search for"
SEARCH_EXAMPLE: Final = "contract 2026"
SEARCH_KIND: Final = "Type"
SEARCH: Final = "Search"
MORE_FILTERS: Final = "More filters (Box only)"
ONLY_HERE: Final = "Only in the folder open in “Folders” and its subfolders"
EXTENSIONS: Final = "File extensions"
EXTENSIONS_EXAMPLE: Final = "pdf, docx"
OWNERS: Final = "Box user IDs of owners"
CREATED: Final = "Created"
CHANGED: Final = "Changed"
SIZE_FROM: Final = "Size from (MB)"
SIZE_TO: Final = "Size to (MB)"
EVERYWHERE: Final = "The whole enterprise, not only what this identity sees"
EVERYWHERE_HELP: Final = (
    "Box's scope enterprise_content. Box support enables it on request; without it Box refuses "
    "the search."
)


def on_both(both: int, left: int, right: int, why_md: str) -> str:
    """How much two pages have in common."""
    return (
        f":material/info: {plural(both, 'item')} on both of these pages, of {number(left)} and "
        f"{number(right)}. {why_md}"
    )


def from_day(label: str) -> str:
    """The first day of a range."""
    return f"{label} from"


def to_day(label: str) -> str:
    """The last day of a range."""
    return f"{label} to"
