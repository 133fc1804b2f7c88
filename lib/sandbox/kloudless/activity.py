"""Events and activity: what happened in an account, page by page, and the subscriptions to it.

Both generations are served: `/events` (integer cursors) and `/subscriptions/{id}/activity` (the
same cursors as text). Facts: Kloudless contract 7; conventions in 15.
"""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from starlette.responses import Response

from lib.sandbox import wire
from lib.sandbox.kloudless import upstream
from lib.sandbox.kloudless.call import Call, envelope
from lib.sandbox.kloudless.errors import KloudlessError, invalid
from lib.sandbox.kloudless.faults import (
    CURSOR_EXPIRED,
    NO_SUBSCRIPTION,
    NOT_TRACKING,
    STALE_ACTIVITY,
    SUBSCRIPTION_INACTIVE,
)
from lib.sandbox.kloudless.feed import CursorLost, Feed, Slice
from lib.sandbox.kloudless.model import Account, Subscription, stamp

AFTER_AUTH = "after-auth"
DEFAULT = "default"
_LOST = "The cursor is unknown or has expired."
_LONGEST_H = 100_000  # eleven years
_BOUND = "-"  # between a cursor and the end of the window that it stays in


@dataclass(frozen=True, slots=True)
class _Where:
    """Where a page begins and what bounds it."""

    after: int | None = None
    start: datetime | None = None
    until: datetime | None = None

    def sign(self, cursor: int) -> int | str:
        """The cursor to give out: one that was bound to a window stays so."""
        if self.until is None:
            return cursor
        return f"{cursor}{_BOUND}{int(self.until.timestamp() * 1_000_000)}"


def _where(call: Call) -> _Where:
    cursor, start, until = call.text("cursor"), call.instant("from"), call.instant("until")
    if cursor is not None and (start is not None or until is not None):
        raise invalid("cursor can't be combined with from or until.")
    if until is not None and start is None:
        raise invalid("until needs from.")
    if cursor is None or cursor == AFTER_AUTH:
        return _Where(None, start, until)
    expired = call.service.state.faults.active(CURSOR_EXPIRED, call.client_id)
    if expired is not None and cursor not in expired.notes:
        call.fault(CURSOR_EXPIRED)
        raise invalid(_LOST)
    number, _, bound = cursor.partition(_BOUND)
    if not number.isascii() or not number.isdigit() or len(number) > 18:  # noqa: PLR2004  # 63 bits
        raise invalid("cursor was not given out by this API.")
    if not bound:
        return _Where(int(number))
    if not bound.isascii() or not bound.isdigit() or len(bound) > 17:  # noqa: PLR2004  # year 5138
        raise invalid("cursor was not given out by this API.")
    return _Where(int(number), None, datetime.fromtimestamp(int(bound) / 1_000_000, UTC))


def _given(call: Call, cursor: int | str) -> int | str:
    """The cursor itself, remembered as one that was given out while old ones are refused."""
    expired = call.service.state.faults.active(CURSOR_EXPIRED, call.client_id)
    if expired is not None:
        expired.notes.add(str(cursor))
    return cursor


async def _nothing(call: Call, account: Account, where: _Where) -> Slice:
    cursor = where.after
    if cursor is None:
        cursor = await asyncio.to_thread(call.service.feed(account).latest)
    return Slice((), cursor, 0)


async def _slice(call: Call, account: Account, where: _Where, not_before: int) -> Slice:
    size = call.page_size(call.service.conventions.events_page_size)
    app = call.service.apps[account.app_id]
    tracked = app.events_enabled and not call.fault(NOT_TRACKING)
    feed = call.service.feed(account)
    if not tracked:
        return await _nothing(call, account, where)
    try:
        return await asyncio.to_thread(
            feed.page,
            where.after,
            size,
            start=where.start,
            until=where.until,
            not_before=not_before,
        )
    except CursorLost as error:
        raise invalid(_LOST) from error


def _answer(call: Call, account: Account, page: Slice, cursor: int | str) -> Response:
    maker = call.maker(account)
    objects = [maker.activity(entry) for entry in page.entries]
    more = {"cursor": _given(call, cursor), "remaining": page.remaining}
    return wire.Json(envelope(objects, "activity", **more))


def _existing(call: Call, account: Account) -> list[Subscription]:
    """An account's subscriptions: all, or those made since a fault took the others away."""
    found = call.service.subscriptions_of(account)
    gone = call.fault(NO_SUBSCRIPTION)
    return found if gone is None else [one for one in found if one.born > gone.started_at]


def _default(call: Call, account: Account) -> Subscription | None:
    return next((one for one in _existing(call, account) if one.default), None)


def _is_active(call: Call, subscription: Subscription) -> bool:
    return subscription.active and not call.fault(SUBSCRIPTION_INACTIVE)


async def _tracked(call: Call) -> Account:
    account = await _opened(call)
    await upstream.prove(call.service.state, account)
    return account


async def _opened(call: Call) -> Account:
    """The account; whom X-Kloudless-As-User names must be one that Box lets it act for."""
    account = call.data_account()
    if "x-kloudless-as-user" in call.request.headers:
        await call.box("/2.0/users/me", account, {"fields": "id"})
    return account


async def events(call: Call) -> Response:
    """GET .../events: oldest first, from the cursor on. Without a subscription there are none."""
    account, where = await _tracked(call), _where(call)
    subscription = _default(call, account)
    if subscription is None or not _is_active(call, subscription):
        page = await _nothing(call, account, where)
    else:
        page = await _slice(call, account, where, subscription.since)
    return _answer(call, account, page, where.sign(page.cursor))


async def latest(call: Call) -> Response:
    """GET .../events/latest: the cursor of the newest event."""
    account = await _tracked(call)
    cursor = await asyncio.to_thread(call.service.feed(account).latest)
    return wire.Json({"cursor": _given(call, cursor)})


def _subscription(call: Call, account: Account) -> Subscription:
    name = call.ids["subscription"]
    if name == DEFAULT:
        found = _default(call, account)
    else:
        found = next((one for one in _existing(call, account) if str(one.id) == name), None)
    if found is None:
        raise KloudlessError("not_found", "There is no such subscription.")
    return found


def _shown(call: Call, subscription: Subscription) -> dict[str, Any]:
    account = call.service.accounts[subscription.account]
    off = call.fault(SUBSCRIPTION_INACTIVE)
    still = call.fault(STALE_ACTIVITY)
    cursor, moved = subscription.last_cursor, subscription.last_cursor_updated_at
    if still is not None:
        hours = min(max(still.params["hours"], 0), _LONGEST_H)
        moved = call.service.now() - timedelta(hours=hours)
        cursor = str(Feed.cursor_at(moved))
    return {
        "id": subscription.id,
        "account": account.id,
        "type": "subscription",
        "api": "activity",
        "active": _is_active(call, subscription),
        "disable_reason": off.params["reason"] if off is not None else None,
        "subscription_type": subscription.subscription_type,
        "default": subscription is _default(call, account),
        "expiry": None,
        "created": stamp(subscription.created),
        "modified": stamp(subscription.modified),
        "last_cursor": cursor,
        "last_cursor_updated_at": stamp(moved),
        "monitored_resources": [],
        "monitored_resource_object_type": None,
        "monitored_resource_api": None,
        "href": f"{call.base}/accounts/{account.id}/subscriptions/{subscription.id}",
    }


async def subscriptions(call: Call) -> Response:
    """GET .../subscriptions."""
    account = await _opened(call)
    found = _existing(call, account)
    objects = [_shown(call, subscription) for subscription in found]
    return wire.Json(envelope(objects, "activity", page=1, next_page=None))


def _requested(body: dict[str, Any]) -> bool | None:
    """What a body says of `active`. Box has no monitoring of single resources."""
    strange = body.keys() - {"active", "monitored_resources", "subscription_type"}
    if strange:
        raise invalid(f"Unknown attribute: {', '.join(sorted(strange))[:200]}.")
    active = body.get("active")
    if active is not None and not isinstance(active, bool):
        raise invalid("active must be true or false.")
    if body.get("subscription_type", "changes") != "changes":
        raise invalid("subscription_type is changes.")
    resources = body.get("monitored_resources") or []
    if not isinstance(resources, list):
        raise invalid("monitored_resources is a list.")
    if resources:
        raise KloudlessError("not_implemented", "Box accounts can't monitor single resources.")
    return active


async def subscribe(call: Call) -> Response:
    """POST .../subscriptions: tracking begins now; an empty body is enough."""
    account = await _tracked(call)
    active = _requested(await call.json())
    since = await asyncio.to_thread(call.service.feed(account).latest)
    at = call.service.now(account.app_id)
    made = call.service.add_subscription(account, at=at, since=since)
    made.active = active is not False
    made.default = made.default or _default(call, account) is None
    return wire.Json(_shown(call, made), 201)


async def subscription(call: Call) -> Response:
    """GET .../subscriptions/{id}; `default` is an alias."""
    return wire.Json(_shown(call, _subscription(call, await _opened(call))))


async def resubscribe(call: Call) -> Response:
    """PATCH .../subscriptions/{id}: switches it on or off."""
    found = _subscription(call, call.data_account())
    active = _requested(await call.json())
    if active is not None:
        found.active = active
    found.modified = call.service.now()
    return wire.Json(_shown(call, found))


async def unsubscribe(call: Call) -> Response:
    """DELETE .../subscriptions/{id}."""
    del call.service.subscriptions[_subscription(call, call.data_account()).id]
    return Response(status_code=204)


async def activity(call: Call) -> Response:
    """GET .../subscriptions/{id}/activity: as events, with cursors as text."""
    account, where = await _tracked(call), _where(call)
    found = _subscription(call, account)
    if not _is_active(call, found):
        raise KloudlessError("request_failed", "The subscription is switched off.")
    page = await _slice(call, account, where, found.since)
    cursor = str(where.sign(page.cursor))
    found.last_cursor = cursor
    found.last_cursor_updated_at = call.service.now()
    return _answer(call, account, page, cursor)


async def activity_latest(call: Call) -> Response:
    """GET .../subscriptions/{id}/activity/latest: the newest cursor, as text."""
    account = await _tracked(call)
    _subscription(call, account)
    cursor = await asyncio.to_thread(call.service.feed(account).latest)
    return wire.Json({"cursor": _given(call, str(cursor))})
