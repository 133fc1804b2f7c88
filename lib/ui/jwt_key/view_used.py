"""What “Use it in my credentials” changed on the Credentials page, in words: never a value.

A key is one of several values that belong together, so the texts say what else it needs.
"""

from dataclasses import dataclass
from enum import StrEnum

from lib.core.redaction import Secret
from lib.credentials.draft import Brought, Draft, Part, missing
from lib.settings.profiles import BoxAuth
from lib.ui.jwt_key import words


class Change(StrEnum):
    """What happened to a value of the credentials."""

    ADDED = "added"
    REPLACED = "replaced"
    TAKEN_AWAY = words.REMOVED
    KEPT = words.UNCHANGED
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Used:
    """A key that was put into the session's credentials, and what that changed there.

    `made` says whether it was generated here, `held` is the key as the credentials hold it.
    """

    made: bool
    existing: Secret | None
    key: Change
    passphrase: Change
    auth: bool = False
    old_key_id: bool = False


def use(draft: Draft, private_pem: str, passphrase: str, *, made: bool) -> tuple[Draft, Used]:
    """The draft with the key, for an app that uses JWT; and what changed.

    The ID of the public key stays: only Box's console shows another.
    """
    after = draft.with_auth(BoxAuth.JWT)
    after = after.put("box.private_key", private_pem, Brought.KEY_PAGE)
    after = after.put("box.passphrase", passphrase, Brought.KEY_PAGE)
    key = _change(draft.box.private_key, after.box.private_key)
    used = Used(
        made=made,
        existing=after.box.private_key,
        key=key,
        passphrase=_change(draft.box.passphrase, after.box.passphrase),
        auth=not draft.empty and draft.box.auth is not BoxAuth.JWT,
        old_key_id=key is Change.REPLACED and draft.is_set("box.public_key_id"),
    )
    return after, used


def _change(before: Secret | None, after: Secret | None) -> Change:
    if not after:
        return Change.TAKEN_AWAY if before else Change.NONE
    if not before:
        return Change.ADDED
    return Change.KEPT if before == after else Change.REPLACED


def holds(draft: Draft, used: Used) -> bool:
    """Whether the credentials still hold that key: they may have been changed or forgotten."""
    return used.existing is not None and draft.box.private_key == used.existing


def sentences(used: Used, draft: Draft, in_use: str) -> tuple[str, ...]:
    """What changed, and what the key still needs; the first sentence is the headline.

    `in_use` is the label of the profile in use.
    """
    key = {
        Change.ADDED: words.KEY_ADDED,
        Change.REPLACED: words.KEY_REPLACED,
    }.get(used.key, words.KEY_SAME)
    passphrase = {
        Change.ADDED: words.PASSPHRASE_ADDED,
        Change.REPLACED: words.PASSPHRASE_REPLACED,
        Change.TAKEN_AWAY: words.PASSPHRASE_REMOVED,
        Change.KEPT: words.PASSPHRASE_SAME,
        Change.NONE: words.PASSPHRASE_NONE,
    }[used.passphrase]
    said = [key, passphrase]
    if used.auth:
        said.append(words.AUTH_CHANGED)
    said.append(words.IN_MEMORY)
    lacking = missing(draft, Part.BOX)
    if lacking:
        said.append(words.still_needed(lacking))
        said.append(words.still_in_use(in_use))
    else:
        said.append(words.complete(in_use))
    if used.old_key_id:
        said.append(words.OLD_KEY_ID)
    return tuple(said)
