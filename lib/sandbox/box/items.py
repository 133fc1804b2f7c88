"""How Box shows files and folders. Facts: Box API reference, section 7."""

from collections.abc import Callable, Mapping
from typing import Any

from lib.sandbox.box.render import chosen, time_text, user_mini
from lib.sandbox.world import File, Folder, Item, Person, World

ROOT = "0"
SPAN = 100  # entries of an item_collection
FILE_MINI = ("type", "id", "file_version", "sequence_id", "etag", "sha1", "name")
FOLDER_MINI = ("type", "id", "sequence_id", "etag", "name")
_COMMON = (
    "created_at",
    "modified_at",
    "description",
    "size",
    "path_collection",
    "created_by",
    "modified_by",
    "trashed_at",
    "purged_at",
    "content_created_at",
    "content_modified_at",
    "owned_by",
    "shared_link",
)
FILE_STANDARD = (*FILE_MINI, *_COMMON, "parent", "item_status")
FOLDER_STANDARD = (
    *FOLDER_MINI,
    *_COMMON,
    "folder_upload_email",
    "parent",
    "item_status",
    "item_collection",
)
ROLES = (
    "editor",
    "viewer",
    "previewer",
    "uploader",
    "previewer uploader",
    "viewer uploader",
    "co-owner",
)


Collection = Callable[[], dict[str, Any]]


class _ItemView:
    """One item as one person sees it."""

    def __init__(
        self, world: World, person: Person, item: Item, collection: Collection | None
    ) -> None:
        self.world = world
        self.person = person
        self.item = item
        self.collection = collection

    @property
    def is_root(self) -> bool:
        return isinstance(self.item, Folder) and self.item.id == ROOT

    @property
    def edits(self) -> bool:
        return self.item.owner_id == self.person.id or self.person.kind != "external"

    def who(self, person_id: str) -> dict[str, Any] | None:
        person = self.world.person(person_id)
        return None if person is None else user_mini(person)


def mini(item: Item) -> dict[str, Any]:
    """The small object inside lists and other objects."""
    if isinstance(item, Folder):
        is_root = item.id == ROOT
        return {
            "type": "folder",
            "id": item.id,
            "sequence_id": None if is_root else item.sequence_id,
            "etag": None if is_root else item.etag,
            "name": item.name,
        }
    return {
        "type": "file",
        "id": item.id,
        "file_version": {"type": "file_version", "id": item.version_id, "sha1": item.sha1},
        "sequence_id": item.sequence_id,
        "etag": item.etag,
        "sha1": item.sha1,
        "name": item.name,
    }


def _path(look: _ItemView) -> dict[str, Any]:
    folders = look.world.path(look.item)
    return {"total_count": len(folders), "entries": [mini(folder) for folder in folders]}


def _parent(look: _ItemView) -> dict[str, Any] | None:
    folders = look.world.path(look.item)
    return mini(folders[-1]) if folders else None


def _shared_link(look: _ItemView) -> dict[str, Any] | None:
    link = look.item.shared_link
    if link is None:
        return None
    return {
        "url": link.url,
        "download_url": None,
        "vanity_url": None,
        "vanity_name": None,
        "access": link.access,
        "effective_access": link.access,
        "effective_permission": "can_download" if link.can_download else "can_preview",
        "unshared_at": time_text(link.unshared_at),
        "is_password_enabled": link.is_password_enabled,
        "permissions": {
            "can_download": link.can_download,
            "can_preview": True,
            "can_edit": False,
        },
        "download_count": link.download_count,
        "preview_count": link.preview_count,
    }


def _permissions(look: _ItemView) -> dict[str, bool]:
    edits = look.edits
    common = {
        "can_download": True,
        "can_upload": edits,
        "can_rename": edits and not look.is_root,
        "can_delete": edits and not look.is_root,
        "can_share": edits and not look.is_root,
        "can_invite_collaborator": edits and not look.is_root,
        "can_set_share_access": edits and not look.is_root,
    }
    if isinstance(look.item, Folder):
        return common
    return {
        **common,
        "can_preview": True,
        "can_comment": True,
        "can_annotate": True,
        "can_view_annotations_all": True,
        "can_view_annotations_self": True,
    }


def _classification(look: _ItemView) -> dict[str, Any] | None:
    name = look.item.classification if isinstance(look.item, File) else None
    if name is None:
        return None
    return {"name": name, "definition": f"{name} content", "color": "#0061D5"}


def _collection(look: _ItemView) -> dict[str, Any]:
    if look.collection is not None:
        return look.collection()
    found = look.world.children(look.item.id, look.person)
    return {
        "total_count": len(found),
        "entries": [mini(item) for item in found[:SPAN]],
        "offset": 0,
        "limit": SPAN,
        "order": [{"by": "type", "direction": "ASC"}, {"by": "name", "direction": "ASC"}],
    }


def _externally_owned(look: _ItemView) -> bool:
    owner = look.world.person(look.item.owner_id)
    return owner is not None and owner.enterprise_id != look.world.enterprise.id


def _dated(name: str) -> Callable[[_ItemView], Any]:
    return lambda look: None if look.is_root else time_text(getattr(look.item, name))


Makers = Mapping[str, Callable[[_ItemView], Any]]

_BOTH: Makers = {
    "created_at": _dated("created_at"),
    "modified_at": _dated("modified_at"),
    "description": lambda look: look.item.description,
    "size": lambda look: look.item.size,
    "path_collection": _path,
    "created_by": lambda look: look.who(look.item.created_by_id),
    "modified_by": lambda look: look.who(look.item.modified_by_id),
    "trashed_at": lambda look: time_text(getattr(look.item, "trashed_at", None)),
    "purged_at": lambda _look: None,
    "content_created_at": _dated("created_at"),
    "content_modified_at": _dated("modified_at"),
    "owned_by": lambda look: look.who(look.item.owner_id),
    "shared_link": _shared_link,
    "parent": _parent,
    "item_status": lambda look: look.item.item_status,
    "permissions": _permissions,
    "tags": lambda look: list(getattr(look.item, "tags", ())),
    "is_externally_owned": _externally_owned,
    "has_collaborations": lambda look: not look.is_root,
    "is_accessible_via_shared_link": lambda look: look.item.shared_link is not None,
    "allowed_invitee_roles": lambda _look: list(ROLES),
    "classification": _classification,
    "watermark_info": lambda _look: {"is_watermarked": False, "is_watermark_inherited": False},
}
FILE_MAKERS: Makers = {
    **_BOTH,
    "extension": lambda look: getattr(look.item, "extension", ""),
    "version_number": lambda look: getattr(look.item, "version_number", "1"),
    "comment_count": lambda look: getattr(look.item, "comment_count", 0),
    "lock": lambda _look: None,
    "expires_at": lambda _look: None,
    "disposition_at": lambda _look: None,
    "uploader_display_name": lambda look: (look.who(look.item.created_by_id) or {}).get(
        "name", "Unknown User"
    ),
    "shared_link_permission_options": lambda _look: ["can_preview", "can_download"],
    "is_package": lambda _look: False,
}
FOLDER_MAKERS: Makers = {
    **_BOTH,
    "folder_upload_email": lambda _look: None,
    "item_collection": _collection,
    "sync_state": lambda look: "synced" if getattr(look.item, "synced", False) else "not_synced",
    "can_non_owners_invite": lambda _look: True,
    "is_collaboration_restricted_to_enterprise": lambda _look: False,
    "allowed_shared_link_access_levels": lambda _look: ["open", "company", "collaborators"],
    "can_non_owners_view_collaborators": lambda _look: True,
}


def shown(
    world: World,
    person: Person,
    item: Item,
    fields: tuple[str, ...] | None,
    collection: Collection | None = None,
) -> dict[str, Any]:
    """A file or folder as this person sees it: standard, or mini and the named fields.

    `collection` makes the page of a folder's items; without it they are the first hundred.
    """
    body = mini(item)
    if isinstance(item, Folder):
        names = chosen(FOLDER_MINI, FOLDER_STANDARD, FOLDER_MAKERS, fields)
        makers = FOLDER_MAKERS
    else:
        names = chosen(FILE_MINI, FILE_STANDARD, FILE_MAKERS, fields)
        makers = FILE_MAKERS
    look = _ItemView(world, person, item, collection)
    body.update((name, makers[name](look)) for name in names if name not in body)
    return body


def in_list(
    world: World, person: Person, item: Item, fields: tuple[str, ...] | None
) -> dict[str, Any]:
    """An entry of a folder's items: mini unless fields are named."""
    return mini(item) if fields is None else shown(world, person, item, fields)
