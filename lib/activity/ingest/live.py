"""Reading what goes on: from a stored position to the present.

A stored position says since when what follows it is complete (`Position.at`). Reading from it to
its end moves that time on and claims the stretch. A stream that nobody followed for longer than
the sender keeps it begins anew, and history fills the gap.
Sources: Box API reference, events (streaming loop); Kloudless API reference, activity.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from lib.activity.ingest.account_repeats import account_id as id_of
from lib.activity.ingest.account_repeats import leaders, note_named, note_repeats
from lib.activity.ingest.json_values import microseconds, to_datetime
from lib.activity.ingest.normalise import page_entries
from lib.activity.ingest.page_writer import Reading
from lib.activity.model.coverage import SETTLING
from lib.activity.model.event import KLOUDLESS_STREAM
from lib.box import BoxClient
from lib.box.events import KEPT, NOW, Stream, read_stream
from lib.core.errors import BoxApiError, KloudlessApiError, TokenError
from lib.kloudless.activity import events as kloudless_events
from lib.kloudless.client import KloudlessClient
from lib.store.ledger.inbox import Position

_MARGIN: Final = timedelta(days=1)
_BAD_REQUEST: Final = 400
_REFUSALS: Final = frozenset({400, 401, 403, 404, 405, 501})


def anchor(reading: Reading, client: BoxClient) -> bool:
    """Take the newest position of the enterprise's stream, unless one is held that still works.

    True if it was taken now: what is older must then come from the history.
    """
    stored = _stored(reading, Stream.ADMIN_LOGS_STREAMING)
    now = reading.clock()
    kept = KEPT[Stream.ADMIN_LOGS_STREAMING] - _MARGIN
    if stored is not None and now - stored.at < kept:
        return False
    for page in read_stream(client, NOW):
        if page.next_position in (None, NOW):
            break  # no position was told: the next run asks again, history reads meanwhile
        position = _position(reading, Stream.ADMIN_LOGS_STREAMING, page.next_position, now)
        reading.keep(page.body, page.count, position)
    return True


def catch_up(reading: Reading, client: BoxClient) -> None:
    """Read the enterprise's stream from its stored position to its end."""
    stored = _stored(reading, Stream.ADMIN_LOGS_STREAMING)
    if stored is None:
        anchor(reading, client)
        return
    try:
        _follow_box(reading, client, stored)
    except BoxApiError as error:
        if isinstance(error, TokenError) or error.status != _BAD_REQUEST:
            raise
        # the position isn't one any more; history fills what lies between
        reading.ledger.inbox.acknowledge(forget=stored)
        anchor(reading, client)


def read_user(reading: Reading, client: BoxClient) -> None:
    """Read a user's own stream: at first everything that Box keeps, then from the position."""
    stored = _stored(reading, Stream.ALL)
    now = reading.clock()
    kept = KEPT[Stream.ALL]
    if stored is None or now - stored.at >= kept:
        stored = _position(reading, Stream.ALL, None, now - kept)
    _follow_box(reading, client, stored)


def read_accounts(
    reading: Reading, client: KloudlessClient, accounts: Iterable[Mapping[str, Any]]
) -> None:
    """Read the events of connected accounts, each from its cursor.

    An account that refuses (its token has ended, say) doesn't stop the others: the run tells how
    many couldn't be read. Raises when all refuse, and what isn't about one account.
    """
    accounts = list(accounts)
    starts: dict[str, datetime] = {}
    refused: list[KloudlessApiError] = []
    now = reading.clock()
    for account in accounts:
        account_id = id_of(account)
        if not account_id or not _enabled(account):
            continue
        reading.check()
        try:
            starts[account_id] = _read_account(reading, client, account_id, now)
        except KloudlessApiError as error:
            if error.status not in _REFUSALS:
                raise
            refused.append(error)
    if refused and not starts:
        raise refused[0]
    if refused:
        reading.note = f"{len(refused)} accounts can't be read. {refused[0].message}"
    if starts:
        note_repeats(reading, client, accounts, starts, now)
        reading.claim(max(starts.values()), now)


def read_named(reading: Reading, client: KloudlessClient, account_ids: Iterable[str]) -> None:
    """Read the new events of accounts that somebody named.

    Since when they are complete stays as it was: that only moves on for all accounts together, or
    what lies between wouldn't be claimed by anybody. An account that refuses is noted.
    The admin account of a person's organisation is read first: it is counted for what both tell.
    """
    account_ids = list(account_ids)
    refused: list[KloudlessApiError] = []
    read: set[str] = set()
    now = reading.clock()
    admins = leaders(reading, account_ids)
    for account_id in dict.fromkeys([*admins.values(), *account_ids]):
        reading.check()
        try:
            _read_pages(reading, client, account_id, now)
            read.add(account_id)
        except KloudlessApiError as error:
            if error.status not in _REFUSALS:
                raise
            refused.append(error)
    note_named(reading, admins, read, now)
    if refused:
        reading.note = f"{len(refused)} accounts can't be read. {refused[0].message}"


def _enabled(account: Mapping[str, Any]) -> bool:
    """Whether an account can be read; `active` is the older name of `enabled`."""
    return account.get("enabled", account.get("active")) is not False


def _follow_box(reading: Reading, client: BoxClient, stored: Position) -> None:
    now = reading.clock()
    last = stored.position
    for page in read_stream(client, stored.position, stored.stream):
        last = page.next_position
        reading.keep(
            page.body,
            page.count,
            _position(reading, stored.stream, last, stored.at),
            times=(page.first_created_at, page.last_created_at),
        )
    complete = max(stored.at, now - SETTLING)
    reading.claim(stored.at, now, position=_position(reading, stored.stream, last, complete))


def _read_account(
    reading: Reading, client: KloudlessClient, account_id: str, now: datetime
) -> datetime:
    """Read one account; since when what is held of it is complete."""
    since, cursor = _read_pages(reading, client, account_id, now)
    complete = max(since or now, now - SETTLING)
    reading.ledger.inbox.acknowledge(
        position=_account_position(reading, account_id, cursor, complete)
    )
    return since or now


def _read_pages(
    reading: Reading, client: KloudlessClient, account_id: str, now: datetime
) -> tuple[datetime | None, str | None]:
    """Keep the pages of one account from its cursor on; since when it is read, and the cursor."""
    stored = reading.ledger.inbox.position(
        reading.profile, reading.source, KLOUDLESS_STREAM, account_id
    )
    if stored is not None and stored.position is not None:
        try:
            return _pages_from(reading, client, account_id, now, stored)
        except KloudlessApiError as error:
            if error.status != _BAD_REQUEST:
                raise
            # Kloudless let go of the cursor: what it still keeps is read anew
            reading.ledger.inbox.acknowledge(forget=stored)
    return _pages_from(reading, client, account_id, now, None)


def _pages_from(
    reading: Reading,
    client: KloudlessClient,
    account_id: str,
    now: datetime,
    stored: Position | None,
) -> tuple[datetime | None, str | None]:
    since = None if stored is None else stored.at
    cursor = None if stored is None else stored.position
    for page in kloudless_events(client, account_id, cursor):
        oldest, newest = _times(page.body)
        since = since or oldest
        at = since or now
        cursor = page.cursor
        reading.keep(
            page.body,
            page.count,
            _account_position(reading, account_id, cursor, at),
            times=(oldest.isoformat() if oldest else None, newest.isoformat() if newest else None),
            account_id=account_id,
        )
    return since, cursor


def _times(body: bytes) -> tuple[datetime | None, datetime | None]:
    known = [
        us
        for entry in page_entries(body)
        if isinstance(entry, dict)
        for us in (microseconds(entry.get("modified")),)
        if us is not None
    ]
    if not known:
        return None, None
    return to_datetime(min(known)), to_datetime(max(known))


def _stored(reading: Reading, stream: str) -> Position | None:
    return reading.ledger.inbox.position(reading.profile, reading.source, stream)


def _position(reading: Reading, stream: str, position: str | None, at: datetime) -> Position:
    return Position(reading.profile, reading.source, stream, "", position, at)


def _account_position(
    reading: Reading, account_id: str, cursor: str | None, at: datetime
) -> Position:
    return Position(reading.profile, reading.source, KLOUDLESS_STREAM, account_id, cursor, at)
