"""The one thing that checks may write, and only when a person allowed it: an empty folder.

It is made in the root of the identity that the calls run as, and deleted at once. What would be
sent is shown before (`lib.runbook.checks.writes`). Source: Box API reference, folders.
"""

import secrets
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from lib.box import BoxClient
from lib.core.errors import RunbookError, Who
from lib.http import read_object, segment

NAME: Final = "box-runbook check"
QUIET: Final[Mapping[str, str]] = MappingProxyType({"Box-Notifications": "off"})


def folder_name() -> str:
    """A unique name."""
    return f"{NAME} {secrets.token_hex(4)}"


def try_folder(client: BoxClient, *, quiet: bool, name: str | None = None) -> None:
    """Create an empty folder in the root, then delete it. `quiet` asks Box for no notifications.

    Raises what Box answers; when only the deletion failed, the error names the folder that stays.
    """
    headers = dict(QUIET) if quiet else None
    name = name or folder_name()
    body = {"name": name, "parent": {"id": "0"}}
    made = read_object(client.request("POST", "/2.0/folders", json=body, headers=headers))
    folder_id = str(made.get("id") or "")
    try:
        client.request("DELETE", f"/2.0/folders/{segment(folder_id)}", headers=headers)
    except RunbookError as error:
        raise RunbookError(
            f"The scratch folder “{name}” was created, but could not be deleted.",
            cause=f"{error.message} {error.cause}",
            fix=f"Delete the folder with the ID {folder_id} in Box; it is empty.",
            who=Who.YOU,
            cause_id="box.scratch_left",
        ) from error
