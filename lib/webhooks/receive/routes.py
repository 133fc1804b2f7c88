"""Where deliveries come in: `/webhooks/box/{profile}` and `/webhooks/kloudless/{profile}`.

The same routes in the app and in `python -m lib receive`. The receiver behind them may still be on
its way while the process starts: a request waits for it a while, because a sender that is turned
away comes back minutes later. Loads nothing heavy.
"""

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from starlette.routing import BaseRoute, Route
from starlette.types import Receive, Scope, Send

if TYPE_CHECKING:
    from lib.webhooks.receive.receiver import Receiver

PREFIX: Final = "/webhooks/"
START_S: Final = 20.0
_STEP_S: Final = 0.05
_MOST_EARLY: Final = 200


class Absent(Exception):  # an answer, not a fault
    """Nothing receives here, and nothing is going to."""


class Unavailable(Exception):  # as above
    """What receives here can't keep anything now."""


Find = Callable[[], "Receiver | None"]
"""The receiver; None while it is on its way. Raises Absent and Unavailable."""


def routes(find: Find) -> list[BaseRoute]:
    """The routes, every method: what isn't a POST is refused with its reason."""
    return [
        Route(f"{PREFIX}{kind}/{{profile}}{end}", endpoint)
        for kind in ("box", "kloudless")
        for endpoint in [WebhookEndpoint(kind, find)]
        for end in ("", "/")  # as some typed it; a sender doesn't follow a redirect
    ]


class WebhookEndpoint:
    """One of the two addresses, as an ASGI application."""

    def __init__(self, kind: str, find: Find) -> None:
        self._kind = kind
        self._find = find
        self._early = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        try:
            receiver = self._find() or await self._soon()
        except Absent:
            await _send(send, scope, 404, _ABSENT)
            return
        except Unavailable:
            await _send(send, scope, 503, _UNAVAILABLE, headers=((b"retry-after", b"5"),))
            return
        if receiver is None:
            await _send(send, scope, 503, _STARTING, headers=((b"retry-after", b"5"),))
            return
        from lib.webhooks.receive.receiver import Kind  # noqa: PLC0415  # is loaded: there is a receiver

        answer = await receiver.receive(
            Kind(self._kind), scope["path_params"]["profile"], scope, receive
        )
        if answer.delay_s:
            await asyncio.sleep(answer.delay_s)
        await _send(send, scope, answer.status, answer.body, answer.media_type, answer.headers)

    async def _soon(self) -> "Receiver | None":
        """The receiver, as soon as it is there; None when that takes too long."""
        if self._early >= _MOST_EARLY:
            return None
        self._early += 1
        try:
            for _ in range(int(START_S / _STEP_S)):
                await asyncio.sleep(_STEP_S)
                receiver = self._find()
                if receiver is not None:
                    return receiver
        finally:
            self._early -= 1
        return None


_ABSENT: Final = b'{"ok":false,"error":"Nothing receives webhooks here."}'
_UNAVAILABLE: Final = b'{"ok":false,"error":"This app can store nothing now; send it again."}'
_STARTING: Final = b'{"ok":false,"error":"This app is still starting; send it again."}'


async def _send(
    send: Send,
    scope: Scope,
    status: int,
    body: bytes,
    media_type: str = "application/json",
    headers: tuple[tuple[bytes, bytes], ...] = (),
) -> None:
    await send(
        {
            "type": "http.response.start",
            "status": status,
            "headers": [
                (b"content-type", media_type.encode()),
                (b"content-length", str(len(body)).encode()),
                *headers,
            ],
        }
    )
    shown = b"" if scope["method"] == "HEAD" else body
    await send({"type": "http.response.body", "body": shown})
