"""Files and folders as table rows, read from Kloudless's answers.

Kloudless's unified objects contain no shared links, collaborations or classification, so those stay
unknown. Ids of the service behind it are in `raw_id` (v1) or `raw.id` (with raw data asked for).
Facts: the published Kloudless SDKs and documentation archives, file and folder objects.
"""

from collections.abc import Mapping
from typing import Any

from lib.core.json_fields import mapping_field, text_field, time_field, whole_field
from lib.files.rows import ROOT, Crumb, Details, FolderFacts, ItemRow, person_words


def item_row(raw: Mapping[str, Any]) -> ItemRow:
    """A row from one of Kloudless's files or folders."""
    owner, parent = mapping_field(raw.get("owner")), mapping_field(raw.get("parent"))
    return ItemRow(
        kind=text_field(raw.get("type")),
        id=text_field(raw.get("raw_id")) or text_field(mapping_field(raw.get("raw")).get("id")),
        name=text_field(raw.get("name")),
        size=whole_field(raw.get("size")),
        modified_at=time_field(raw.get("modified")),
        owner=person_words(owner),
        owner_login=text_field(owner.get("email")),
        parent_name=text_field(parent.get("name")),
        other_id=text_field(raw.get("id")),
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
        created_at=time_field(raw.get("created")),
        created_by=person_words(raw.get("creator")),
        modified_by=person_words(raw.get("last_modifier")),
        media_type=text_field(raw.get("mime_type")),
        allowed=tuple(said for said, granted in allowed.items() if granted is True),
    )


def _path(raw: Mapping[str, Any]) -> tuple[Crumb, ...]:
    above = raw.get("ancestors")
    if not isinstance(above, list):
        return ()
    found = (mapping_field(one) for one in above)
    return tuple(
        Crumb("" if place else ROOT, text_field(one.get("name")), text_field(one.get("id")))
        for place, one in enumerate(found)
    )
