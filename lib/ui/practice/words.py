"""The texts of practice: the banner, the two dialogs, and what a session loses.

Those that depend on the exercise are in `words_exercise`.
"""

from typing import Final

# -- the banner ------------------------------------------------------------------------------------

INJECT_A_FAULT: Final = "Inject a fault"
INJECT_HELP: Final = (
    "Choose a fault, or have one picked at random, and see how its cause is found. It affects only "
    "you."
)
COPY_BROKEN: Final = "A fault is active in your own copy of the sandbox."
COPY_WHOLE: Final = "You have your own copy of the sandbox."
SWITCH: Final = "Switch to it"
RESULTS: Final = "Check results"
LEAVE: Final = "Leave"
LEAVE_HELP: Final = (
    "Back to the shared sandbox. Your copy, and everything read with it, is discarded."
)
LEAVING: Final = "Leaving…"
LEFT: Final = "Your copy of the sandbox was discarded. This is the shared sandbox again."
LOST: Final = "your own copy of the sandbox"
LOST_FIX: Final = "Inject a fault again: that creates another copy."

# -- both dialogs ----------------------------------------------------------------------------------

REMOVE: Final = "Remove the fault"
REMOVING: Final = "Removing the fault…"
REVEAL: Final = "Reveal"
REVEAL_HELP: Final = "Shows which fault was picked."

# -- choosing a fault ------------------------------------------------------------------------------

NOTE: Final = (
    "The fault affects only your own apps in the sandbox: nobody else notices, and nothing reaches "
    "Box. The checks then have to report the cause, and who can fix it."
)
SEARCH: Final = "Search"
SEARCH_PLACEHOLDER: Final = "scope, expired, 429, clock…"
RANDOM: Final = "Pick at random"
RANDOM_HELP: Final = "Picks one that the checks notice, without naming it: find the cause."
INJECT: Final = "Inject"
INJECTING: Final = "Checking without the fault, then injecting it…"
KIND: Final = "Kind"
UNNOTICED: Final = "No check notices these. They show what a green run doesn't prove."
NO_MATCH: Final = "No fault matches. Try other words, or search in all kinds."
FAULT: Final = "Fault"

# -- the results of the checks ---------------------------------------------------------------------

NOT_CHECKED: Final = "No checks have run yet."
CANCELLED: Final = "The last run was cancelled."
INJECT_ANOTHER: Final = "Inject another fault"
CHECK_AGAIN: Final = "Check again"
CHECK_NOW: Final = "Check now"
WARNED_BEFORE: Final = "Warnings from before the fault was injected"
HAND_OVER: Final = "Hand over"


def progress(done: int, total: int) -> str:
    """How far the run is."""
    return f"Checking: {done} of {total}"
