"""Downloads that are streamed, never built in memory, and available to one browser only.

A page requests a ticket when it draws a link; the ticket is 256 random bits, works once, for ten
minutes, and only with the cookie of the page's own browser. Streamlit's media URLs
have none of these properties. What a ticket streams is decided when it is made, with the rights of
the session that asked.
"""

import hmac
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse

from lib.app.routes.browser_cookie import COOKIE

TICKET_LIFETIME_S: Final = 600.0
MAX_TICKETS: Final = 2000


@dataclass(frozen=True, slots=True)
class Download:
    """What a ticket gives: a file name, a media type, and its bytes in chunks.

    `profile` is the key of the profile whose events they are.
    """

    file_name: str
    media_type: str
    chunks: Callable[[], Iterator[bytes]]
    profile: str = ""


@dataclass(frozen=True, slots=True)
class _Ticket:
    offer: Download
    browser: str
    expires_at: float


class DownloadTickets:
    """Makes and redeems tickets. `clock` counts seconds and never goes back."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._tickets: OrderedDict[str, _Ticket] = OrderedDict()
        self._lock = threading.Lock()

    def issue(self, offer: Download, *, browser: str) -> str:
        """A ticket for `offer`, bound to the browser with that cookie value."""
        key = secrets.token_urlsafe(32)
        with self._lock:
            self._tickets[key] = _Ticket(offer, browser, self._clock() + TICKET_LIFETIME_S)
            while len(self._tickets) > MAX_TICKETS:
                self._tickets.popitem(last=False)
        return key

    def withdraw(self, key: str) -> None:
        """Forget a ticket that is no longer shown."""
        with self._lock:
            self._tickets.pop(key, None)

    def forget(self, profile: str) -> None:
        """Forget every ticket for the events of that profile, and with them the events."""
        with self._lock:
            for key in [
                k for k, ticket in self._tickets.items() if ticket.offer.profile == profile
            ]:
                del self._tickets[key]

    def redeem(self, key: str, *, browser: str) -> Download | None:
        """What the ticket offers; None for an unknown, used, late or foreign one."""
        with self._lock:
            ticket = self._tickets.get(key)
            if (
                ticket is None
                or not browser
                or not hmac.compare_digest(ticket.browser.encode(), browser.encode())
            ):
                return None
            del self._tickets[key]
            return ticket.offer if self._clock() < ticket.expires_at else None


TICKETS: Final = DownloadTickets()


def download(request: Request) -> Response:
    """`GET /download/{ticket}`: the file, or 404 without a word about why."""
    offer = TICKETS.redeem(request.path_params["ticket"], browser=request.cookies.get(COOKIE, ""))
    if offer is None:
        return PlainTextResponse(
            "This download link has been used or has expired. Go back and press the button again.",
            status_code=404,
        )
    return StreamingResponse(
        offer.chunks(),
        media_type=offer.media_type,
        headers={
            "Content-Disposition": f'attachment; filename="{offer.file_name}"',
            "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
        },
    )
