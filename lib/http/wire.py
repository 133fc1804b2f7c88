"""The innermost transport: httpcore's connection pool behind the guard, with limits on answers.

httpx's own transport isn't used because it takes no network backend. An answer is read whole here,
so that a fault in the middle of a body is repeated like any other, and so that no answer grows past
the limit, packed or unpacked.
"""

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from ssl import SSLContext
from typing import Final

import httpcore
import httpx

from lib.http.egress import Egress, GuardedBackend
from lib.http.faults import FaultKind, WireFault, blocked, let_go, wire_faults

# Shorter than what servers usually keep an idle connection open, so that they rarely close it
# in the instant when we use it again.
_KEEPALIVE_S: Final = 4.0
_MAX_REDIRECTS: Final = 3
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
# Headers about the body as it was sent, untrue for the body that we hand on; and cookies, which
# would make one identity's calls carry what another one was given.
_DROPPED: Final = frozenset(
    {b"content-encoding", b"content-length", b"transfer-encoding", b"set-cookie"}
)


class WireTransport(httpx.BaseTransport):
    """Sends a request where the guard lets it. Raises WireFault when no usable answer comes."""

    def __init__(self, egress: Egress, *, max_bytes: int, connections: int = 20) -> None:
        self._egress = egress
        self._max_bytes = max_bytes
        self._lock = threading.Lock()
        self._at_work = 0
        self._closed = threading.Event()
        self._pool = httpcore.ConnectionPool(
            ssl_context=_trust(),
            max_connections=connections,
            max_keepalive_connections=connections,
            keepalive_expiry=_KEEPALIVE_S,
            network_backend=GuardedBackend(egress),
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """The whole answer, after redirects within the same host."""
        with self._working():
            for _ in range(_MAX_REDIRECTS + 1):
                response = self._send(request)
                following = self._following(request, response)
                if following is None:
                    return response
                request = following
            raise blocked("it redirects without end")

    def close(self) -> None:
        """Send nothing more; close every connection as soon as no request needs one.

        The pool takes no notice of being closed: a request that is on its way, or that waited for
        its turn meanwhile, would leave a connection behind that nobody closes.
        """
        with self._lock:
            self._closed.set()
            idle = not self._at_work
        if idle:
            self._pool.close()

    @contextmanager
    def _working(self) -> Iterator[None]:
        with self._lock:
            if self._closed.is_set():
                raise let_go()
            self._at_work += 1
        try:
            yield
        finally:
            with self._lock:
                self._at_work -= 1
                last = self._closed.is_set() and not self._at_work
            if last:
                self._pool.close()

    def _send(self, request: httpx.Request) -> httpx.Response:
        self._egress.check(request.url)
        stream = request.stream
        if not isinstance(stream, httpx.SyncByteStream):
            raise blocked("the request isn't made for this transport")
        url = request.url
        inner = httpcore.Request(
            method=request.method,
            url=httpcore.URL(
                scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
            ),
            headers=request.headers.raw,
            content=stream,
            extensions={"timeout": request.extensions.get("timeout", {})},
        )
        with wire_faults():
            answer = self._pool.handle_request(inner)
            try:
                body = self._read(answer)
            finally:
                answer.close()
        headers = [pair for pair in answer.headers if pair[0].lower() not in _DROPPED]
        return httpx.Response(answer.status, headers=headers, content=body, request=request)

    def _read(self, answer: httpcore.Response) -> bytes:
        reader = httpx.Response(answer.status, headers=answer.headers, stream=_Stream(answer))
        chunks: list[bytes] = []
        size = 0
        for chunk in reader.iter_bytes():
            size += len(chunk)
            if size > self._max_bytes:
                detail = f"the answer is larger than {self._max_bytes // 1_000_000} MB"
                raise WireFault(FaultKind.MALFORMED, detail, sent=True)
            chunks.append(chunk)
        return b"".join(chunks)

    def _following(self, request: httpx.Request, response: httpx.Response) -> httpx.Request | None:
        """The request that a redirect asks for; None when there is none to follow."""
        place = response.headers.get("location")
        if response.status_code not in _REDIRECTS or not place:
            return None
        try:
            target = request.url.join(place)
        except httpx.InvalidURL as error:
            raise blocked("it redirects to something that is no address") from error
        if (target.scheme, target.raw_host, target.port) != (
            request.url.scheme,
            request.url.raw_host,
            request.url.port,
        ):
            raise blocked("it redirects to another host, which is not followed")
        if request.method not in {"GET", "HEAD"}:
            return None
        return httpx.Request(
            request.method, target, headers=request.headers, extensions=request.extensions
        )


@cache
def _trust() -> SSLContext:
    """The certificates we trust, read once: that takes longer than a call."""
    return httpx.create_ssl_context()


class _Stream(httpx.SyncByteStream):
    def __init__(self, answer: httpcore.Response) -> None:
        self._stream: Iterable[bytes] = answer.iter_stream()

    def __iter__(self) -> Iterator[bytes]:
        yield from self._stream
