"""What the Files page shows, and its form in the URL: IDs of Box and Kloudless, nothing else.

Invalid parts of a URL are ignored and named, never sent on. Names, logins and search terms stay in
the session.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final, Self

from lib.files.rows import FILE, FOLDER, ROOT

USER: Final = "as"
SELF: Final = "self"
ACCOUNT: Final = "account"
FOLDER_ID: Final = "folder"
ITEM: Final = "item"
PARAMETERS: Final = (USER, ACCOUNT, FOLDER_ID, ITEM)
_ID: Final = re.compile(r"[0-9]{1,20}")
_ITEM: Final = re.compile(rf"({FILE}|{FOLDER})-([0-9]{{1,20}})")


@dataclass(frozen=True, slots=True)
class Place:
    """Whose files, through which account, in which folder, and the item looked at.

    `user` is the Box id of whom the calls act as, '' for the profile's own identity, which is
    `self` in an address where the page opens as somebody else.
    `account` is a Kloudless account, '' for the first that fits. `folder` is Box's id, '' where
    only Kloudless's is known. `item` is a kind (file, folder) and Box's id.
    """

    user: str = ""
    account: str = ""
    folder: str = ROOT
    item: tuple[str, str] | None = None

    def into(self, folder: str) -> Self:
        """In another folder, with no item selected."""
        return replace(self, folder=folder, item=None)

    def acting_as(self, user: str) -> Self:
        """As another user, at that user's root."""
        return replace(self, user=user, folder=ROOT, item=None)

    def through(self, account: str) -> Self:
        """Through another Kloudless account, at its root."""
        return replace(self, account=account, folder=ROOT, item=None)

    def looking_at(self, item: tuple[str, str] | None) -> Self:
        """With this item's details, or none."""
        return replace(self, item=item)


def is_id(text: str) -> bool:
    """Whether a text can be an id of Box: decimal digits."""
    return _ID.fullmatch(text) is not None


def parse(parameters: Mapping[str, str], *, usual: str = "") -> tuple[Place, tuple[str, ...]]:
    """The place in an address, and the invalid parameters.

    `usual` is whom the page opens as: a Box id, '' for the profile itself.
    """
    good: dict[str, str] = {}
    refused: list[str] = []
    for name in (USER, ACCOUNT, FOLDER_ID):
        said = parameters.get(name, "")
        if is_id(said) or (name, said) == (USER, SELF):
            good[name] = said
        elif said:
            refused.append(name)
    said = parameters.get(ITEM, "")
    item = _ITEM.fullmatch(said)
    if said and item is None:
        refused.append(ITEM)
    user = good.get(USER, usual)
    place = Place(
        user="" if user == SELF else user,
        account=good.get(ACCOUNT, ""),
        folder=good.get(FOLDER_ID, ROOT),
        item=(item[1], item[2]) if item is not None else None,
    )
    return place, tuple(refused)


def to_parameters(place: Place, *, usual: str = "") -> dict[str, str]:
    """The place for an address: what differs from the default; `usual` as for `parse`."""
    found = {
        USER: place.user or (SELF if usual else ""),
        ACCOUNT: place.account,
        FOLDER_ID: "" if place.folder == ROOT else place.folder,
        ITEM: "-".join(place.item) if place.item is not None else "",
    }
    return {name: text for name, text in found.items() if text}
