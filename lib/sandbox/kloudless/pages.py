"""Opaque pages: `next_page` seals where to go on, so a client can only hand it back.

The first page is asked for by leaving `page` out or by 1 (Kloudless contract 2.7).
"""

from typing import Any

import orjson

from lib.sandbox.kloudless.errors import invalid
from lib.sandbox.kloudless.ids import BadId, Sealer


def seal_page(sealer: Sealer, family: str, place: Any) -> str:
    """The `next_page` of a family of lists: `place` is any JSON value."""
    return "p" + sealer.seal("page", orjson.dumps([family, place]).decode())[1:]


def open_page(sealer: Sealer, family: str, text: str | None) -> Any:
    """The sealed place, None for the first page. Raises invalid_parameters."""
    if text in (None, "1"):
        return None
    refused = invalid("page is no next_page of this list.")
    if not text or not text.startswith("p"):
        raise refused
    try:
        found, place = orjson.loads(sealer.open("page", "F" + text[1:]))
    except (BadId, ValueError) as error:
        raise refused from error
    if found != family:
        raise refused
    return place
