"""What an item's sharing may give away, in a few words, from what Box tells of it.

Signs, not findings: each can be on purpose. What Box didn't tell is named as such.
"""

from dataclasses import dataclass
from enum import StrEnum

from lib.core.texts import disguises
from lib.files.rows import Details


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
    """What these signs would need and Box didn't tell."""
    row = found.row
    told = {
        "shared link": row.link_told,
        "external owner": row.external is not None,
        "collaborators": row.collaborations is not None,
        "classification": row.classification is not None,
    }
    return tuple(name for name, known in told.items() if not known)


def _link(found: Details) -> list[Sign]:
    link, label = found.row.link, found.row.classification
    if link is None:
        if found.reachable_by_link and found.row.link_told:
            meaning = "It has no shared link of its own; one of a folder above opens it."
            return [Sign(Weight.SOME, "Link above", meaning)]
        return []
    made: list[Sign] = []
    access = link.effective_access or link.access
    if access == "open":
        guarded = link.password is True
        lock = " A password guards it." if guarded else " No password guards it."
        if link.password is None:
            lock = ""
        made.append(
            Sign(
                Weight.SOME if guarded else Weight.STRONG,
                "Open link",
                f"Anyone with the shared link gets in, without an account.{lock}",
            )
        )
        if label:
            meaning = f"The item is classified “{label}”, and its link is open to anyone."
            made.append(Sign(Weight.STRONG, "Classified and open", meaning))
        if link.ends_at is None:
            made.append(Sign(Weight.SOME, "No end", "The shared link has no expiry date."))
    elif access == "company":
        meaning = "Everybody in the company with the shared link gets in."
        made.append(Sign(Weight.NOTE, "Company link", meaning))
    return made


def _people(found: Details) -> list[Sign]:
    made: list[Sign] = []
    if found.row.external:
        meaning = "It belongs to a user outside of this enterprise."
        made.append(Sign(Weight.SOME, "External owner", meaning))
    if found.row.collaborations:
        meaning = "Others beside the owner collaborate on it. Who they are is told in Box."
        made.append(Sign(Weight.NOTE, "Collaborators", meaning))
    return made


def _name(found: Details) -> list[Sign]:
    hidden = disguises(found.row.name)
    if not hidden:
        return []
    meaning = (
        f"Its name holds characters that change how it reads ({', '.join(hidden)}): the ending "
        "on show may not be its own."
    )
    return [Sign(Weight.STRONG, "Disguised name", meaning)]
