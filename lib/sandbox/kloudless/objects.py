"""Kloudless's unified objects, made from Box's: files, folders, users, groups, activity.

An object keeps the upstream id in `raw_id` and, when the caller sends `X-Kloudless-Raw-Data:
true`, Box's whole object in `raw`. Facts: Kloudless contract 7.6, 9, 10.2, 10.3; the mapping of
event types is a convention (14): what has no word of Kloudless's own keeps Box's.
"""

import mimetypes
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from lib.sandbox.kloudless.feed import CollectedEvent
from lib.sandbox.kloudless.ids import Sealer, group_id, person_id
from lib.sandbox.kloudless.model import Account, stamp

ITEM_FIELDS = (
    "type,id,name,size,created_at,modified_at,parent,path_collection,owned_by,created_by,"
    "modified_by,extension,item_status"
)
USER_FIELDS = "type,id,name,login,role,status,created_at,modified_at"

TYPES: Mapping[str, str] = {
    "ITEM_CREATE": "add",
    "ITEM_UPLOAD": "add",
    "UPLOAD": "add",
    "ITEM_TRASH": "delete",
    "DELETE": "delete",
    "EDIT": "update",
    "ITEM_MODIFY": "update",
    "ITEM_RENAME": "rename",
    "RENAME": "rename",
    "ITEM_MOVE": "move",
    "MOVE": "move",
    "ITEM_COPY": "copy",
    "COPY": "copy",
    "ITEM_UNDELETE_VIA_TRASH": "restore",
    "UNDELETE": "restore",
}
_ITEMS = ("file", "folder")
_MIMES = mimetypes.MimeTypes()  # the built-in table: the same on every machine
_OCTETS = "application/octet-stream"


def time_text(text: Any) -> str | None:
    """Box's time as Kloudless writes it; None stays None."""
    if not isinstance(text, str):
        return None
    return stamp(datetime.fromisoformat(text).astimezone(UTC))


@dataclass(frozen=True, slots=True)
class Maker:
    """Makes the objects of one account. `raw` adds Box's own object, `base` is `<url>/v1`."""

    account: Account
    shared: Sealer
    base: str
    raw: bool = False

    def item(self, box: Mapping[str, Any]) -> dict[str, Any]:
        """A file or folder of Box's API."""
        kind, raw_id = str(box["type"]), str(box["id"])
        path = (box.get("path_collection") or {}).get("entries", [])
        made: dict[str, Any] = {
            "id": self._seal(kind, raw_id),
            "name": box.get("name"),
            "size": box.get("size"),
            "created": time_text(box.get("created_at")),
            "modified": time_text(box.get("modified_at")),
            "type": kind,
            "account": self.account.id,
            "parent": self._parent(box.get("parent")),
            "ancestors": [self._parent(part) for part in path],
            "path": _path(path, box),
            "downloadable": kind == "file",
            "owner": self.reference(box.get("owned_by")),
            "creator": self.reference(box.get("created_by")),
            "last_modifier": self.reference(box.get("modified_by")),
            "ids": {
                "default": self._seal(kind, raw_id),
                "shared": self.shared.seal(kind, raw_id),
            },
            "id_type": "default",
            "api": "storage",
            "raw_id": raw_id,
            "href": self._href(f"storage/{kind}s/{self._seal(kind, raw_id)}"),
        }
        if kind == "file":
            made["mime_type"] = _mime(str(box.get("name")))
        else:
            made |= {"can_create_folders": True, "can_upload_files": True}
        return self._with_raw(made, raw_id, box)

    def user(self, box: Mapping[str, Any]) -> dict[str, Any]:
        """A user of the team."""
        raw_id = str(box["id"])
        made = {
            "id": person_id(raw_id),
            "name": box.get("name"),
            "email": box.get("login"),
            "role": box.get("role"),
            "type": "user",
            "api": "team",
            "account": self.account.id,
            "raw_id": raw_id,
            "href": self._href(f"team/users/{person_id(raw_id)}"),
        }
        return self._with_raw(made, raw_id, box)

    def group(self, box: Mapping[str, Any], *, role: str | None = None) -> dict[str, Any]:
        """A group of the team; `role` is a member's role in it, where one is meant."""
        raw_id = str(box["id"])
        made = {
            "id": group_id(raw_id),
            "name": box.get("name"),
            "role": role,
            "type": "group",
            "api": "team",
            "account": self.account.id,
            "raw_id": raw_id,
            "href": self._href(f"team/groups/{group_id(raw_id)}"),
        }
        return self._with_raw(made, raw_id, box)

    def activity(self, entry: CollectedEvent) -> dict[str, Any]:
        """One entry of the event list."""
        box = entry.event
        kind = TYPES.get(str(box["event_type"]), str(box["event_type"]))
        metadata = self._metadata(box)
        actor = box.get("created_by") or {}
        known = self.account.admin and isinstance(actor, Mapping) and actor.get("id")
        made = {
            "id": metadata["id"] if kind == "delete" and "id" in metadata else str(entry.cursor),
            "account": self.account.id,
            "type": kind,
            "action": "-" if kind == "delete" else "+",
            "modified": stamp(entry.at),
            "ip": _address(box.get("ip_address")),
            "user_id": person_id(str(actor["id"])) if known else None,
            "metadata": metadata,
            "api": "activity",
        }
        return self._with_raw(made, str(box["event_id"]), box)

    def reference(self, box: Any) -> dict[str, Any] | None:
        """A user as other objects point to them."""
        if not isinstance(box, Mapping) or not box.get("id"):
            return None
        return {
            "id": person_id(str(box["id"])),
            "name": box.get("name"),
            "email": box.get("login") or None,
            "api": "team",
            "type": "user",
            "id_type": "default",
        }

    def _metadata(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """The resource of an event: Box tells its kind by its keys, not only by `type`."""
        source = event.get("source")
        if not isinstance(source, Mapping):
            return {}
        details = event.get("additional_details") or {}
        for kind, id_key, name_key in _SHAPES:
            if id_key in source and (kind or source.get("item_type", source.get("type")) in _ITEMS):
                return self._resource(
                    event,
                    kind or str(source.get("item_type", source.get("type"))),
                    str(source[id_key]),
                    source.get(name_key),
                    source.get("size", details.get("size")),
                )
        if source.get("type") == "user":
            return {**(self.reference(source) or {}), "account": self.account.id}
        if "group_id" in source:
            return self.group({"id": source["group_id"], "name": source.get("group_name")})
        return {key: source[key] for key in ("id", "type", "name") if key in source}

    def _resource(
        self, event: Mapping[str, Any], kind: str, raw_id: str, name: Any, size: Any
    ) -> dict[str, Any]:
        source = event["source"]
        made: dict[str, Any] = {
            "id": self._seal(kind, raw_id),
            "raw_id": raw_id,
            "created": time_text(source.get("created_at")),
            "modified": time_text(source.get("modified_at") or event.get("created_at")),
            "name": name,
            "type": kind,
            "api": "storage",
            "account": self.account.id,
            "size": size if kind == "file" else None,
            "path": None,
            "downloadable": kind == "file",
            "last_modifier": self.reference(event.get("created_by")),
            "parent": self._parent(source.get("parent")),
            "owner": self.reference(source.get("owned_by")),
            "ancestors": None,
        }
        if kind == "file":
            made["mime_type"] = _mime(str(name))
        return made

    def _parent(self, box: Any) -> dict[str, Any] | None:
        if not isinstance(box, Mapping) or box.get("id") is None:
            return None
        return {
            "id": self._seal("folder", str(box["id"])),
            "name": box.get("name"),
            "id_type": "default",
        }

    def _seal(self, kind: str, raw_id: str) -> str:
        return self.account.sealer.seal(kind, raw_id)

    def _href(self, path: str) -> str:
        return f"{self.base}/accounts/{self.account.id}/{path}"

    def _with_raw(
        self, made: dict[str, Any], raw_id: str, box: Mapping[str, Any]
    ) -> dict[str, Any]:
        if self.raw:
            made["raw"] = {"id": raw_id, "object": dict(box)}
        return made


# Kind of item (None: the source says), key of its id, key of its name: box-api.md 5.3.
_SHAPES: tuple[tuple[str | None, str, str], ...] = (
    (None, "item_id", "item_name"),
    ("file", "file_id", "file_name"),
    ("folder", "folder_id", "folder_name"),
    (None, "id", "name"),
)


def _path(above: Sequence[Mapping[str, Any]], box: Mapping[str, Any]) -> str:
    """Slash-separated names below the root, which is `/`."""
    if not above:
        return "/"
    return "/".join(["", *(str(part.get("name")) for part in above[1:]), str(box.get("name"))])


def _mime(name: str) -> str:
    return _MIMES.guess_type(name, strict=False)[0] or _OCTETS


def _address(text: Any) -> str | None:
    return text if isinstance(text, str) and any(mark in text for mark in ".:") else None
