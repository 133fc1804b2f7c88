"""The public catalogue of services: no authorization needed (Kloudless contract 5.2)."""

from starlette.responses import Response

from lib.sandbox import wire
from lib.sandbox.kloudless.call import Call, envelope
from lib.sandbox.kloudless.catalogue import BY_NAME, SERVICES, Service, shown
from lib.sandbox.kloudless.errors import KloudlessError
from lib.sandbox.kloudless.faults import NO_CONNECTOR


async def services(call: Call) -> Response:
    """GET /public/services: all, or those with one of `apis`."""
    apis = {api for api in (call.text("apis") or "").split(",") if api}
    _check_application(call)
    full = call.flag("retrieve_properties") is True
    found = [
        shown(service, properties=full)
        for service in SERVICES
        if (not apis or apis & set(service.apis)) and _is_offered(call, service)
    ]
    return wire.Json(envelope(found, "meta", total=len(found), page=1))


async def service(call: Call) -> Response:
    """GET /public/services/{name}."""
    _check_application(call)
    found = BY_NAME.get(call.ids["service"])
    if found is None or not _is_offered(call, found):
        raise KloudlessError("not_found", "There is no such service.")
    return wire.Json(shown(found, properties=call.flag("retrieve_properties") is not False))


def _check_application(call: Call) -> None:
    app_id = call.text("app_id")
    if app_id is not None and app_id not in call.service.apps:
        raise KloudlessError("not_found", "There is no such application.")


def _is_offered(call: Call, service: Service) -> bool:
    return not (service.connectable and call.fault(NO_CONNECTOR))
