"""Files and folders as table rows, read from Box's answers.

Answers are read tolerantly: a field that is missing or has another type is unknown. The addresses
of shared links are dropped here, so that no page, cache or log holds one by accident.
Facts: Box API reference, files, folders, shared links and recent items.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final

from lib.core.json_fields import (
    flag_field,
    mapping_field,
    text_field,
    time_field,
    whole_field,
    word,
)

ROOT: Final = "0"
FILE: Final = "file"
FOLDER: Final = "folder"
#: What a list asks for, and no more.
ITEM_FIELDS: Final = (
    "type",
    "id",
    "name",
    "size",
    "modified_at",
    "owned_by",
    "shared_link",
    "has_collaborations",
    "is_externally_owned",
    "classification",
    "parent",
)
_DETAIL_FIELDS: Final = (
    *ITEM_FIELDS,
    "description",
    "path_collection",
    "created_at",
    "created_by",
    "modified_by",
    "content_created_at",
    "content_modified_at",
    "item_status",
    "trashed_at",
    "permissions",
    "tags",
    "is_accessible_via_shared_link",
)
FILE_FIELDS: Final = (
    *_DETAIL_FIELDS,
    "extension",
    "version_number",
    "comment_count",
    "lock",
    "expires_at",
    "sha1",
)
FOLDER_FIELDS: Final = (*_DETAIL_FIELDS, "sync_state", "can_non_owners_invite")
KINDS: Final[Mapping[str, str]] = MappingProxyType(
    {FILE: "File", FOLDER: "Folder", "web_link": "Web link"}
)
#: Who gets in with a link. Source: Box API reference, shared link access.
ACCESS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "open": "Anyone with the link",
        "company": "People in the company",
        "collaborators": "Collaborators only",
    }
)
INTERACTIONS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "item_preview": "Previewed",
        "item_upload": "Uploaded",
        "item_comment": "Commented",
        "item_open": "Opened",
        "item_modify": "Changed",
    }
)
_PERMISSIONS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "can_preview": "preview",
        "can_download": "download",
        "can_upload": "upload",
        "can_rename": "rename",
        "can_delete": "delete",
        "can_share": "share",
        "can_invite_collaborator": "invite collaborators",
        "can_set_share_access": "set shared link access",
        "can_comment": "comment",
        "can_annotate": "annotate",
        "can_edit": "edit",
    }
)


@dataclass(frozen=True, slots=True)
class Link:
    """A shared link without its address. None and '' are unknown."""

    access: str
    effective_access: str = ""
    effective_permission: str = ""
    password: bool | None = None
    ends_at: datetime | None = None
    allows: tuple[str, ...] = ()
    downloads: int | None = None
    previews: int | None = None


@dataclass(frozen=True, slots=True)
class ItemRow:
    """One file, folder or web link. Times are UTC, sizes bytes; None is unknown.

    `id` is Box's, `other_id` Kloudless's where it came through Kloudless. `link` is None both for
    none and for not reported; `link_reported` tells the two apart.
    """

    kind: str
    id: str
    name: str
    size: int | None = None
    modified_at: datetime | None = None
    owner: str = ""
    owner_login: str = ""
    link: Link | None = None
    link_reported: bool = False
    collaborations: bool | None = None
    external: bool | None = None
    classification: str | None = None
    parent_id: str = ""
    parent_name: str = ""
    other_id: str = ""

    @property
    def kind_word(self) -> str:
        """File, Folder, Web link, or the sender's own value."""
        return KINDS.get(self.kind, self.kind)

    @property
    def is_folder(self) -> bool:
        """Whether it can be opened."""
        return self.kind == FOLDER

    @property
    def access_word(self) -> str | None:
        """Who its link opens for; '' without a link, None when the sender didn't report it."""
        if self.link is not None:
            return ACCESS.get(self.link.access, self.link.access)
        return "" if self.link_reported else None


@dataclass(frozen=True, slots=True)
class Crumb:
    """One folder of a path, by Box's id, by Kloudless's, or by both."""

    id: str
    name: str
    other_id: str = ""


@dataclass(frozen=True, slots=True)
class FolderFacts:
    """A folder's own row and the folders above it, the root first."""

    row: ItemRow
    path: tuple[Crumb, ...]


@dataclass(frozen=True, slots=True)
class RecentRow:
    """A recent item: what happened, and when (UTC)."""

    row: ItemRow
    what: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Details:
    """Everything a page shows about one item. None, '' and () are unknown or none."""

    row: ItemRow
    path: tuple[Crumb, ...] = ()
    description: str = ""
    created_at: datetime | None = None
    created_by: str = ""
    modified_by: str = ""
    content_modified_at: datetime | None = None
    status: str = ""
    version: str = ""
    comments: int | None = None
    locked: bool | None = None
    lock_ends_at: datetime | None = None
    expires_at: datetime | None = None
    extension: str = ""
    media_type: str = ""
    sha1: str = ""
    tags: tuple[str, ...] = ()
    allowed: tuple[str, ...] = ()
    reachable_by_link: bool | None = None


def item_row(raw: Mapping[str, Any]) -> ItemRow:
    """A row from one of Box's items."""
    owner, parent = mapping_field(raw.get("owned_by")), mapping_field(raw.get("parent"))
    return ItemRow(
        kind=text_field(raw.get("type")),
        id=text_field(raw.get("id")),
        name=text_field(raw.get("name")),
        size=whole_field(raw.get("size")),
        modified_at=time_field(raw.get("modified_at")),
        owner=person_words(owner),
        owner_login=text_field(owner.get("login")),
        link=_link(raw.get("shared_link")),
        link_reported="shared_link" in raw,
        collaborations=flag_field(raw.get("has_collaborations")),
        external=flag_field(raw.get("is_externally_owned")),
        classification=_classification(raw),
        parent_id=text_field(parent.get("id")),
        parent_name=text_field(parent.get("name")),
    )


def folder_facts(raw: Mapping[str, Any]) -> FolderFacts:
    """A folder and its path."""
    return FolderFacts(item_row(raw), _path(raw))


def recent_row(raw: Mapping[str, Any]) -> RecentRow:
    """A row from one of Box's recent items."""
    return RecentRow(
        row=item_row(mapping_field(raw.get("item"))),
        what=word(INTERACTIONS, raw.get("interaction_type")),
        at=time_field(raw.get("interacted_at")),
    )


def details(raw: Mapping[str, Any]) -> Details:
    """Everything about one of Box's files or folders."""
    tags = raw.get("tags")
    return Details(
        row=item_row(raw),
        path=_path(raw),
        description=text_field(raw.get("description")),
        created_at=time_field(raw.get("created_at")),
        created_by=person_words(raw.get("created_by")),
        modified_by=person_words(raw.get("modified_by")),
        content_modified_at=time_field(raw.get("content_modified_at")),
        status=text_field(raw.get("item_status")),
        version=text_field(raw.get("version_number")),
        comments=whole_field(raw.get("comment_count")),
        locked=bool(raw["lock"]) if "lock" in raw else None,
        lock_ends_at=time_field(mapping_field(raw.get("lock")).get("expires_at")),
        expires_at=time_field(raw.get("expires_at")),
        extension=text_field(raw.get("extension")),
        sha1=text_field(raw.get("sha1")),
        tags=tuple(text_field(tag) for tag in tags) if isinstance(tags, list) else (),
        allowed=_allowed(raw.get("permissions")),
        reachable_by_link=flag_field(raw.get("is_accessible_via_shared_link")),
    )


def link_addresses(raw: Mapping[str, Any]) -> tuple[str, str]:
    """The shared link's address and its download address: for someone who asked to see them.

    '' where there is none. Keep them nowhere.
    """
    link = mapping_field(raw.get("shared_link"))
    return text_field(link.get("url")), text_field(link.get("download_url"))


def person_words(raw: Any) -> str:
    """A person's name, else their login or e-mail address."""
    person = mapping_field(raw)
    return (
        text_field(person.get("name"))
        or text_field(person.get("login"))
        or text_field(person.get("email"))
    )


def _classification(raw: Mapping[str, Any]) -> str | None:
    if "classification" not in raw:
        return None
    return text_field(mapping_field(raw["classification"]).get("name"))


def _link(raw: Any) -> Link | None:
    if not isinstance(raw, Mapping):
        return None
    return Link(
        access=text_field(raw.get("access")),
        effective_access=text_field(raw.get("effective_access")),
        effective_permission=text_field(raw.get("effective_permission")),
        password=flag_field(raw.get("is_password_enabled")),
        ends_at=time_field(raw.get("unshared_at")),
        allows=_allowed(raw.get("permissions")),
        downloads=whole_field(raw.get("download_count")),
        previews=whole_field(raw.get("preview_count")),
    )


def _allowed(raw: Any) -> tuple[str, ...]:
    granted = mapping_field(raw)
    return tuple(said for name, said in _PERMISSIONS.items() if granted.get(name) is True)


def _path(raw: Mapping[str, Any]) -> tuple[Crumb, ...]:
    entries = mapping_field(raw.get("path_collection")).get("entries")
    if not isinstance(entries, list):
        return ()
    found = (mapping_field(entry) for entry in entries)
    return tuple(Crumb(text_field(one.get("id")), text_field(one.get("name"))) for one in found)
