"""Texts of the Runbook page, by view."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from lib.core.causes import Mark as StepMark
from lib.core.texts import plural
from lib.runbook.roads.capabilities import Mark
from lib.runbook.runs.runs import StepState

# The page
HEADING: Final = "Runbook"
SUMMARY: Final = "Set up and verify a Box integration, one step at a time."

# Choice of goal and road
GOAL: Final = "What do you need?"
ROAD: Final = "Road"
ON_REQUEST: Final = "On request from Box support"
NOTHING_MORE: Final = "Nothing more"
SIDE_EFFECTS: Final = "Both have side effects. Leave them out unless you know that you need them."
ANY_CONTENT: Final = "Access any content of the enterprise"
NO_NOTIFICATIONS: Final = "Suppress notifications"
KLOUDLESS_APPLICATION: Final = "Kloudless application"
BOX_APP: Final = "Box app"


def lacks_side(label: str, side: str) -> str:
    """A road whose side the profile lacks, as Markdown."""
    return (
        f"**{label}** has no {side} yet. You can follow the steps, but not verify them. Enter it "
        "on the Credentials page when you have it."
    )


def does_not_fit(title: str, cause: str, fitting: Sequence[str]) -> str:
    """A road that the profile can't take, and the titles of those that fit, as Markdown."""
    roads = f"Roads that fit: {', '.join(fitting)}." if fitting else "No road fits this profile."
    return (
        f"**This profile can't take the road “{title}”.** {cause} {roads} You can read the steps, "
        "but checks prove none of them."
    )


# What the goal needs
NEED_WHERE: Final = "Where"
NEED_LABEL: Final = "Label in Box"
NEED_SCOPE: Final = "Scope"
NEED_GIVES: Final = "Allows"
SELECT_IN_APP: Final = "Select in the app"
TURN_ON_IN_APP: Final = "Turn on in the app"
ASK_SUPPORT: Final = "Ask Box support"
NEEDED_ALT: Final = "The scopes, switches and requests that the chosen goal needs."
GRANTED_BEYOND: Final = "The check “No unneeded permissions” reports what is granted beyond this."


def fewest_rights(count: int) -> str:
    """How many things the goal needs."""
    return f"Minimum permissions for this goal: {count}"


def co_admin_rights(names: str) -> str:
    """The rights of a co-admin, as Markdown."""
    return f"A co-admin who signs in also needs: {names}. An admin has them."


# Progress
RUN_ALL: Final = "Run all checks"
RUN_ALL_HELP: Final = "Runs every check once. Read-only."
RUNNING: Final = "Running checks…"
COMPLETED_BY: Final = {
    StepState.PROVED: "by checks",
    StepState.DONE: "manually",
    StepState.SKIPPED: "skipped",
}
ON_HEALTH: Final = "See monitoring on Health"
START_OVER: Final = "Start over"
START_OVER_HELP: Final = (
    "This deletes all results and notes of this road. Save a file first if you need them."
)
DELETE_RUN: Final = "Delete this run"
RESUMES: Final = "You can resume where you left off."
SAVE_TO_RESUME: Final = "Save a file to resume later."
IN_SESSION: Final = "in this session"
IN_LEDGER: Final = "in this app's ledger"


def completed(done: int, total: int, blocked: int) -> str:
    """How many steps are complete."""
    words = f"{done} of {plural(total, 'step')} complete"
    return f"{words}, {blocked} blocked" if blocked else words


def broken(cause: str, person: str, place: int, title: str) -> str:
    """Something that fails, who can mend it and at which step, as Markdown."""
    return f"**{cause}** For {person}: step {place}, {title}."


def other_app(steps: int) -> str:
    """Steps proved for another app, as Markdown; an icon precedes it."""
    return (
        f"**{plural(steps, 'step')} proved before this profile changed**: a credential, the "
        "enterprise, the user or an address is another one now. Run all checks again; steps marked "
        "as done stay as they are."
    )


def all_complete(ways: str) -> str:
    """Every step is complete, as Markdown; an icon precedes it."""
    return (
        f"**All steps are complete**: {ways}. What works now can fail later, so keep it monitored."
    )


def checked(done: int, total: int, title: str) -> str:
    """How far the checks are, and the title of the last."""
    return f"{done} of {total}: {title}"


def nothing_done(where: str) -> str:
    """No run yet."""
    return f"Nothing has been done on this road yet. Your progress is saved {where}."


def started(begun: str, changed: str, then: str) -> str:
    """Since when the run is, and how it can be resumed."""
    return f"Started {begun}, changed {changed}. {then}"


# Steps
STATES: Final = {
    StepState.OPEN: "Open",
    StepState.PROVED: "Proved",
    StepState.DONE: "Done manually",
    StepState.SKIPPED: "Skipped",
    StepState.BLOCKED: "Blocked",
}
SOURCES: Final = {
    StepMark.DOCUMENTED: "From the documentation",
    StepMark.OBSERVED: "Seen in practice",
    StepMark.INFERRED: "Our own reading, not a documented fact",
}
OTHER_APP: Final = "Proved before this profile changed; run again"
OTHER_APP_EVIDENCE: Final = "Evidence from then:"
WAITS: Final = "Waiting"
DO: Final = "Do"
VERIFY: Final = "Verify"
NO_CHECK: Final = "No check can prove this on this road."
RUN_CHECKS: Final = "Run checks"
RUN_AGAIN: Final = "Run checks again"
WRITES: Final = "What would be written, if you allow it"
ALLOW_WRITE: Final = "Allow this write once"
ALLOW_WRITE_HELP: Final = (
    "Creates an empty folder in the root of the acting identity and deletes it at once."
)
REOPEN: Final = "Reopen"
DONE: Final = "Mark as done"
DONE_NOTE: Final = "How do you know? (optional)"
SKIP: Final = "Skip step"
SKIP_NOTE: Final = "Why isn't it needed here?"
UNDO: Final = "How to undo this step"
PREVIOUS: Final = "Previous"
NEXT: Final = "Next"
STEP_SKIPPED: Final = "skipped"
STEP_DONE: Final = "done"


def waits_for(place: int) -> str:
    """A step that only waits for another to be mended."""
    return f"Waits for step {place}"


def last_proved(at: datetime) -> str:
    """A step whose proof doesn't count any more."""
    return f"Last proved on {at:%Y-%m-%d %H:%M} UTC"


def for_whom(person: str, source: str) -> str:
    """Who does a step, and how it is known."""
    return f"For {person} · {source}"


def unknown_values(names: str) -> str:
    """Values that aren't known yet."""
    return f"Not known here yet, shown as placeholders: {names}"


def continue_with(place: int) -> str:
    """On to the first step that isn't complete."""
    return f"Continue with step {place}"


def noted(place: int, state: str, following: int | None) -> str:
    """What was noted of a step, and which step is shown now."""
    then = "" if following is None else f" This is step {following}."
    return f"Step {place} is marked as {state}.{then}"


# Changes by others
CHANGED_BY_OTHERS: Final = "Someone else changed this run"
ANOTHER_RUN: Final = "Another run was started on this road."
SEEN: Final = "Dismiss"


def changed_steps(names: str) -> str:
    """The steps that changed."""
    return f"Changed: {names}."


def others_changed(what: str) -> str:
    """What others did, as Markdown; an icon precedes it."""
    return (
        f"**{CHANGED_BY_OTHERS}** in another tab or on another machine. {what} If you have just "
        "marked one of these steps, your change was not saved: check the current state, and mark "
        "it again if it still applies."
    )


# Files
SAVE_OR_RESUME: Final = "Save or resume"
RUN_FILE: Final = "Run file, to resume later (JSON)"
REPORT_FILE: Final = "Report with evidence (Markdown)"
NO_SECRETS: Final = "Neither file contains secrets. Times are in UTC."
RESUME: Final = "Resume from a file"
RESUME_THIS: Final = "Resume from this file"
OTHER_FILE: Final = "Choose a run file that was saved on this page."


def resumed(steps: int) -> str:
    """What a file brought."""
    return f"Run file loaded. The run continues with {plural(steps, 'completed step')}."


# Hand-off cards
FOR_OTHERS: Final = "For other people"
ALL_YOURS: Final = "Every step of this road is yours."
CARD: Final = "A card has what that person needs, and no secrets."
CARD_HTML: Final = "As a page to print or send (HTML)"
CARD_MARKDOWN: Final = "As text (Markdown)"
CARD_COMPLETE: Final = ", all complete"


def to_do(count: int) -> str:
    """How many steps of a card are left."""
    return f", {count} to do"


# Capabilities
WHAT_WORKS: Final = "What works"
NOT_CHECKED: Final = "Nothing has been checked yet. Choose “Run all checks” to fill this table."
MARKS: Final = {
    Mark.YES: "✓ yes",
    Mark.NO: "✗ no",
    Mark.UNKNOWN: "? not known",
    Mark.ABSENT: "- not available",
}
CAPABILITY: Final = "Capability"
THROUGH: Final = "API"
REQUESTED: Final = "Needed"
GRANTED: Final = "Granted"
PROVED: Final = "Proved"
NEEDS: Final = "Requires"
YES: Final = "yes"
NO: Final = "no"
CAPABILITIES_ALT: Final = (
    "Each capability of the product: whether it is needed, granted and proved."
)
