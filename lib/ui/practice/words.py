"""What a rehearsal says in words: what is broken, and what the checks make of it."""

from collections.abc import Sequence

from lib.app.practice.faults import Offer
from lib.core.texts import md, plural
from lib.runbook.checks.verdict import Status, Verdict
from lib.ui.practice.state import Exercise, warnings_of


def state_words(exercise: Exercise, *, broken: bool) -> str:
    """What is broken, or was, as Markdown. A drawn one isn't named before it is revealed."""
    if broken and exercise.secret:
        return (
            ":red[:material/heart_broken: **Something is broken**] and isn't named yet. Read what "
            "the checks say, and find the cause."
        )
    named = "" if exercise.last is None else _named(exercise.last)
    if broken:
        return f":red[:material/heart_broken: **Broken:**] {named}"
    if exercise.mended:
        return f":green[:material/check_circle: **Mended.**] It was: {named}"
    return "Nothing is broken."


def outcome_words(verdicts: Sequence[Verdict], exercise: Exercise, *, broken: bool) -> str:
    """One line above the verdicts of a whole run, as Markdown."""
    failed = sum(one.status is Status.FAILED for one in verdicts)
    warned = bool(warnings_of(verdicts) - exercise.before)
    if failed:
        words = plural(failed, "check") + (" fails." if failed == 1 else " fail.")
        return f":red[:material/error: **{words}**]"
    if not broken:
        return ":green[:material/check_circle: **Nothing fails.**]"
    if exercise.last is not None and not exercise.last.noticeable:
        return (
            ":blue[:material/visibility_off: **No check notices it.**] A green run proves what was "
            f"asked, and no more. {md(exercise.last.note)}"
        )
    if warned:
        return ":orange[:material/warning: **Nothing fails, but something warns.**]"
    return ":orange[:material/help: **No check has noticed it so far.**] Check again."


def _named(offer: Offer) -> str:
    return f"**{md(offer.title)}.** {md(offer.sentence)}"
