"""The texts of an exercise: the active fault, and what the checks report about it."""

from collections.abc import Sequence

from lib.app.practice.faults import PracticeFault
from lib.core.texts import md, plural
from lib.runbook.checks.verdict import Status, Verdict
from lib.ui.practice.state import Exercise, warnings_of


def state_words(exercise: Exercise, *, broken: bool) -> str:
    """The active fault, or the last one, as Markdown; a random one is unnamed until revealed."""
    if broken and exercise.secret:
        return (
            ":red[:material/heart_broken: **A fault is active**], but not named yet. Read what the "
            "checks report, and find the cause."
        )
    named = "" if exercise.last is None else _named(exercise.last)
    if broken:
        return f":red[:material/heart_broken: **Active fault:**] {named}"
    if exercise.mended:
        return f":green[:material/check_circle: **Fault removed.**] It was: {named}"
    return "No fault is active."


def outcome_words(verdicts: Sequence[Verdict], exercise: Exercise, *, broken: bool) -> str:
    """One line above the verdicts of a complete run, as Markdown."""
    failed = sum(one.status is Status.FAILED for one in verdicts)
    warned = bool(warnings_of(verdicts) - exercise.before)
    if failed:
        words = plural(failed, "check") + (" fails." if failed == 1 else " fail.")
        return f":red[:material/error: **{words}**]"
    if not any(one.status is Status.PASSED for one in verdicts):
        return ":blue[:material/help: **No check passed, and none failed.**] Nothing is proved."
    if broken and exercise.last is not None and not exercise.last.noticeable:
        return (
            ":blue[:material/visibility_off: **No check notices this fault.**] A green run proves "
            f"only what it checks. {md(exercise.last.note)}"
        )
    if warned:
        return ":orange[:material/warning: **No check fails, but there are warnings.**]"
    if not broken:
        return ":green[:material/check_circle: **No check fails.**]"
    return ":orange[:material/help: **No check has noticed the fault so far.**] Check again."


def _named(offer: PracticeFault) -> str:
    return f"**{md(offer.title)}.** {md(offer.sentence)}"
