"""How long calls took, by what was asked: percentiles from a call journal. Pure."""

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from lib.core.call import Call

# Box's ids are digits; Kloudless's are digits, or long and with digits or capitals in them.
_ID: Final = re.compile(r"[0-9]+|(?=.*[0-9A-Z])[A-Za-z0-9_=-]{16,}")
_ERROR_FROM: Final = 500
_LIMITED: Final = 429


class Server(StrEnum):
    """Who answered."""

    BOX = "Box"
    KLOUDLESS = "Kloudless"


@dataclass(frozen=True, slots=True)
class Latency:
    """Times of one group of calls, in milliseconds.

    `faults` are attempts without an answer, with a server error or refused for asking too often.
    A refusal such as 403 is an answer like another.
    """

    server: Server
    group: str
    calls: int
    faults: int
    p50: float
    p95: float
    p99: float
    longest: float
    first_at: datetime
    last_at: datetime


def group_of(call: Call) -> str:
    """What a call asks for, without the ids in it: `GET /2.0/users/{id}`."""
    parts = ["{id}" if _ID.fullmatch(part) else part for part in call.path.split("/")]
    return f"{call.method} {'/'.join(parts)}"


def server_of(call: Call) -> Server:
    """Whose address it is: Box has /2.0 and /oauth2, Kloudless its /v1 or /v2."""
    box = call.path.startswith(("/2.0/", "/oauth2/", "/api/oauth2/"))
    return Server.BOX if box else Server.KLOUDLESS


def latencies(calls: Iterable[Call], *, by_group: bool = True) -> list[Latency]:
    """Percentiles by server and group, the most often asked first; or one line for each server."""
    found: dict[tuple[Server, str], list[Call]] = {}
    for call in calls:
        key = (server_of(call), group_of(call) if by_group else "all calls")
        found.setdefault(key, []).append(call)
    lines = [_latency(server, group, part) for (server, group), part in found.items()]
    return sorted(lines, key=lambda line: (line.server, -line.calls, line.group))


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least this share (0 to 1) of them don't exceed.

    Raises ValueError without values.
    """
    if not values:
        message = "no values"
        raise ValueError(message)
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def _latency(server: Server, group: str, calls: Sequence[Call]) -> Latency:
    times = [call.ms for call in calls]
    return Latency(
        server,
        group,
        len(calls),
        sum(1 for call in calls if _is_fault(call)),
        percentile(times, 0.5),
        percentile(times, 0.95),
        percentile(times, 0.99),
        max(times),
        min(call.at for call in calls),
        max(call.at for call in calls),
    )


def _is_fault(call: Call) -> bool:
    return call.status is None or call.status >= _ERROR_FROM or call.status == _LIMITED
