"""JSON bodies of requests: read, or refused as Box refuses them."""

from typing import Any

import orjson
from starlette.requests import Request

from lib.sandbox.box.answers import BoxError


async def json_object(request: Request) -> dict[str, Any]:
    """The JSON object in the body; an empty body is an empty object. Raises 400."""
    try:
        body = orjson.loads(await request.body() or b"{}")
    except orjson.JSONDecodeError as error:
        raise BoxError(400, problems=[("body", "Entity body is not valid JSON")]) from error
    if not isinstance(body, dict):
        raise BoxError(400, problems=[("body", "Entity body should be a JSON object")])
    return body
