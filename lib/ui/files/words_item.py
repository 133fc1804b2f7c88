"""The texts of the Files page about one item: its details, and how it is shared.

A parameter named `..._md` is Markdown already; every other one is a plain value that needs no
escaping.
"""

from collections.abc import Sequence
from typing import Final

from lib.ui.files.words import NOT_REPORTED

# An item's details
CHOOSE: Final = "Select a row to see an item's details and how it is shared."
CLOSE: Final = "Close"
GETTING_DETAILS: Final = "Getting its details…"
KLOUDLESS_LIMITS: Final = (
    "Kloudless's file and folder objects don't include shared links, collaborators or "
    "classification. See Box for these."
)
NO_RISK: Final = "no open link, external owner or collaborators reported"
RISK_UNKNOWN: Final = "unknown: Box didn't report all that would show one"
OPEN_FOLDER: Final = "Open this folder"
SHOW_PARENT: Final = "Show its parent folder"
BOX_ID: Final = "Box ID"
PATH: Final = "Path"
SIZE_FACT: Final = "Size"
CONTENT_MODIFIED: Final = "Content modified"
VERSION: Final = "Version"
TYPE: Final = "Type"
COMMENTS: Final = "Comments"
LOCK: Final = "Lock"
EXPIRES: Final = "Deleted on"
STATUS: Final = "Status"
TAGS: Final = "Tags"
SHA_1: Final = "SHA-1"
KLOUDLESS_ID: Final = "Kloudless ID"
ALLOWED: Final = "This identity may"
DESCRIPTION: Final = "Description"
IS_ROOT: Final = "The root folder itself"
LOCK_OPEN_END: Final = "it is removed"
NONE: Final = "none"


def risk(badges_md: str) -> str:
    """The signs of one item."""
    return f"**Risk** {badges_md}"


def untold(names: Sequence[str]) -> str:
    """What Box's answer lacks."""
    return f"Not reported by Box: {', '.join(names)}."


def by_person(when: str, person_md: str) -> str:
    """When something was done, and by whom."""
    return f"{when}, by {person_md}"


def locked_until(when: str) -> str:
    """A lock and its end."""
    return f"until {when}"


# How an item is shared
SHARING: Final = "**Sharing**"
OWNED_OUTSIDE: Final = "External owner"
YES_NO: Final = {True: "yes", False: "no", None: NOT_REPORTED}
COLLABORATIONS: Final = {
    True: "yes, besides the owner",
    False: "none besides the owner",
    None: NOT_REPORTED,
}
EFFECTIVE_ACCESS: Final = "Effective access"
EFFECTIVE_PERMISSION: Final = "Effective permission"
LINK_ALLOWS: Final = "The link allows"
GUARD: Final = "Password"
LINK_EXPIRES: Final = "Expires"
NEVER: Final = "never"
USAGE: Final = "Usage"
COUNT_UNKNOWN: Final = "unknown"
REVEAL: Final = "Show the shared link"
REVEAL_HELP: Final = (
    "Anyone who has the link may be able to use it. It is shown until your next click."
)
LINK_GONE: Final = "The link no longer exists."


def link_usage(downloads: str, previews: str) -> str:
    """How often a link was used."""
    return f"{downloads} downloads, {previews} previews"
