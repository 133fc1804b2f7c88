"""Signs that an item is shared more widely than intended, from what Box reports.

Signs, not findings: each can be intended. What Box didn't report is named as such.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from lib.core.texts import disguises
from lib.files.rows import Details

_CLASS: Final = "classification"


class Weight(StrEnum):
    """How much a sign matters, as the colour it is shown in."""

    STRONG = "red"
    SOME = "orange"
    NOTE = "gray"


@dataclass(frozen=True, slots=True)
class Sign:
    """One sign: two or three words, and what they mean."""

    weight: Weight
    title: str
    meaning: str


def signs(found: Details) -> tuple[Sign, ...]:
    """The signs of one item, the strong ones first."""
    made = [*_link(found), *_people(found), *_name(found)]
    order = list(Weight)
    return tuple(sorted(made, key=lambda sign: order.index(sign.weight)))


def untold(found: Details) -> tuple[str, ...]:
    """What these signs need and Box didn't report."""
    row = found.row
    reported = {
        "shared link": row.link_reported,
        "external owner": row.external is not None,
        "collaborators": row.collaborations is not None,
        _CLASS: row.classification is not None,
    }
    return tuple(name for name, known in reported.items() if not known)


def needed_untold(found: Details) -> bool:
    """Whether nothing may be said where no sign is seen; without a class, the rest still holds."""
    return any(one != _CLASS for one in untold(found))


def _link(found: Details) -> list[Sign]:
    link, label = found.row.link, found.row.classification
    if link is None:
        if found.reachable_by_link and found.row.link_reported:
            meaning = "It has no shared link of its own; a link on a parent folder opens it."
            return [Sign(Weight.SOME, "Link on parent folder", meaning)]
        return []
    made: list[Sign] = []
    access = link.effective_access or link.access
    if access == "open":
        guarded = link.password is True
        lock = " The link has a password." if guarded else " The link has no password."
        if link.password is None:
            lock = ""
        made.append(
            Sign(
                Weight.SOME if guarded else Weight.STRONG,
                "Open link",
                f"Anyone with the shared link can access it, without an account.{lock}",
            )
        )
        if label:
            meaning = f"The item is classified “{label}”, and its link is open to everyone."
            made.append(Sign(Weight.STRONG, "Classified and open", meaning))
        if link.ends_at is None:
            made.append(Sign(Weight.SOME, "No expiry date", "The shared link has no expiry date."))
    elif access == "company":
        meaning = "Everyone in the company can access it with the shared link."
        made.append(Sign(Weight.NOTE, "Company link", meaning))
    return made


def _people(found: Details) -> list[Sign]:
    made: list[Sign] = []
    if found.row.external:
        meaning = "It belongs to a user outside this enterprise."
        made.append(Sign(Weight.SOME, "External owner", meaning))
    if found.row.collaborations:
        meaning = "It has collaborators besides the owner. Box shows who they are."
        made.append(Sign(Weight.NOTE, "Collaborators", meaning))
    return made


def _name(found: Details) -> list[Sign]:
    hidden = disguises(found.row.name)
    if not hidden:
        return []
    meaning = (
        f"Its name contains characters that change how it is displayed ({', '.join(hidden)}): the "
        "visible file extension may not be the real one."
    )
    return [Sign(Weight.STRONG, "Disguised name", meaning)]
