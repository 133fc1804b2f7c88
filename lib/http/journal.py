"""What was asked and how it was answered: a bounded list of calls, safe to show.

It keeps no header, no body and no query. Paths pass the redaction.
"""

import time
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime
from threading import Lock
from typing import Any, Final

import httpx
import orjson

from lib.core.call import Call
from lib.core.redaction import redact
from lib.http.capture import capture
from lib.http.context import context_of, note_call
from lib.http.faults import WireFault
from lib.http.responses import bearer_error

__all__ = ["Call", "Journal", "JournalTransport"]

_ERROR_FROM: Final = 400
# Box sends `box-request-id`; the others are what proxies and self-hosted appliances use.
_ID_HEADERS: Final = ("box-request-id", "x-request-id")


class Journal:
    """The last calls, oldest first. May be written by several threads."""

    def __init__(self, limit: int = 500) -> None:
        self._calls: deque[Call] = deque(maxlen=limit)
        self._lock = Lock()

    @property
    def calls(self) -> tuple[Call, ...]:
        """The calls kept now."""
        with self._lock:
            return tuple(self._calls)

    def add(self, call: Call) -> None:
        """Keep one call; the oldest goes when there are too many."""
        with self._lock:
            self._calls.append(call)

    def clear(self) -> None:
        """Forget every call."""
        with self._lock:
            self._calls.clear()


class JournalTransport(httpx.BaseTransport):
    """Writes each attempt that passes through it into a journal."""

    def __init__(
        self,
        inner: httpx.BaseTransport,
        journal: Journal,
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._inner = inner
        self._journal = journal
        self._clock = clock
        self._monotonic = monotonic

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Pass the request on and note how it went."""
        at, started = self._clock(), self._monotonic()
        status: int | None = None
        ids: tuple[str, ...] = ()
        code: str | None = None
        try:
            response = self._inner.handle_request(request)
            status, ids, code = response.status_code, *_traces(response)
        except WireFault as fault:
            code = fault.kind
            raise
        finally:
            call = Call(
                at=at,
                method=request.method,
                host=request.url.netloc.decode("ascii"),
                path=redact(request.url.path),
                status=status,
                ms=round((self._monotonic() - started) * 1000, 1),
                request_ids=ids,
                attempt=context_of(request).attempt,
                error_code=code,
            )
            self._journal.add(call)
            note_call(request, call)
            capture(request, call)
        return response

    def close(self) -> None:
        """Close the wrapped transport."""
        self._inner.close()


def _traces(response: httpx.Response) -> tuple[tuple[str, ...], str | None]:
    ids = [response.headers[name] for name in _ID_HEADERS if name in response.headers]
    if response.status_code < _ERROR_FROM:
        return tuple(ids), None
    body = _error_body(response)
    # Box names its id request_id, Kloudless id.
    own = body.get("request_id") or (body.get("id") if "error_code" in body else None)
    if isinstance(own, str) and own:
        ids.append(own)
    code = body.get("code") or body.get("error_code") or body.get("error")
    if not isinstance(code, str):
        code = bearer_error(response.headers.get("www-authenticate"))[0]
    return tuple(redact(text)[:100] for text in ids), redact(code)[:100] if code else None


def _error_body(response: httpx.Response) -> dict[str, Any]:
    try:
        body = orjson.loads(response.content)
    except orjson.JSONDecodeError:
        return {}
    return body if isinstance(body, dict) else {}
