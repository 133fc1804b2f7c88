"""Reports between processes: the scope as JSON, and the owner's response."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from lib.activity.queries.filters import Filters
from lib.app.routes.loopback_api import json_body, other_version
from lib.report.forms import make
from lib.report.report import ReportFormat, ReportScope
from lib.store.events.events import EventStore


def to_json(scope: ReportScope, form: ReportFormat) -> dict[str, Any]:
    """The scope as JSON: profile, label, source, since, until (RFC 3339), timezone, format."""
    filters = scope.filters
    return {
        "profile": filters.profile,
        "label": scope.label,
        "source": filters.source,
        "since": filters.since.isoformat(),
        "until": filters.until.isoformat(),
        "timezone": scope.timezone,
        "format": form,
    }


def from_json(body: Mapping[str, Any]) -> tuple[ReportScope, ReportFormat]:
    """The scope back from JSON. Raises ConfigurationError for what isn't one."""
    try:
        filters = Filters(
            profile=str(body["profile"]),
            since=datetime.fromisoformat(body["since"]).astimezone(UTC),
            until=datetime.fromisoformat(body["until"]).astimezone(UTC),
            source=body.get("source"),
        )
        scope = ReportScope(filters, str(body["label"]), str(body["timezone"]))
        return scope, ReportFormat(str(body["format"]))
    except (KeyError, ValueError, TypeError) as error:
        raise other_version("The request isn't a valid report.") from error


async def report(request: Request, events: EventStore) -> Response:
    """`POST /report` of the owner: the file."""
    scope, form = from_json(await json_body(request))
    now = datetime.now(UTC)
    body = await run_in_threadpool(lambda: make(events, scope, form, now=now))
    return Response(body, media_type=form.media_type)
