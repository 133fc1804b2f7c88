"""What the columns of an event are called, wherever events are shown as rows."""

from typing import Final

COLUMNS: Final = {
    "occurred_at": "Time",
    "event_type": "Type",
    "actor_name": "Person",
    "actor_login": "Login",
    "item_name": "Item",
    "item_type": "Kind",
    "parent_name": "Folder",
    "ip": "IP address",
    "service_name": "App",
    "size_bytes": "Bytes",
    "event_id": "Event id",
}
MORE: Final = {
    "source": "Source",
    "stream": "Stream",
    "category": "Category",
    "actor_kind": "Kind of person",
    "actor_id": "Person id",
    "action_by_id": "Acting admin id",
    "item_id": "Item id",
    "parent_id": "Folder id",
    "owner_login": "Owner",
    "owner_id": "Owner id",
    "target_login": "Target",
    "target_id": "Target id",
    "session_id": "Session",
    "service_id": "App id",
    "account_id": "Account",
    "enterprise_id": "Enterprise",
    "received_at": "Received",
}
