"""Files and folders as table rows, read from Kloudless's answers.

Kloudless's unified objects contain no shared links, collaborations or classification, so those stay
unknown. Ids of the service behind it are in `raw_id` (v1) or `raw.id` (with raw data asked for).
Facts: the published Kloudless SDKs and documentation archives, file and folder objects.
"""

from collections.abc import Mapping
from typing import Any

from lib.core.json_fields import mapping, moment, text, whole
from lib.files.rows import ROOT, Crumb, Details, FolderFacts, ItemRow, person_words


def item_row(raw: Mapping[str, Any]) -> ItemRow:
    """A row from one of Kloudless's files or folders."""
    owner, parent = mapping(raw.get("owner")), mapping(raw.get("parent"))
    return ItemRow(
        kind=text(raw.get("type")),
        id=text(raw.get("raw_id")) or text(mapping(raw.get("raw")).get("id")),
        name=text(raw.get("name")),
        size=whole(raw.get("size")),
        modified_at=moment(raw.get("modified")),
        owner=person_words(owner),
        owner_login=text(owner.get("email")),
        parent_name=text(parent.get("name")),
        other_id=text(raw.get("id")),
    )


def folder_facts(raw: Mapping[str, Any]) -> FolderFacts:
    """A folder and its path, whose folders have Kloudless's ids only."""
    return FolderFacts(item_row(raw), _path(raw))


def details(raw: Mapping[str, Any]) -> Details:
    """Everything about one of Kloudless's files or folders."""
    allowed = {
        "download": raw.get("downloadable"),
        "create folders": raw.get("can_create_folders"),
        "upload": raw.get("can_upload_files"),
    }
    return Details(
        row=item_row(raw),
        path=_path(raw),
        created_at=moment(raw.get("created")),
        created_by=person_words(raw.get("creator")),
        modified_by=person_words(raw.get("last_modifier")),
        media_type=text(raw.get("mime_type")),
        allowed=tuple(said for said, granted in allowed.items() if granted is True),
    )


def _path(raw: Mapping[str, Any]) -> tuple[Crumb, ...]:
    above = raw.get("ancestors")
    if not isinstance(above, list):
        return ()
    found = (mapping(one) for one in above)
    return tuple(
        Crumb("" if place else ROOT, text(one.get("name")), text(one.get("id")))
        for place, one in enumerate(found)
    )
