"""What belongs to the enterprise as a whole: pinned devices and its settings.

Facts: Box API reference, section 4.2. The scope of the settings was never published; they are
served to whom the other calls of an admin are. Settings need `box-version: 2025.0`.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from lib.sandbox.box import apps
from lib.sandbox.box.answers import bad_parameter, no_such
from lib.sandbox.box.callers import LATER_VERSION, Call, Caller, endpoint
from lib.sandbox.box.paging import limit_of, whole
from lib.sandbox.box.render import user_mini
from lib.sandbox.state import State
from lib.sandbox.wire import Json
from lib.sandbox.world import Person

PROPERTIES = frozenset({apps.PROPERTIES})
DIRECTIONS = ("asc", "desc")
PRODUCTS = ("iPhone", "iPad", "Android", "Box Drive")
PINNED_EVERY = 3  # every third user has a pinned device
SETTINGS: Mapping[str, Mapping[str, Any]] = {
    "security": {
        "is_multi_factor_auth_required": True,
        "session_duration": "P1D",
        "password_min_length": 12,
        "is_weak_password_prevention_enabled": True,
        "is_strong_password_for_ext_collab_enabled": False,
    },
    "content_and_sharing": {
        "external_collaboration_status": "enabled",
        "shared_link_default_access": "company",
        "trash_auto_clear_time": "30",
        "is_auto_delete_enabled": False,
    },
    "user_settings": {
        "is_enterprise_sso_required": False,
        "new_user_default_language": "en",
    },
    "shield": {},
}


def _check_enterprise(request: Request, caller: Caller) -> None:
    caller.require_admin()
    requested = request.path_params["enterprise_id"]
    if requested != caller.person.enterprise_id:
        raise no_such("enterprise", requested)


def _pinned(caller: Caller) -> Sequence[Person]:
    people = caller.state.world.people(("managed", "admin", "coadmin"))
    return [person for person in people if int(person.id) % PINNED_EVERY == 0]


async def device_pinners(request: Request, caller: Caller) -> Response:
    """GET /enterprises/{id}/device_pinners, by marker; here Box's markers are numbers."""
    _check_enterprise(request, caller)
    limit = limit_of(request, 100, 1000)
    start = whole(request, "marker", 0, "bad_request")
    direction = request.query_params.get("direction", "asc").lower()
    if direction not in DIRECTIONS:
        raise bad_parameter("direction", f"Invalid value '{direction}' for 'direction'")
    people = sorted(_pinned(caller), key=lambda one: int(one.id), reverse=direction == "desc")
    end = start + limit
    body: dict[str, Any] = {
        "entries": [
            {
                "type": "device_pinner",
                "id": one.id[-9:],
                "owned_by": user_mini(one),
                "product_name": PRODUCTS[int(one.id) // PINNED_EVERY % len(PRODUCTS)],
            }
            for one in people[start:end]
        ],
        "limit": limit,
        "order": [{"by": "id", "direction": direction}],
    }
    if end < len(people):
        body["next_marker"] = end
    return Json(body)


async def configuration(request: Request, caller: Caller) -> Response:
    """GET /enterprise_configurations/{id}: the categories that were named."""
    _check_enterprise(request, caller)
    said = request.query_params.get("categories", "")
    categories = [part.strip() for part in said.split(",") if part.strip()]
    if not categories:
        raise bad_parameter("categories", "'categories' is required")
    for category in categories:
        if category not in SETTINGS:
            raise bad_parameter("categories", f"Invalid value '{category}' for 'categories'")
    body: dict[str, dict[str, Any]] = {
        category: {
            name: {"value": value, "is_used": True} for name, value in SETTINGS[category].items()
        }
        for category in categories
    }
    if "shield" in body:
        body["shield"] = {"shield_rules": []}
    return Json(body, headers={"box-version": LATER_VERSION})


def routes(state: State) -> list[Route]:
    """The addresses of the enterprise."""
    return [
        endpoint(
            state,
            "/2.0/enterprises/{enterprise_id}/device_pinners",
            {"GET": Call(device_pinners, PROPERTIES)},
        ),
        endpoint(
            state,
            "/2.0/enterprise_configurations/{enterprise_id}",
            {"GET": Call(configuration, PROPERTIES, version=LATER_VERSION)},
        ),
    ]
