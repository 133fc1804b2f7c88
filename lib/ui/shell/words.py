"""Texts of the shell: the frame around pages, errors, and what a session tells its visitor."""

from typing import Final

from lib.core.errors import REPORT_WITH, Who
from lib.core.version import VERSION
from lib.settings.profiles import ProfileKind

# The app
TITLE: Final = "Box Runbook"
ABOUT: Final = "Box Runbook. Not affiliated with Box or Kloudless."

# Errors
WHO: Final = {
    Who.YOU: "You can do this here.",
    Who.DEVELOPER: "A developer of the Box app can do this.",
    Who.BOX_ADMIN: "A Box admin can do this.",
    Who.BOX_SUPPORT: "Box support can do this.",
    Who.KLOUDLESS_ADMIN: "The Kloudless administrator can do this.",
    Who.NETWORK: "Whoever runs the network can do this.",
    Who.THIS_APP: f"This is a fault of the app. Tell whoever hosts it. {REPORT_WITH}",
}
WHY_TERM: Final = "Why"
WHAT_TO_DO_TERM: Final = "What to do"
WHO_TERM: Final = "Who"
UNEXPECTED: Final = "This part of the page could not be shown."
UNEXPECTED_WHY: Final = "A fault in this app; nothing was changed."


def unexpected_fix(reference: str) -> str:
    """What to do about a fault of this app, as Markdown."""
    return (
        f"Reload the page. If it happens again, report it with the reference `{reference}`: the "
        "log has the details, without secrets."
    )


# Diagnostics
DIAGNOSTICS: Final = "Download diagnostics"
DIAGNOSTICS_HELP: Final = (
    "A file to attach to a fault report: versions, how the app runs, the latest errors, check "
    "results and sizes. It contains no credentials, names, logins, IP addresses or file names."
)

# Profile, time zone, banner
PROFILE: Final = "Profile"
IN_UTC: Final = "Times in UTC"
IN_UTC_HELP: Final = "Otherwise, times are in your browser's time zone."
STARTING_SANDBOX: Final = "Starting the sandbox: a made-up enterprise…"
KINDS: Final = {
    ProfileKind.SANDBOX: (
        "**Sandbox.** A made-up enterprise, served by this app. Nothing here reaches Box."
    ),
    ProfileKind.SESSION: (
        "**This session only.** The credentials you enter and the events read with them are kept "
        "in memory, in this tab's session, and are gone with it. No background reading, no "
        "webhooks, no links to share."
    ),
    ProfileKind.CONFIGURED: "",
}
OWN_SANDBOX: Final = (
    "**Sandbox, yours.** Your own apps in the made-up enterprise, for this session only. Faults "
    "that you cause here affect no one else. Nothing here reaches Box."
)
OTHER_PROCESS: Final = (
    "Another process of this app has this data folder's events open, so this process can't chart "
    "them. Close one of the two."
)


def profile_in_use(label: str) -> str:
    """Another profile came into use by itself."""
    return f"The profile in use is now “{label}”."


def cleared(what: str) -> str:
    """What was cleared with the profile before."""
    return f"Cleared, because it belonged to the previous profile: {what}."


# What a session before this one lost
DISMISS: Final = "Dismiss"


def lost(what: str, last_used: str, zone_name: str) -> str:
    """What is gone, why, and since when, as Markdown; an icon precedes it."""
    return (
        f"**No longer here: {what}.** The page was reloaded or its tab was closed, and that ends a "
        "session. What you enter, generate or import is kept in the memory of its session only. "
        f"That session was last used {last_used} ({zone_name})."
    )


def listed(things: list[str]) -> str:
    """Several things in a sentence."""
    return things[0] if len(things) == 1 else f"{', '.join(things[:-1])} and {things[-1]}"


# Navigation: names and sections of the pages
OVERVIEW: Final = "Overview"
RUNBOOK: Final = "Runbook"
CREDENTIALS: Final = "Credentials"
JWT_KEY: Final = "JWT key"
ACCOUNTS: Final = "Accounts"
FILES: Final = "Files"
CONNECTED: Final = "Back from the sign-in"
ACTIVITY: Final = "Activity"
DETECTIONS: Final = "Detections"
WEBHOOKS: Final = "Webhooks"
HEALTH: Final = "Health"
START: Final = "Start"
SET_UP: Final = "Set up"
OBSERVE: Final = "Observe"
OPERATE: Final = "Operate"

# -- while stores are upgraded ---------------------------------------------------------------------

UPGRADING: Final = f"Upgrading to Box Runbook {VERSION}"
UPGRADING_NOTE: Final = (
    "An earlier version made this data folder. It is backed up first, then upgraded. This page "
    "opens when that is done."
)
