"""Accounts: list, retrieve, import, update, delete, and upstream ids made into Kloudless's.

Facts: Kloudless contract 5 and 10.6. The Box-specific names of an import (`admin`,
`enterprise_id`) are conventions of this sandbox: the real ones were not found.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from starlette.responses import Response

from lib.sandbox import wire
from lib.sandbox.kloudless import scopes, upstream
from lib.sandbox.kloudless.call import Call, envelope, numbered
from lib.sandbox.kloudless.catalogue import BY_NAME, REQUIRED_ON_IMPORT, account_capabilities
from lib.sandbox.kloudless.errors import KloudlessError, invalid
from lib.sandbox.kloudless.faults import NO_CONNECTOR, NO_JWT_KEYS
from lib.sandbox.kloudless.ids import group_id, person_id
from lib.sandbox.kloudless.model import Account, Road, Upstream, stamp

_TEXTS = ("account", "token", "token_secret", "refresh_token")
_TIMES = ("token_expiry", "refresh_token_expiry")
_FLAGS = ("active", "enabled")
_LONGEST = 4096


def shown(call: Call, account: Account, *, full: bool = False) -> dict[str, Any]:
    """An account object (contract 5.2)."""
    service, enabled = BY_NAME[account.service], call.is_enabled(account)
    made: dict[str, Any] = {
        "id": account.id,
        "account": account.account,
        "service": account.service,
        "service_name": service.friendly_name,
        "admin": account.admin,
        "apis": [api for api in service.apis if api != "team" or account.admin],
        "effective_scope": account.effective_scope,
        "active": enabled,
        "enabled": enabled,
        "created": stamp(account.created),
        "modified": stamp(account.modified),
        "token_expiry": account.token_expiry,
        "refresh_token_expiry": account.refresh_token_expiry,
        "internal_use": False,
        "custom_properties": account.custom_properties,
        "object_definitions": {},
        "proxy_connection": None,
        "type": "account",
        "api": "meta",
        "href": f"{call.base}/accounts/{account.id}",
    }
    if full:
        capabilities = account_capabilities(admin=account.admin) if service.connectable else {}
        made["properties"] = {"capabilities": capabilities}
    return made


async def listing(call: Call) -> Response:
    """GET /accounts: those of the application, or the token's own."""
    found = call.own_accounts()
    enabled = call.flag("enabled")
    if enabled is None:
        enabled = call.flag("active")
    admin, search = call.flag("admin"), (call.text("search") or "").lower()
    page = call.number("page", 1)
    size = call.page_size(call.service.conventions.accounts_page_size)
    matching = [
        account
        for account in found
        if (enabled is None or call.is_enabled(account) == enabled)
        and (admin is None or account.admin == admin)
        and search in account.account.lower()
    ]
    objects = [shown(call, account) for account in numbered(matching, page, size)]
    return wire.Json(envelope(objects, "meta", total=len(matching), page=page))


async def retrieve(call: Call) -> Response:
    """GET /accounts/{ids}: one account, or a list when several are named."""
    full = call.flag("retrieve_full") is not False
    enabled = call.flag("enabled")
    if enabled is None:
        enabled = call.flag("active")
    if enabled is not None and any(call.is_enabled(one) != enabled for one in call.accounts):
        raise KloudlessError("not_found")
    made = [shown(call, account, full=full) for account in call.accounts]
    if call.flag("retrieve_tokens") and call.credential.scheme == "apikey":
        for entry, account in zip(made, call.accounts, strict=True):
            entry["token"] = account.upstream.token
            entry["refresh_token"] = account.upstream.refresh_token
    if len(made) == 1:
        return wire.Json(made[0])
    return wire.Json(envelope(made, "meta", total=len(made), page=1))


def _checked(body: Mapping[str, Any], allowed: tuple[str, ...]) -> None:
    strange = body.keys() - set(allowed)
    if strange:
        raise invalid(f"Unknown attribute: {', '.join(sorted(strange))[:200]}.")
    for name in (*_TEXTS, "service", "enterprise_id", *_TIMES):
        value = body.get(name)
        if value is not None and (not isinstance(value, str) or not 0 < len(value) <= _LONGEST):
            raise invalid(f"{name} must be text.")
    for name in (*_FLAGS, "admin"):
        if body.get(name) is not None and not isinstance(body[name], bool):
            raise invalid(f"{name} must be true or false.")
    for name in _TIMES:
        if body.get(name) is not None:
            try:
                datetime.fromisoformat(body[name])
            except ValueError as error:
                raise invalid(f"{name} is not an ISO 8601 time.") from error


async def import_(call: Call) -> Response:
    """POST /accounts: connects an account whose upstream token the caller has already."""
    app = call.identify()
    if call.credential.scheme != "apikey":
        raise KloudlessError("forbidden", "Importing an account needs the API Key.")
    body = await call.json()
    service = BY_NAME.get(str(body.get("service")))
    extra = REQUIRED_ON_IMPORT.get(str(body.get("service")), ())
    _checked(body, ("service", "admin", "enterprise_id", *_TEXTS, *_TIMES, *_FLAGS, *extra))
    missing = [name for name in ("account", "service", "token", *extra) if not body.get(name)]
    if missing:
        raise invalid(f"Missing: {', '.join(missing)}.")
    if service is None or (service.connectable and call.fault(NO_CONNECTOR)):
        raise invalid("There is no such service.")
    admin = bool(body.get("admin"))
    identity = Upstream(Road.TOKEN, None, None, body["token"], body.get("refresh_token"))
    if service.connectable:
        probe = _probe(call, identity)
        identity.subject = await _whose(call, probe)
        if admin:
            identity = await _organisation(call, probe, body)
    elif admin:
        raise KloudlessError(
            "request_failed", "This service's admin accounts can't be imported here."
        )
    account = call.service.add_account(
        app,
        name=body["account"],
        service=service.name,
        admin=admin,
        upstream=identity,
        scope=scopes.effective(service.name, admin=admin),
        at=call.service.now(app.app_id),
    )
    _apply(account, body)
    return wire.Json(shown(call, account, full=True), 201)


def _probe(call: Call, identity: Upstream) -> Account:
    """An account that exists only to ask Box with the token that was handed in."""
    app, now = call.identify(), call.service.now()
    return Account(
        id=0,
        app_id=app.app_id,
        account="",
        service="box",
        admin=False,
        created=now,
        modified=now,
        tracked_from=now,
        upstream=identity,
        sealer=app.sealer,
        effective_scope="",
        visitor=app.visitor,
    )


async def _whose(call: Call, probe: Account) -> str | None:
    """Whose token it is, if Box knows it; an unknown one is imported all the same."""
    try:
        me = await upstream.fetch(call.service.state, probe, "/2.0/users/me", {"fields": "id"}, {})
    except KloudlessError:
        return None
    return str(me["id"])


async def _organisation(call: Call, probe: Account, body: Mapping[str, Any]) -> Upstream:
    """The upstream identity of an imported Box organisation: its service account over JWT."""
    app, state = call.identify(), call.service.state
    enterprise = body.get("enterprise_id")
    if not enterprise:
        raise invalid("Missing: enterprise_id.")
    if not app.jwt_keys or call.fault(NO_JWT_KEYS):
        raise KloudlessError("request_failed", "The application has no JWT keys for Box.")
    try:
        fields = {"fields": "id,role,enterprise"}
        me = await upstream.fetch(state, probe, "/2.0/users/me", fields, {})
    except KloudlessError as refused:
        raise KloudlessError("request_failed", "The token proves no Box user.") from refused
    tenant = str((me.get("enterprise") or {}).get("id"))
    if me.get("role") not in ("admin", "coadmin") or tenant != enterprise:
        raise KloudlessError(
            "request_failed", "The token is not one of an admin of that enterprise."
        )
    identity = Upstream(Road.JWT_ENTERPRISE, None, enterprise)
    probe.upstream = identity
    try:
        robot = await upstream.fetch(state, probe, "/2.0/users/me", {"fields": "id"}, {})
    except KloudlessError as refused:
        raise KloudlessError(
            "request_failed", "The enterprise has not authorized the app."
        ) from refused
    identity.subject = str(robot["id"])
    return identity


def _apply(account: Account, body: Mapping[str, Any]) -> None:
    for name in _FLAGS:
        if body.get(name) is not None:
            account.enabled = body[name]
    for name in _TIMES:
        if name in body:
            setattr(account, name, body[name])


async def update(call: Call) -> Response:
    """PATCH /accounts/{id}: display name, enabled, upstream tokens; never the service."""
    account, body = call.account, await call.json()
    if body.get("service", account.service) != account.service:
        raise invalid("The service of an account can't be changed.")
    _checked(body, ("service", *_TEXTS, *_TIMES, *_FLAGS))
    account.account = body.get("account", account.account)
    _apply(account, body)
    if body.get("token"):
        identity = account.upstream
        identity.road, identity.token = Road.TOKEN, body["token"]
        identity.subject = identity.token_ends = None
        call.service.drop_logs()
    if "refresh_token" in body:
        account.upstream.refresh_token = body["refresh_token"]
    account.modified = call.service.now(account.app_id)
    return wire.Json(shown(call, account, full=True))


async def delete(call: Call) -> Response:
    """DELETE /accounts/{id}: the account and its tokens are gone at once."""
    call.service.remove_account(call.account)
    return Response(status_code=204)


async def _encoded(call: Call, kinds: tuple[str, ...]) -> Response:
    account, body = call.account, await call.json()
    call.data_accounts()
    kind = body.get("type")
    raw_id = body.get("raw_id", body.get("id"))
    if not isinstance(raw_id, str) or not raw_id:
        raise invalid("raw_id must be text.")
    if not isinstance(kind, str) or kind not in kinds:
        raise KloudlessError("invalid_resource_type", f"type is one of {', '.join(kinds)}.")
    if kind == "user":
        made = person_id(raw_id)
    elif kind == "group":
        made = group_id(raw_id)
    else:
        made = account.sealer.seal(kind, raw_id)
    api = "team" if kind in ("user", "group") else "storage"
    return wire.Json({"id": made, "type": kind, "api": api, "account": account.id})


async def encode_raw_id(call: Call) -> Response:
    """POST /accounts/{id}/encode_raw_id: an upstream id as Kloudless's."""
    return await _encoded(call, ("file", "folder", "user", "group"))


async def convert_id(call: Call) -> Response:
    """POST /accounts/{id}/storage/convert_id: its predecessor, for files and folders."""
    return await _encoded(call, ("file", "folder"))
