"""How everything here talks HTTP: one httpx client, made of small transports that wrap each other.

    retry → budget → journal → wire (guard, connection pool, limits)

Every attempt spends a call of the budget and is in the journal. The guard sits innermost, so that
nothing gets past it. The caller hands in what differs: which hosts may be reached, where calls are
noted, how long to wait. Proxy settings of the environment are ignored: a proxy would resolve names
itself, behind the guard's back.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from urllib.parse import quote

import httpx

from lib.core.call import Call
from lib.http.budget import (
    BOX_CALLS_PER_MINUTE,
    RESERVED_FOR_PAGES,
    SHARED_BUDGET,
    Budget,
    BudgetTransport,
)
from lib.http.capture import Exchange, capturing
from lib.http.context import CallContext, Priority, call_of
from lib.http.egress import Egress, Resolver, is_public, resolve
from lib.http.error_bodies import answered, error_body, foreign_text, too_many
from lib.http.faults import FaultKind, blocked, let_go, unreachable
from lib.http.journal import Journal, JournalTransport
from lib.http.lifetime import Closable, Closing
from lib.http.list_end import ListEnd
from lib.http.responses import (
    bearer_error,
    date_of,
    malformed,
    read_json,
    read_list,
    read_object,
    retry_after_s,
    without_sent,
)
from lib.http.retry import (
    SAFE_METHODS,
    TOO_MANY_REQUESTS,
    RetryPolicy,
    RetryTransport,
    Waiting,
    rate_limited,
)
from lib.http.wire import WireTransport

__all__ = [
    "BOX_CALLS_PER_MINUTE",
    "RESERVED_FOR_PAGES",
    "SAFE_METHODS",
    "SHARED_BUDGET",
    "TOO_MANY_REQUESTS",
    "Budget",
    "Call",
    "CallContext",
    "Closable",
    "Closing",
    "Egress",
    "Exchange",
    "FaultKind",
    "Journal",
    "ListEnd",
    "Policy",
    "Priority",
    "Resolver",
    "RetryPolicy",
    "Waiting",
    "answered",
    "bearer_error",
    "build_client",
    "call_of",
    "capturing",
    "date_of",
    "error_body",
    "foreign_text",
    "is_public",
    "malformed",
    "rate_limited",
    "read_json",
    "read_list",
    "read_object",
    "resolve",
    "retry_after_s",
    "segment",
    "send",
    "too_many",
    "without_sent",
]

USER_AGENT: Final = "box-runbook"


@dataclass(frozen=True, slots=True)
class Policy:
    """How patient and how large. Times in seconds, sizes in bytes.

    `budget` None switches the client-side limit off, for measuring a reader.
    """

    connect_s: float = 10.0
    read_s: float = 60.0
    max_response_bytes: int = 32_000_000
    retry: RetryPolicy = field(default_factory=RetryPolicy)
    budget: Budget | None = SHARED_BUDGET
    waiting: Waiting = field(default_factory=Waiting)


def build_client(egress: Egress, journal: Journal, *, policy: Policy | None = None) -> httpx.Client:
    """An httpx client that reaches what `egress` allows and notes its calls in `journal`.

    It may be used by several threads, and is closed by whoever made it. Its calls raise Unreachable
    and RateLimited; answers with an error status are answers.
    """
    policy = policy or Policy()
    clock: Callable[[], datetime] = policy.waiting.clock
    transport: httpx.BaseTransport = WireTransport(egress, max_bytes=policy.max_response_bytes)
    transport = JournalTransport(transport, journal, clock=clock)
    if policy.budget is not None:
        transport = BudgetTransport(transport, policy.budget)
    transport = RetryTransport(
        transport, policy.retry, budget=policy.budget, waiting=policy.waiting
    )
    return httpx.Client(
        transport=transport,
        timeout=httpx.Timeout(policy.read_s, connect=policy.connect_s),
        trust_env=False,
        follow_redirects=False,
        headers={"User-Agent": USER_AGENT, "Accept": "application/json"},
    )


def send(
    http: httpx.Client,
    method: str,
    url: str,
    *,
    context: CallContext | None = None,
    params: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
    json: Any = None,
    form: Mapping[str, str] | None = None,
) -> httpx.Response:
    """Send one request and read the whole answer; parameters that are None are left out.

    Raises Unreachable when no answer came or the address may not be asked, RateLimited when the
    wait would be too long.
    """
    requested = {name: value for name, value in (params or {}).items() if value is not None}
    try:
        if http.is_closed:  # httpx would raise what only a programmer understands
            raise unreachable(httpx.URL(url).host, let_go())
        return http.request(
            method,
            url,
            params=requested or None,
            headers=dict(headers or {}),
            json=json,
            data=dict(form) if form is not None else None,
            extensions=(context or CallContext()).as_extensions(),
        )
    except (httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
        fault = blocked("the address isn't a valid URL")
        raise unreachable("That address", fault) from error


def segment(value: str) -> str:
    """A value as one segment of a path: whatever was typed, it doesn't lead elsewhere."""
    text = quote(str(value), safe=",")
    return text.replace(".", "%2E") if not text.strip(".") else text
