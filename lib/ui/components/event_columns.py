"""What the columns of an event are called, wherever events are shown as rows."""

from typing import Final

COLUMNS: Final = {
    "occurred_at": "Time",
    "event_type": "Type",
    "actor_name": "Person",
    "actor_login": "Login",
    "item_name": "Item",
    "item_type": "Item type",
    "parent_name": "Folder",
    "ip": "IP address",
    "service_name": "App",
    "size_bytes": "Bytes",
    "event_id": "Event ID",
}
MORE: Final = {
    "source": "Source",
    "stream": "Stream",
    "category": "Category",
    "actor_kind": "Person type",
    "actor_id": "Person ID",
    "action_by_id": "Acting admin ID",
    "item_id": "Item ID",
    "parent_id": "Folder ID",
    "owner_login": "Owner",
    "owner_id": "Owner ID",
    "target_login": "Target",
    "target_id": "Target ID",
    "session_id": "Session",
    "service_id": "App ID",
    "account_id": "Account",
    "enterprise_id": "Enterprise",
    "received_at": "Received",
}
