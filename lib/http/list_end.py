"""That a list which is read page by page ends: a place that comes again, or no end in sight.

A server, or a proxy in front of it, that repeats a marker would be asked forever. Places are
compared in constant memory (R. P. Brent, An improved Monte Carlo factorization algorithm, 1980):
whatever circle they go in is noticed after at most three times its length.
"""

from typing import Final

import httpx

from lib.core.errors import Unreachable
from lib.http.faults import FaultKind, WireFault, unreachable

MOST_PAGES: Final = 100_000
"""Of one list: a hundred million entries at a thousand a page, hours at what an API allows."""


class ListEnd:
    """Watches one list from its first page on; `url` is an address of whoever answers."""

    def __init__(self, url: str, *, most_pages: int = MOST_PAGES) -> None:
        self._host = httpx.URL(url).host
        self._most = most_pages
        self._pages = 0
        self._compared: str | None = None
        self._again_at = 1

    def go_on(self, place: str) -> None:
        """A page says that the next one is at this place.

        Raises Unreachable (malformed) when it was there before, or the list has no end.
        """
        self._pages += 1
        if place == self._compared:
            raise self._endless("a page leads back to one that was read: the list never ends")
        if self._pages >= self._most:
            raise self._endless(f"the list doesn't end after {self._most:,} pages")
        if self._pages == self._again_at:
            self._compared = place
            self._again_at *= 2

    def _endless(self, detail: str) -> Unreachable:
        return unreachable(self._host, WireFault(FaultKind.MALFORMED, detail, sent=True))
