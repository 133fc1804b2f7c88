"""The services that this Kloudless knows, and what each can do.

Only `box` is connected to anything: the others exist so that lists have something to filter. The
shapes are those of `GET /public/services` (Kloudless contract 5.2); logos are left out.
"""

from dataclasses import dataclass
from typing import Any

CAPABILITIES = (
    "can_search_file_name",
    "can_list_users",
    "can_retrieve_user",
    "can_list_groups",
    "can_retrieve_group",
    "can_list_group_members",
)
_READ_ONLY_FALSE = (
    "can_upload_file",
    "can_rename_file",
    "can_move_file",
    "can_copy_file",
    "can_update_file_content",
    "can_delete_file",
    "can_delete_file_permanently",
    "can_create_folder",
    "can_rename_folder",
    "can_move_folder",
    "can_copy_folder",
    "can_delete_folder",
    "can_list_properties",
    "can_delete_all_properties",
    "permissions_supported_for_files",
    "properties_supported_for_files",
    "multipart_uploads_supported_for_files",
)


@dataclass(frozen=True, slots=True)
class Service:
    """A service that accounts can be connected to."""

    name: str
    friendly_name: str
    category: str
    apis: tuple[str, ...]
    connectable: bool = False


SERVICES = (
    Service("box", "Box", "storage", ("storage", "team", "events", "activity"), connectable=True),
    Service("dropbox", "Dropbox", "storage", ("storage", "team", "events", "activity")),
    Service("egnyte", "Egnyte", "storage", ("storage", "team", "events", "activity")),
    Service("gdrive", "Google Drive", "storage", ("storage", "team", "events", "activity")),
    Service("google_calendar", "Google Calendar", "calendar", ("calendar",)),
    Service("salesforce", "Salesforce", "crm", ("crm",)),
    Service("sharepoint", "SharePoint Online", "storage", ("storage", "team", "events")),
)
BY_NAME = {service.name: service for service in SERVICES}

# What an imported account of a service must carry besides the common fields.
REQUIRED_ON_IMPORT = {"sharepoint": ("domain",), "alfresco": ("repository_url",)}


def account_capabilities(*, admin: bool) -> dict[str, dict[str, bool]]:
    """The `properties.capabilities` of a Box account: what this sandbox serves for it."""
    team = (
        "can_list_users",
        "can_retrieve_user",
        "can_list_groups",
        "can_retrieve_group",
        "can_list_group_members",
    )
    values = {name: admin or name not in team for name in CAPABILITIES}
    values |= dict.fromkeys(_READ_ONLY_FALSE, False)
    return {name: {"value": value} for name, value in sorted(values.items())}


def shown(service: Service, *, properties: bool) -> dict[str, Any]:
    """A service as the public catalogue lists it."""
    entry: dict[str, Any] = {
        "name": service.name,
        "friendly_name": service.friendly_name,
        "category": service.category,
        "logo_url": None,
        "apis": list(service.apis),
        "type": "service",
        "api": "meta",
    }
    if properties:
        entry["properties"] = {"capabilities": _features(service)}
    return entry


def _features(service: Service) -> dict[str, list[dict[str, bool]]]:
    if not service.connectable:
        return {}
    open_to_all = (
        "storage.folders.list",
        "storage.folders.retrieve",
        "storage.files.retrieve",
        "storage.recent.list",
        "storage.search.list",
        "events.list",
        "activity.list",
    )
    admins_only = ("team.users.list", "team.groups.list", "team.memberships.list")
    return {feature: [{"result": True}] for feature in open_to_all} | {
        feature: [{"result": True, "admin": True}, {"result": False, "admin": False}]
        for feature in admins_only
    }
