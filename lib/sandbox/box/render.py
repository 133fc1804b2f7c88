"""How Box shows users and groups, and the rule of `fields`: mini plus what was named.

Without `fields` an object has its standard fields; unknown names are ignored. Facts: Box API
reference, sections 4.1, 4.2, 7 and 8.4.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

from starlette.requests import Request

from lib.sandbox.world import Group, Person, World
from lib.sandbox.world.clockwork import pacific, to_ms

Thing = TypeVar("Thing")
Makers = Mapping[str, Callable[[World, Thing], Any]]

USER_MINI = ("type", "id", "name", "login")
USER_STANDARD = (
    *USER_MINI,
    "created_at",
    "modified_at",
    "language",
    "timezone",
    "space_amount",
    "space_used",
    "max_upload_size",
    "status",
    "job_title",
    "phone",
    "address",
    "avatar_url",
    "notification_email",
)
GROUP_MINI = ("type", "id", "name", "group_type")
GROUP_STANDARD = (*GROUP_MINI, "created_at", "modified_at")
MAX_UPLOAD = 5_368_709_120
EXTERNALS_SHOW = frozenset({*USER_MINI, "avatar_url", "enterprise", "is_platform_access_only"})


def time_text(at: datetime | None) -> str | None:
    """RFC 3339 with Box's Pacific offset."""
    return None if at is None else pacific(to_ms(at))


def _of_ours(person: Person) -> bool:
    return person.kind != "external"


USER_MAKERS: Makers[Person] = {
    "type": lambda _w, _p: "user",
    "id": lambda _w, p: p.id,
    "name": lambda _w, p: p.name,
    "login": lambda _w, p: p.login,
    "created_at": lambda _w, p: time_text(p.created_at),
    "modified_at": lambda _w, p: time_text(p.modified_at),
    "language": lambda _w, p: p.language,
    "timezone": lambda _w, p: p.timezone,
    "space_amount": lambda _w, p: p.space_amount,
    "space_used": lambda _w, p: p.space_used,
    "max_upload_size": lambda _w, _p: MAX_UPLOAD,
    "status": lambda _w, p: p.status,
    "job_title": lambda _w, p: p.job_title,
    "phone": lambda _w, p: p.phone,
    "address": lambda _w, p: p.address,
    "avatar_url": lambda _w, p: f"https://app.box.com/api/avatar/large/{p.id}",
    "notification_email": lambda _w, _p: None,
    "role": lambda _w, p: p.role,
    "tracking_codes": lambda _w, _p: [],
    "can_see_managed_users": lambda _w, p: p.kind != "app_user",
    "is_sync_enabled": lambda _w, p: p.kind not in ("app_user", "service"),
    "is_external_collab_restricted": lambda _w, _p: False,
    "is_exempt_from_device_limits": lambda _w, _p: False,
    "is_exempt_from_login_verification": lambda _w, _p: False,
    "enterprise": lambda _w, p: {
        "type": "enterprise",
        "id": p.enterprise_id,
        "name": p.enterprise_name,
    },
    "my_tags": lambda _w, _p: [],
    "hostname": lambda w, _p: f"https://{w.enterprise.domains[0].partition('.')[0]}.app.box.com/",
    "is_platform_access_only": lambda _w, p: p.is_platform_access_only,
    "external_app_user_id": lambda _w, p: p.external_app_user_id,
}
GROUP_MAKERS: Makers[Group] = {
    "type": lambda _w, _g: "group",
    "id": lambda _w, g: g.id,
    "name": lambda _w, g: g.name,
    "group_type": lambda _w, g: g.group_type,
    "created_at": lambda _w, g: time_text(g.created_at),
    "modified_at": lambda _w, g: time_text(g.modified_at),
    "provenance": lambda _w, g: g.provenance,
    "external_sync_identifier": lambda _w, g: g.external_sync_identifier,
    "description": lambda _w, g: g.description,
    "invitability_level": lambda _w, g: g.invitability_level,
    "member_viewability_level": lambda _w, g: g.member_viewability_level,
    "permissions": lambda _w, _g: {"can_invite_as_collaborator": True},
}


def fields_of(request: Request) -> tuple[str, ...] | None:
    """The names of `fields`, None when the parameter is missing or empty."""
    given = request.query_params.getlist("fields")
    names = tuple(name.strip() for part in given for name in part.split(",") if name.strip())
    return names or None


def chosen(
    mini: Sequence[str],
    standard: Sequence[str],
    makers: Mapping[str, Any],
    fields: tuple[str, ...] | None,
) -> tuple[str, ...]:
    """The fields to show: all standard ones, or the mini ones and those that were named."""
    if fields is None:
        return tuple(standard)
    named = (name.partition(".")[0] for name in fields)
    return tuple(dict.fromkeys([*mini, *(name for name in named if name in makers)]))


def user(world: World, person: Person, fields: tuple[str, ...] | None = None) -> dict[str, Any]:
    """A user; of somebody of another enterprise only a little is shown, the rest is null."""
    names = chosen(USER_MINI, USER_STANDARD, USER_MAKERS, fields)
    if _of_ours(person):
        return {name: USER_MAKERS[name](world, person) for name in names}
    return {
        name: USER_MAKERS[name](world, person) if name in EXTERNALS_SHOW else None for name in names
    }


def myself(world: World, person: Person, fields: tuple[str, ...] | None = None) -> dict[str, Any]:
    """A user who asks about themselves."""
    names = chosen(USER_MINI, USER_STANDARD, USER_MAKERS, fields)
    return {name: USER_MAKERS[name](world, person) for name in names}


def user_mini(person: Person) -> dict[str, Any]:
    """The small user object inside other objects."""
    return dict(person.mini)


def group(world: World, one: Group, fields: tuple[str, ...] | None = None) -> dict[str, Any]:
    """A group."""
    names = chosen(GROUP_MINI, GROUP_STANDARD, GROUP_MAKERS, fields)
    return {name: GROUP_MAKERS[name](world, one) for name in names}


def group_mini(one: Group) -> dict[str, Any]:
    """The small group object inside other objects."""
    return {"type": "group", "id": one.id, "name": one.name, "group_type": one.group_type}
