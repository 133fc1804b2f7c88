"""An account's events, subscriptions and their activity, as Kloudless reports them.

Cursors are opaque and kept as text, whether they come as numbers or not; `-1` and nothing at all
are no cursors, and never replace one. A hosted service kept a day of events, an appliance about a
week. Source: the published Kloudless SDKs and documentation archives.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import httpx

from lib.core.time_texts import rfc3339
from lib.http import ListEnd, malformed, read_list, segment
from lib.kloudless.api_errors import ObjectPage, cursor_text
from lib.kloudless.client import KloudlessClient

MAX_PAGE_SIZE: Final = 1000
# How many pages in a row may leave the cursor where it was before we stop believing in progress.
_MAX_STUCK: Final = 3


@dataclass(frozen=True, slots=True)
class ActivityPage:
    """One page of events: the JSON as Kloudless sent it.

    `cursor` is where to continue, the previous one when the answer had none. `remaining` is how
    many events are left after this page, None where it isn't reported.
    """

    body: bytes
    count: int
    cursor: str | None
    account_id: str
    remaining: int | None = None


def events(
    client: KloudlessClient,
    account_id: str,
    cursor: str | None = None,
    page_size: int = MAX_PAGE_SIZE,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
) -> Iterator[ActivityPage]:
    """The pages of an account's events from a cursor, or of a span, oldest first, up to the end.

    The last page may be empty; its cursor is where to continue. `since` and `until` only count
    without a cursor; `until` needs `since`. Raises KloudlessApiError, Unreachable, RateLimited.
    """
    path = f"/accounts/{segment(account_id)}/events"
    return _pages(client, path, account_id, cursor, _span(since, until), page_size)


def subscriptions(client: KloudlessClient, account_id: str) -> ObjectPage:
    """The subscriptions of an account."""
    return client.page(f"/accounts/{segment(account_id)}/subscriptions")


def _pages(
    client: KloudlessClient,
    path: str,
    account_id: str,
    cursor: str | None,
    span: Mapping[str, str],
    page_size: int,
) -> Iterator[ActivityPage]:
    stuck = 0
    end = ListEnd(client.base_url)
    while True:
        # Kloudless refuses a cursor together with a span: the cursor stays inside the span.
        place = {"cursor": cursor} if cursor is not None else span
        response = client.request("GET", path, params={**place, "page_size": page_size})
        page = _page_of(response, account_id, cursor)
        stuck = stuck + 1 if page.cursor == cursor else 0
        yield page
        if not page.count or page.remaining == 0:
            return
        if stuck >= _MAX_STUCK:
            raise malformed(response, "the cursor doesn't move on")
        if page.cursor is not None and page.cursor != cursor:
            end.go_on(page.cursor)
        cursor = page.cursor


def _page_of(response: httpx.Response, account_id: str, cursor: str | None) -> ActivityPage:
    body, objects = read_list(response, "objects")
    remaining = body.get("remaining")
    return ActivityPage(
        body=response.content,
        count=len(objects),
        cursor=cursor_text(body.get("cursor")) or cursor,
        account_id=account_id,
        remaining=remaining if isinstance(remaining, int) else None,
    )


def _span(since: datetime | None, until: datetime | None) -> dict[str, str]:
    if until is not None and since is None:
        msg = "until needs since"
        raise ValueError(msg)
    requested = {"from": since, "until": until}
    return {name: rfc3339(when) for name, when in requested.items() if when is not None}
