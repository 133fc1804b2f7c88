"""Folders that somebody made through the API: the only content that is not planted.

A folder belongs to whoever owns its parent, in the root to whoever made it. It is seen by those
who see the planted folder that it stands in, in a root by its owner alone; and a visitor's folders
by that visitor alone (`scope`). What is deleted goes to the trash. Nothing survives the process.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from lib.sandbox.world.clockwork import pacific, to_ms
from lib.sandbox.world.item_ids import ROOT_ID
from lib.sandbox.world.model import Folder, Item, Person
from lib.sandbox.world.people import Directory
from lib.sandbox.world.tree import Tree

MADE = -1  # the index of a folder that is in no catalogue
MOST = 1000  # of one owner in one scope
TRASH_KEPT = 1000
_FIRST_ID = 900_000_000_000  # above every planted id


class Full(ValueError):
    """An owner has as many made folders as this world holds."""


class NameTaken(ValueError):
    """Something in the folder has that name already, in whatever case."""

    def __init__(self, item: Item) -> None:
        super().__init__(item.name)
        self.item = item


@dataclass(frozen=True, slots=True)
class MadeFolder(Folder):
    """A folder that was made; `scope` is the visitor whose it is, empty for everybody else's."""

    scope: str = ""
    trashed_at: datetime | None = None


class MadeFolders:
    """All made folders, those in the trash too. The caller holds a lock where it writes."""

    def __init__(self, directory: Directory, tree: Tree) -> None:
        self._directory = directory
        self._tree = tree
        self._folders: dict[str, MadeFolder] = {}
        self._next_id = _FIRST_ID

    def get(self, folder_id: str) -> MadeFolder | None:
        """The made folder with an id, also from the trash."""
        return self._folders.get(folder_id)

    def inside(self, parent_id: str, scope: str) -> list[MadeFolder]:
        """The made folders directly in a folder, without those in the trash."""
        return [one for one in self.all(scope) if one.parent_id == parent_id]

    def all(self, scope: str) -> Iterator[MadeFolder]:
        """Every made folder of a scope that is not in the trash."""
        found = tuple(self._folders.values())
        return (one for one in found if one.scope == scope and one.item_status == "active")

    def visible(self, person: Person, folder: MadeFolder) -> bool:
        """Whether a person may see it."""
        if folder.scope != person.scope:
            return False
        if folder.owner_id == person.id:
            return True
        index = self._planted_above(folder)
        return index != 0 and self._tree.folder_visible(person, index)

    def _planted_above(self, folder: MadeFolder) -> int:
        parent_id = folder.parent_id
        above = self._folders.get(parent_id or ROOT_ID)
        if above is not None:
            return self._planted_above(above)
        return self._tree.ids.folder_index(parent_id or ROOT_ID) or 0

    def make(
        self, person: Person, parent: Folder, name: str, at: datetime, beside: Sequence[Item]
    ) -> MadeFolder:
        """A new folder. `beside` is what is in the parent already. Raises NameTaken, Full."""
        for item in beside:
            if item.name.casefold() == name.casefold():
                raise NameTaken(item)
        owner_id = person.id if parent.id == ROOT_ID else parent.owner_id
        if sum(one.owner_id == owner_id for one in self.all(person.scope)) >= MOST:
            raise Full(owner_id)
        self._next_id += 1
        made = MadeFolder(
            index=MADE,
            id=str(self._next_id),
            name=name,
            parent_id=parent.id,
            owner_id=owner_id,
            created_by_id=person.id,
            modified_by_id=person.id,
            created_at=at,
            modified_at=at,
            size=0,
            description="",
            kind="made",
            department="",
            scope=person.scope,
        )
        self._folders[made.id] = made
        return made

    def trash(self, folder: MadeFolder, at: datetime) -> MadeFolder:
        """Puts a folder into the trash, with everything in it. Returns it as it is there."""
        for below in self.inside(folder.id, folder.scope):
            self.trash(below, at)
        gone = replace(folder, item_status="trashed", trashed_at=at)
        self._folders.pop(folder.id, None)
        self._folders[gone.id] = gone  # the newest of the trash is last
        trashed = [one.id for one in self._folders.values() if one.item_status == "trashed"]
        for old in trashed[: max(0, len(trashed) - TRASH_KEPT)]:
            del self._folders[old]
        return gone

    def forget(self, scope: str) -> None:
        """Drops every folder of a visitor."""
        self._folders = {key: one for key, one in self._folders.items() if one.scope != scope}

    def reported(
        self, folder: MadeFolder, above: Sequence[Folder], person: Person, service: tuple[str, str]
    ) -> dict[str, Any]:
        """What an action says of a folder: `extra` for the renderer. `above` leads to it."""
        parent = above[-1]
        owner = self._directory.by_id[folder.owner_id].mini
        return {
            "by": {key: value for key, value in person.mini.items() if key != "type"},
            "owner_id": folder.owner_id,
            "source": {
                "item_type": "folder",
                "item_id": folder.id,
                "item_name": folder.name,
                "parent": {"type": "folder", "name": parent.name, "id": parent.id},
                "owned_by": owner,
            },
            "details": {"service_id": service[1], "service_name": service[0]},
            "full": self._full(folder, above, owner),
        }

    def _full(
        self, folder: MadeFolder, above: Sequence[Folder], owner: dict[str, str]
    ) -> dict[str, Any]:
        creator = self._directory.by_id[folder.created_by_id].mini
        made = pacific(to_ms(folder.created_at))
        return {
            **_mini(folder),
            "created_at": made,
            "modified_at": made,
            "description": "",
            "size": 0,
            "path_collection": {
                "total_count": len(above),
                "entries": [_mini(one) for one in above],
            },
            "created_by": creator,
            "modified_by": creator,
            "trashed_at": None,
            "purged_at": None,
            "content_created_at": made,
            "content_modified_at": made,
            "owned_by": owner,
            "shared_link": None,
            "folder_upload_email": None,
            "parent": _mini(above[-1]),
            "item_status": folder.item_status,
            "synced": False,
        }


def _mini(folder: Folder) -> dict[str, Any]:
    root = folder.id == ROOT_ID
    return {
        "type": "folder",
        "id": folder.id,
        "sequence_id": None if root else folder.sequence_id,
        "etag": None if root else folder.etag,
        "name": folder.name,
    }
