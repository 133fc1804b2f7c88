"""Exports between processes: filters as JSON, and the owner's response.

The owner streams the file; the caller writes it. Only the columns of an export travel, over
loopback, behind the owner's token.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from lib.activity.exporting.event_files import ExportFormat, stream
from lib.activity.queries.filters import Filters, condition
from lib.app.routes.loopback_api import json_body, other_version
from lib.store.events.events import EventStore


def to_json(filters: Filters, form: ExportFormat) -> dict[str, Any]:
    """The choice as JSON: profile, source, since, until (RFC 3339), include, format."""
    return {
        "profile": filters.profile,
        "source": filters.source,
        "since": filters.since.isoformat(),
        "until": filters.until.isoformat(),
        "include": {name: list(values) for name, values in filters.include.items()},
        "format": form,
    }


def from_json(body: Mapping[str, Any]) -> tuple[Filters, ExportFormat]:
    """The choice back from JSON. Raises ConfigurationError for what isn't one."""
    try:
        include = {
            str(name): tuple(str(value) for value in values)
            for name, values in dict(body.get("include") or {}).items()
        }
        filters = Filters(
            profile=str(body["profile"]),
            since=datetime.fromisoformat(body["since"]).astimezone(UTC),
            until=datetime.fromisoformat(body["until"]).astimezone(UTC),
            source=body.get("source"),
            include=include,
        )
        condition(filters, "")  # names and values that are no filter are refused here
        return filters, ExportFormat(str(body["format"]))
    except (KeyError, ValueError, TypeError) as error:
        raise other_version("The request isn't a valid export.") from error


async def export(request: Request, events: EventStore) -> Response:
    """`POST /export` of the owner: the file, streamed."""
    filters, form = from_json(await json_body(request))
    return StreamingResponse(stream(events, filters, form), media_type=form.media_type)
