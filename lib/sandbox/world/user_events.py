"""Events of a person's own streams, as Box writes them: with whole items as their source."""

from hashlib import blake2b
from struct import pack
from typing import Any

from lib.sandbox.world import kinds
from lib.sandbox.world.actors import actor_of
from lib.sandbox.world.clockwork import DAY_MS, EPOCH_ORDINAL, from_ms, pacific
from lib.sandbox.world.mixing import mix, salt
from lib.sandbox.world.model import Action, Event
from lib.sandbox.world.people import Directory
from lib.sandbox.world.tree import Tree


class UserEvents:
    """Turns actions into JSON-ready dicts; parts of them are shared and must not be changed."""

    def __init__(self, seed: int, directory: Directory, tree: Tree) -> None:
        self._directory = directory
        self._tree = tree
        self._key = pack("<Q", salt(seed, "user event ids"))

    def id(self, action: Action, person: int) -> str:
        """The id under which a person's own streams show an action: 40 hex digits."""
        data = pack("<QQQ", action.t // DAY_MS, action.serial, person)
        return blake2b(data, digest_size=20, key=self._key).hexdigest()

    def event(self, action: Action, person: int) -> Event:
        """An event of a person's own streams."""
        chance = mix(action.serial, action.t, person)
        extra = action.extra or {}
        created = pacific(action.t)
        kind = kinds.USER_KINDS[action.kind]
        source: dict[str, Any] | None = self._full_item(action, extra)
        if kind == "LOCK_DESTROY" and chance & 3 == 0:
            source = None
        if kind == "ENABLE_TWO_FACTOR_AUTH":
            source = dict(self._directory.minis[max(action.actor, 0)])
        if kind == "ITEM_UPLOAD" and ("full" in extra or (action.item or 0) < 0):
            kind = "ITEM_CREATE"
        return {
            "type": "event",
            "event_id": self.id(action, person),
            "event_type": kind,
            "created_at": created,
            "recorded_at": pacific(action.t + 1000 + chance % 3000),
            "created_by": actor_of(self._directory, action, extra),
            "source": source,
            "session_id": f"{chance:016x}{mix(chance):016x}" if chance & 7 == 0 else None,
        }

    def _full_item(self, action: Action, extra: dict[str, Any]) -> dict[str, Any] | None:
        if action.item is None:
            return extra.get("full")
        if action.item < 0:
            return self._full_folder(~action.item)
        tree, minis = self._tree, self._directory.minis
        made = tree.file(action.item, action.t // DAY_MS + EPOCH_ORDINAL)
        index = tree.ids.decode(action.item)[0]
        uploader = minis[tree.uploader(action.item)]
        stamp = made.created_at.isoformat(timespec="seconds")
        return {
            "type": "file",
            "id": made.id,
            "file_version": {"type": "file_version", "id": made.version_id, "sha1": made.sha1},
            "sequence_id": made.sequence_id,
            "etag": made.etag,
            "sha1": made.sha1,
            "name": extra.get("name") or made.name,
            "description": made.description,
            "size": made.size,
            "path_collection": self._path(index),
            "created_at": stamp,
            "modified_at": from_ms(action.t).isoformat(timespec="seconds"),
            "trashed_at": None,
            "purged_at": None,
            "content_created_at": stamp,
            "content_modified_at": stamp,
            "created_by": uploader,
            "modified_by": minis[action.actor] if action.actor >= 0 else uploader,
            "owned_by": minis[tree.owner_of(index)],
            "shared_link": None,
            "parent": self._mini_folder(index),
            "item_status": "trashed" if action.kind == "DELETE" else "active",
        }

    def _full_folder(self, index: int) -> dict[str, Any]:
        folder = self._tree.folder(index)
        owner = self._directory.minis[self._tree.owner_of(index)]
        parent = self._tree.spec(index)[4]
        stamp = folder.created_at.isoformat(timespec="seconds")
        return {
            **self._mini_folder(index),
            "created_at": stamp,
            "modified_at": stamp,
            "description": folder.description,
            "size": folder.size,
            "path_collection": self._path(parent),
            "created_by": owner,
            "modified_by": owner,
            "trashed_at": None,
            "purged_at": None,
            "content_created_at": stamp,
            "content_modified_at": stamp,
            "owned_by": owner,
            "shared_link": None,
            "folder_upload_email": None,
            "parent": self._mini_folder(parent),
            "item_status": "active",
            "synced": folder.synced,
        }

    def _mini_folder(self, index: int) -> dict[str, Any]:
        folder = self._tree.folder(index)
        root = index == 0
        return {
            "type": "folder",
            "id": folder.id,
            "sequence_id": None if root else folder.sequence_id,
            "etag": None if root else folder.etag,
            "name": folder.name,
        }

    def _path(self, index: int) -> dict[str, Any]:
        entries = [self._mini_folder(index)]
        while index:
            index = self._tree.spec(index)[4]
            entries.append(self._mini_folder(index))
        return {"total_count": len(entries), "entries": entries[::-1]}
