"""Who an event says has acted: a person, somebody outside, or nobody."""

from typing import Any

from lib.sandbox.world.model import ANONYMOUS, NOBODY, Action
from lib.sandbox.world.people import Directory

ANONYMOUS_USER = {"type": "user", "id": "2", "name": "Unknown User", "login": ""}
IDLESS_USER = {"type": "user", "id": None, "name": "", "login": ""}


def actor_of(directory: Directory, action: Action, extra: dict[str, Any]) -> dict[str, Any] | None:
    """The person who acted, as `created_by` names them; None for nobody."""
    if action.actor >= 0:
        return directory.minis[action.actor]
    if "by" in extra:
        return {"type": "user", **extra["by"]}
    if action.actor == NOBODY:
        return None
    return ANONYMOUS_USER if action.actor == ANONYMOUS else IDLESS_USER
