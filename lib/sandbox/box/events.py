"""GET /events for the five streams, OPTIONS /events and the long poll behind it.

Positions are numbers above 2^53; admin_logs says its next one as text, the other streams as an
integer, as both were seen. Facts: Box API reference, sections 5.1 and 5.2.
"""

import asyncio
import csv
import secrets
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from lib.sandbox.box import apps
from lib.sandbox.box.answers import BoxError, BoxRoute, bad_parameter
from lib.sandbox.box.apps import DATA
from lib.sandbox.box.callers import Call, Caller, endpoint
from lib.sandbox.box.faults import HISTORY_REFUSED, STREAMING_REFUSED
from lib.sandbox.box.memory import Channel, memory_of
from lib.sandbox.box.paging import limit_of, rfc3339
from lib.sandbox.state import State
from lib.sandbox.wire import Json
from lib.sandbox.world import StreamPage

HISTORY = "admin_logs"
STREAMING = "admin_logs_streaming"
ENTERPRISE = (HISTORY, STREAMING)
OF_USER = ("all", "changes", "sync")
PROPERTIES = frozenset({apps.PROPERTIES})
REFUSED = {HISTORY: HISTORY_REFUSED, STREAMING: STREAMING_REFUSED}
LIMIT, MOST = 100, 500
HIGHEST = 2**63 - 1
RETRY_TIMEOUT_S = 610
LOOK_EVERY_S = 0.25
CHANNELS_KEPT = 10_000


@dataclass(frozen=True, slots=True)
class _Question:
    """One well-formed question for events."""

    stream: str
    position: int | None
    now: bool
    limit: int
    created_after: datetime | None = None
    created_before: datetime | None = None
    event_types: frozenset[str] = frozenset()


@cache
def known_types() -> frozenset[str]:
    """All event types that Box documents."""
    with (DATA / "event-types.csv").open(encoding="utf-8", newline="") as file:
        return frozenset(row["event_type"] for row in csv.DictReader(file))


def _position(request: Request, stream: str) -> tuple[int | None, bool]:
    said = request.query_params.get("stream_position", "").strip()
    if said in ("", "0", "null"):
        return None, False
    if said == "now" and stream != HISTORY:
        return None, True
    if not said.isascii() or not said.isdigit() or int(said) > HIGHEST:
        raise BoxError(400, "bad_request", "Invalid stream position")
    return int(said), False


def _time(request: Request, name: str) -> datetime | None:
    said = request.query_params.get(name, "")
    return rfc3339(name, said) if said else None


def _types(request: Request) -> frozenset[str]:
    given = request.query_params.getlist("event_type")
    names = frozenset(name.strip() for part in given for name in part.split(",") if name.strip())
    unknown = sorted(names - known_types())
    if unknown:
        raise bad_parameter("event_type", f"Invalid value '{unknown[0]}' for 'event_type'")
    return names


def _question(request: Request) -> _Question:
    stream = request.query_params.get("stream_type", "all")
    if stream not in (*ENTERPRISE, *OF_USER):
        raise bad_parameter("stream_type", f"Invalid value '{stream}' for 'stream_type'")
    position, now = _position(request, stream)
    limit = limit_of(request, LIMIT, MOST)
    if stream not in ENTERPRISE:
        return _Question(stream, position, now, limit)
    if stream == STREAMING:
        return _Question(stream, position, now, limit, event_types=_types(request))
    after, before = _time(request, "created_after"), _time(request, "created_before")
    return _Question(stream, position, now, limit, after, before, _types(request))


def _check_rights(caller: Caller, stream: str) -> None:
    if caller.for_another:
        raise caller.lacks_scope()
    caller.require_scope(PROPERTIES)
    may_report = caller.person.kind in ("admin", "service") or (
        caller.person.kind == "coadmin" and caller.person.can_run_reports
    )
    if not may_report or caller.fault("no_report_right") or caller.fault(REFUSED[stream]):
        raise BoxError(403)


async def events(request: Request, caller: Caller) -> Response:
    """GET /events."""
    question = _question(request)
    world, person = caller.state.world, caller.person
    if question.stream in ENTERPRISE:
        _check_rights(caller, question.stream)
    if question.now:
        of = None if question.stream in ENTERPRISE else person
        return _page(question, [], world.now_position(question.stream, of, question.event_types))
    if caller.fault("empty_page_zero"):
        return _page(question, [], 0)
    memory, token = memory_of(caller.state), caller.token.value
    last = memory.pages.get((token, question.stream))
    if last is not None and caller.fault("repeated_page"):
        return _page(question, last.entries, last.next_position)
    if question.stream in ENTERPRISE:
        page = _enterprise_page(caller, question)
    else:
        page = world.user_events(
            person, question.stream, position=question.position, limit=question.limit
        )
    if page.entries:
        memory.keep_page(token, question.stream, page)
    return _page(question, page.entries, page.next_position)


def _enterprise_page(caller: Caller, question: _Question) -> StreamPage:
    """A page, without the events that the fault late_arrivals holds back."""
    world, position = caller.state.world, question.position
    late = caller.state.faults.take("late_arrivals", caller.token.client_id)
    while True:
        page = world.enterprise_events(
            question.stream,
            position=position,
            limit=question.limit,
            created_after=question.created_after,
            created_before=question.created_before,
            event_types=question.event_types,
        )
        if late is None or question.stream != HISTORY or not page.entries:
            return page
        since = world.as_of().timestamp() - 60 * late.params["minutes"]
        there = [e for e in page.entries if not _withheld(e, since, int(late.params["every"]))]
        if there or page.next_position == position:
            return StreamPage(there, page.next_position)
        position = page.next_position


def _withheld(event: dict[str, Any], since: float, every: int) -> bool:
    recent = datetime.fromisoformat(event["created_at"]).timestamp() >= since
    return recent and int(event["event_id"][-6:], 16) % max(1, every) == 0


def _page(question: _Question, entries: list[dict[str, Any]], following: int) -> Response:
    position: str | int = str(following) if question.stream == HISTORY else following
    if following == 0:
        position = 0
    return Json({"chunk_size": len(entries), "next_stream_position": position, "entries": entries})


async def servers(request: Request, caller: Caller) -> Response:
    """OPTIONS /events: where to wait for changes. User streams only."""
    stream = request.query_params.get("stream_type", "all")
    if stream not in OF_USER:
        raise bad_parameter("stream_type", f"Invalid value '{stream}' for 'stream_type'")
    memory = memory_of(caller.state)
    channel = secrets.token_hex(10)
    while len(memory.channels) >= CHANNELS_KEPT:
        del memory.channels[next(iter(memory.channels))]
    memory.channels[channel] = Channel(caller.person.id, stream, caller.token.client_id)
    base = caller.state.settings.base_url
    return Json(
        {
            "chunk_size": 1,
            "entries": [
                {
                    "type": "realtime_server",
                    "url": f"{base}/subscribe?channel={channel}&stream_type={stream}",
                    "ttl": "10",
                    "max_retries": "10",
                    "retry_timeout": RETRY_TIMEOUT_S,
                }
            ],
        }
    )


async def _waited(state: State, request: Request) -> dict[str, Any]:
    """What the long poll says in the end: new_change, or reconnect."""
    reconnect = {"version": 1, "message": "reconnect"}
    channel = memory_of(state).channels.get(request.query_params.get("channel", ""))
    person = None if channel is None else state.world.person(channel.person_id)
    if channel is None or person is None:
        return reconnect
    if state.faults.take("long_poll_reconnect", channel.client_id):
        return reconnect
    said = request.query_params.get("stream_position", "now")
    known = (
        int(said)
        if said.isascii() and said.isdigit()
        else state.world.now_position(channel.stream, person)
    )
    ends = state.monotonic() + RETRY_TIMEOUT_S
    while state.monotonic() < ends and not await request.is_disconnected():
        if state.world.now_position(channel.stream, person) > known:
            return {"version": 1, "message": "new_change"}
        await asyncio.sleep(LOOK_EVERY_S)
    return reconnect


def routes(state: State) -> list[Route]:
    """The addresses of events."""

    async def subscribe(request: Request) -> Response:
        return Json(await _waited(state, request))

    return [
        endpoint(state, "/2.0/events", {"GET": Call(events), "OPTIONS": Call(servers)}),
        BoxRoute("/subscribe", subscribe, methods=["GET"]),
    ]
