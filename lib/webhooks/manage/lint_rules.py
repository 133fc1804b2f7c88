"""Rules about what a webhook watches, for which triggers, whose it is, and how long it lives.

Source: Box developer documentation, webhooks V2 (create, limitations, triggers).
"""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Final

from lib.core.errors import Who
from lib.webhooks.manage.lint_subjects import Around, Hook, Owner, Said, quoted
from lib.webhooks.manage.triggers import FILE, FOLDER, Asked, triggers

MOST: Final = 1000
NEARLY: Final = 900
ROOT: Final = "0"
CLEANED_AFTER: Final = timedelta(days=30)
CLEAN_HINT: Final = timedelta(days=14)
_NAMED: Final = 3


def target_missing(hook: Hook, _around: Around) -> Iterator[Said]:
    """An item is chosen."""
    if not hook.target_id or not hook.target_type:
        yield Said("No item is chosen.", "Choose the folder or file to watch.")


def target_kind(hook: Hook, _around: Around) -> Iterator[Said]:
    """The item is a file or folder."""
    if hook.target_type and hook.target_type not in (FILE, FOLDER):
        yield Said(f"It would watch a {quoted(hook.target_type)}.", "Watch a file or a folder.")


def target_root(hook: Hook, _around: Around) -> Iterator[Said]:
    """It isn't the root."""
    if hook.target_type == FOLDER and hook.target_id.strip() == ROOT:
        yield Said(
            "It would watch folder 0, the root of all files.",
            "Watch the folders below it, one webhook each. “Several folders” creates them all.",
        )


def target_taken(hook: Hook, around: Around) -> Iterator[Said]:
    """No other webhook of the same owner is on the item."""
    for kind, item_id, other in around.others:
        if (kind, item_id) == (hook.target_type, hook.target_id) and other != hook.id:
            yield Said(
                f"Webhook {quoted(other)} of the same owner already watches this item.",
                "Change that one: add the triggers to it.",
            )
            return


def limit(hook: Hook, around: Around) -> Iterator[Said]:
    """The owner may have one more."""
    if around.count is None:
        return
    total = around.count + (0 if hook.id else 1)
    if total > MOST:
        yield Said(
            f"The owner already has {around.count:,} webhooks.",
            "Delete some, or watch a parent folder: one webhook covers all levels below it.",
        )


def nearly(hook: Hook, around: Around) -> Iterator[Said]:
    """The owner isn't close to the limit."""
    if around.count is None or hook.id:
        return
    if NEARLY <= around.count < MOST:
        yield Said(
            f"The owner has {around.count:,} webhooks; {MOST - around.count:,} more are possible.",
            "Watch parent folders: one webhook covers all levels below it.",
        )


# --- the triggers


def triggers_missing(hook: Hook, _around: Around) -> Iterator[Said]:
    """A trigger is chosen."""
    if not hook.triggers:
        yield Said("No trigger is chosen.", "Choose at least one trigger.")


def triggers_unknown(hook: Hook, _around: Around) -> Iterator[Said]:
    """Every trigger is known."""
    unknown = [name for name in hook.triggers if name not in triggers()]
    if unknown:
        yield Said(
            f"{_several(unknown)}: Box documents no such trigger.",
            "Choose from the list. Names are upper case, such as FILE.UPLOADED.",
        )


def triggers_never(hook: Hook, _around: Around) -> Iterator[Said]:
    """Every trigger can be requested."""
    found = [name for name in hook.triggers if _asked(name) is Asked.NEVER]
    if found:
        yield Said(
            f"{_several(found)} can't be requested.", "Remove it: Box sends it automatically."
        )


def triggers_target(hook: Hook, _around: Around) -> Iterator[Said]:
    """Every trigger goes with the kind of item."""
    known = triggers()
    if hook.target_type not in (FILE, FOLDER):
        return
    wrong = [
        name
        for name in hook.triggers
        if name in known and known[name].targets and hook.target_type not in known[name].targets
    ]
    if wrong:
        yield Said(
            f"{_several(wrong)} can't be requested for a {hook.target_type}.",
            "Remove it, or watch the file's folder."
            if hook.target_type == FILE
            else "Remove it, or watch the file itself.",
        )


def triggers_name(hook: Hook, _around: Around) -> Iterator[Said]:
    """Every trigger is spelt as the API spells it."""
    for name in hook.triggers:
        if _asked(name) is Asked.OTHER_NAME:
            yield Said(
                f"{name} is the spelling in Box's guide.", f"Use {triggers()[name].asked_as}."
            )


def triggers_guide(hook: Hook, _around: Around) -> Iterator[Said]:
    """Every trigger is in the API's list."""
    found = [name for name in hook.triggers if _asked(name) is Asked.GUIDE]
    if found:
        yield Said(
            f"Only Box's guide lists {_several(found)}.",
            "Try it. If Box rejects it, remove it.",
        )


def _asked(name: str) -> Asked | None:
    found = triggers().get(name)
    return None if found is None else found.asked


def owner(_hook: Hook, around: Around) -> Iterator[Said]:
    """The owner is the service account."""
    if around.owner is Owner.PERSON:
        yield Said(
            "Its owner is a person, not the app's service account.",
            "Create it as the service account, for folders that it owns or collaborates in.",
            Who.DEVELOPER,
        )


def clean_up(hook: Hook, around: Around) -> Iterator[Said]:
    """It delivered recently."""
    left = days_until_clean_up(around)
    if not hook.id or left is None or around.last_delivery is None:
        return
    quiet = around.now - around.last_delivery
    if quiet < CLEAN_HINT:
        return
    days = quiet.days
    if left > 0:
        yield Said(
            f"Its last delivery came here {days} days ago. Box may remove it in {left:.0f} days.",
            "Change something in the watched item and make sure that the delivery arrives. If "
            "nothing happened there lately, this is normal.",
        )
    else:
        yield Said(
            f"Its last delivery came here {days} days ago. Box may remove it at any time.",
            "Check that the address can be reached from outside, then change something in the "
            "watched item.",
        )


def elsewhere(hook: Hook, around: Around) -> Iterator[Said]:
    """It delivers here."""
    if hook.id and around.here and hook.address and hook.address not in around.here:
        yield Said(
            "It delivers to an address outside this app.",
            "Nothing to do if that is intended. Only the receiver there can tell whether it works.",
        )


def days_until_clean_up(around: Around) -> float | None:
    """Days until Box may remove it, counted from the last delivery that came here.

    None where none came: Box doesn't say when a delivery last succeeded.
    """
    if around.last_delivery is None:
        return None
    left = CLEANED_AFTER - (around.now - around.last_delivery)
    return left.total_seconds() / 86_400


def _several(names: Sequence[str]) -> str:
    shown = ", ".join(name[:80] for name in names[:_NAMED])
    return shown if len(names) <= _NAMED else f"{shown} and {len(names) - _NAMED} more"
