"""Users, groups and memberships. Facts: Box API reference, sections 4.1 and 4.2."""

from collections.abc import Callable, Sequence

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from lib.sandbox.box import apps
from lib.sandbox.box.answers import BoxError, bad_parameter, no_such
from lib.sandbox.box.callers import PEOPLE, Call, Caller, endpoint
from lib.sandbox.box.faults import (
    FREE_ACCOUNT,
    NO_GROUPS_RIGHT,
    NO_USERS_RIGHT,
    OTHER_ENTERPRISE,
    PERSON_INACTIVE,
)
from lib.sandbox.box.paging import listing, page_of
from lib.sandbox.box.render import fields_of, group, group_mini, myself, time_text, user, user_mini
from lib.sandbox.state import State
from lib.sandbox.wire import Json
from lib.sandbox.world import Membership, Person

GROUPS = frozenset({apps.GROUPS})
USER_TYPES = ("all", "managed", "external")
BY_NAME = (("name", "ASC"),)


async def me(request: Request, caller: Caller) -> Response:
    """GET /users/me: who the call runs as."""
    return Json(_oneself(request, caller))


def _oneself(request: Request, caller: Caller) -> dict[str, object]:
    world = caller.state.world
    body = myself(world, caller.person, fields_of(request))
    if "enterprise" in body and caller.fault(OTHER_ENTERPRISE):
        other = world.second_enterprise
        body["enterprise"] = {"type": "enterprise", "id": other.id, "name": other.name}
    if "enterprise" in body and caller.fault(FREE_ACCOUNT):
        body["enterprise"] = None
    if "status" in body and caller.fault(PERSON_INACTIVE):
        body["status"] = "inactive"
    return body


async def users(request: Request, caller: Caller) -> Response:
    """GET /users: managed and app users; externals only by their whole login."""
    caller.require_admin(NO_USERS_RIGHT)
    page = page_of(request, name="users", markers=True)
    fields, world = fields_of(request), caller.state.world
    found = _found(request, caller)
    order = BY_NAME if not page.marked else ()
    return Json(listing(page, "users", found, lambda p: user(world, p, fields), order=order))


def _found(request: Request, caller: Caller) -> Sequence[Person]:
    requested = request.query_params.get("user_type", "managed")
    if requested not in USER_TYPES:
        raise bad_parameter("user_type", f"Invalid value '{requested}' for 'user_type'")
    term = request.query_params.get("filter_term", "").strip().lower()
    app_user_id = request.query_params.get("external_app_user_id")
    world = caller.state.world
    if term and requested in ("all", "external"):
        person = world.person_by_login(term)
        if person is not None and person.kind == "external":
            return [person]
    if requested == "external":
        return []
    return sorted(
        (
            person
            for person in world.people(("managed", "admin", "coadmin", "app_user"))
            if _in_reach(caller, person)
            and (
                not term
                or person.name.lower().startswith(term)
                or person.login.lower().startswith(term)
            )
            and (not app_user_id or person.external_app_user_id == app_user_id)
        ),
        key=lambda person: (person.name.lower(), person.id),
    )


def _in_reach(caller: Caller, person: Person) -> bool:
    """A server app with app access only, or without a scope, reaches a part of the users."""
    if person.kind == "app_user":
        return apps.APP_USERS in caller.scopes or apps.USERS in caller.scopes
    whole = caller.app.method is apps.Method.OAUTH or caller.app.access is apps.Access.ENTERPRISE
    return whole and apps.USERS in caller.scopes


async def one_user(request: Request, caller: Caller) -> Response:
    """GET /users/{id}: oneself without more, others as an admin."""
    user_id = request.path_params["user_id"]
    fields, world = fields_of(request), caller.state.world
    if user_id == caller.person.id:
        return Json(_oneself(request, caller))
    caller.require_scope(PEOPLE)
    caller.require_admin(NO_USERS_RIGHT)
    person = world.person(user_id)
    hidden = person is not None and person.kind != "external" and not _in_reach(caller, person)
    if person is None or hidden or person.kind == "service":
        raise no_such("user", user_id)
    return Json(user(world, person, fields))


async def groups(request: Request, caller: Caller) -> Response:
    """GET /groups."""
    caller.require_admin(NO_GROUPS_RIGHT)
    page = page_of(request, name="groups")
    term = request.query_params.get("filter_term", "").strip().lower()
    fields, world = fields_of(request), caller.state.world
    found = [one for one in world.groups() if one.name.lower().startswith(term)]
    return Json(listing(page, "groups", found, lambda g: group(world, g, fields), order=BY_NAME))


async def one_group(request: Request, caller: Caller) -> Response:
    """GET /groups/{id}."""
    caller.require_admin(NO_GROUPS_RIGHT)
    group_id = request.path_params["group_id"]
    found = caller.state.world.group(group_id)
    if found is None:
        raise no_such("group", group_id)
    return Json(group(caller.state.world, found, fields_of(request)))


def _membership(state: State) -> Callable[[Membership], dict[str, object]]:
    world = state.world

    def shown(one: Membership) -> dict[str, object]:
        person, of = world.person(one.user_id), world.group(one.group_id)
        return {
            "type": "group_membership",
            "id": one.id,
            "user": None if person is None else user_mini(person),
            "group": None if of is None else group_mini(of),
            "role": one.role,
            "created_at": time_text(one.created_at),
            "modified_at": time_text(one.modified_at),
        }

    return shown


async def group_memberships(request: Request, caller: Caller) -> Response:
    """GET /groups/{id}/memberships."""
    caller.require_admin(NO_GROUPS_RIGHT)
    world, group_id = caller.state.world, request.path_params["group_id"]
    if world.group(group_id) is None:
        raise no_such("group", group_id)
    page = page_of(request, name="memberships")
    found = world.memberships(group_id=group_id)
    return Json(listing(page, "memberships", found, _membership(caller.state)))


async def user_memberships(request: Request, caller: Caller) -> Response:
    """GET /users/{id}/memberships: one's own, or anybody's as an admin."""
    world, user_id = caller.state.world, request.path_params["user_id"]
    if user_id != caller.person.id:
        caller.require_admin(NO_GROUPS_RIGHT)
    if world.person(user_id) is None:
        raise no_such("user", user_id)
    page = page_of(request, name="memberships")
    found = world.memberships(user_id=user_id)
    return Json(listing(page, "memberships", found, _membership(caller.state)))


async def one_membership(request: Request, caller: Caller) -> Response:
    """GET /group_memberships/{id}."""
    caller.require_admin(NO_GROUPS_RIGHT)
    requested = request.path_params["membership_id"]
    for one in caller.state.world.memberships():
        if one.id == requested:
            return Json(_membership(caller.state)(one))
    raise BoxError(404)


def routes(state: State) -> list[Route]:
    """The addresses of users and groups."""
    return [
        endpoint(state, "/2.0/users/me", {"GET": Call(me)}),
        endpoint(state, "/2.0/users", {"GET": Call(users, PEOPLE)}),
        endpoint(state, "/2.0/users/{user_id}", {"GET": Call(one_user)}),
        endpoint(
            state, "/2.0/users/{user_id}/memberships", {"GET": Call(user_memberships, GROUPS)}
        ),
        endpoint(state, "/2.0/groups", {"GET": Call(groups, GROUPS)}),
        endpoint(state, "/2.0/groups/{group_id}", {"GET": Call(one_group, GROUPS)}),
        endpoint(
            state, "/2.0/groups/{group_id}/memberships", {"GET": Call(group_memberships, GROUPS)}
        ),
        endpoint(
            state,
            "/2.0/group_memberships/{membership_id}",
            {"GET": Call(one_membership, GROUPS)},
        ),
    ]
