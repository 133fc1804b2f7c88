"""Reading events of a profile into the ledger, up to now: whoever goes on reading calls again.

It writes the ledger only, so any process may do it; the owner of the event store drains what comes
in. Killed at any moment it goes on where it stopped, and what was acknowledged is never read anew.
"""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Final

from lib.activity.ingest.history import oldest_kept, read_late, read_past, unread
from lib.activity.ingest.live import anchor, catch_up, read_accounts, read_named, read_user
from lib.activity.ingest.page_writer import Cancelled, Clock, OnProgress, Reading, SyncProgress
from lib.activity.ingest.pairing import read_from, settle
from lib.activity.model.directory import known_person
from lib.activity.model.source import Source, source_read
from lib.box import BoxClient
from lib.core.errors import BoxApiError, RunbookError, TokenError
from lib.kloudless.client import KloudlessClient
from lib.settings.profiles import Profile
from lib.store.ledger.ledger import Ledger
from lib.store.ledger.reading_runs import RunState

PEOPLE_AGE: Final = timedelta(hours=12)
"""How old the list of users may get before a run reads it again."""
_RE_READ: Final = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class SyncResult:
    """What a run did. `added`, `repeated` and `quarantined` are as far as it is drained yet.

    `pending` counts inbox entries that still wait. `position` is the stream's last one.
    """

    profile: str
    run_id: int
    state: RunState
    read: int
    added: int
    repeated: int
    quarantined: int
    pending: int
    position: str | None
    oldest: datetime | None
    newest: datetime | None


def _ignore(progress: SyncProgress) -> None:
    del progress


def utc_now() -> datetime:
    """Now, in UTC."""
    return datetime.now(UTC)


def sync(  # the run's options
    profile: Profile,
    client: BoxClient | KloudlessClient,
    ledger: Ledger,
    *,
    since: timedelta | None = None,
    on_progress: OnProgress = _ignore,
    cancelled: threading.Event | None = None,
    clock: Clock = utc_now,
) -> SyncResult:
    """Read what isn't read yet: `since` ago until now, or all that the sender keeps.

    Newest days first. Cancelled, it returns what it has; what it read is kept either way. Raises
    what the client raises (BoxApiError, TokenError, Unreachable, RateLimited, KloudlessApiError);
    the run then says so too.
    """
    reading = _begin(profile, client, ledger, since, on_progress, cancelled, clock)
    return _run(reading, lambda: _read(reading, client), whole=True)


def sync_accounts(  # as sync
    profile: Profile,
    client: KloudlessClient,
    ledger: Ledger,
    account_ids: Sequence[str],
    *,
    on_progress: OnProgress = _ignore,
    cancelled: threading.Event | None = None,
    clock: Clock = utc_now,
) -> SyncResult:
    """Read what is new of these accounts alone, because a webhook named them.

    Says nothing about the others, so nothing is claimed to be complete: the next `sync` does.
    Raises as `sync`.
    """
    reading = _begin(profile, client, ledger, None, on_progress, cancelled, clock)
    read = partial(read_named, reading, client, account_ids)
    return _run(reading, read, whole=False)


def _run(reading: Reading, read: Callable[[], None], *, whole: bool) -> SyncResult:
    """Read, and close the run whatever happens. `whole`: everything of the source is asked for."""
    try:
        read()
    except Cancelled:
        reading.finish(RunState.CANCELLED, error=reading.note)
    except KeyboardInterrupt:  # in the middle of a call
        reading.finish(RunState.CANCELLED, error=reading.note)
        if not reading.asked_to_stop:
            raise
    except RunbookError as error:
        reading.finish(RunState.FAILED, error=f"{error.message} {error.cause}")
        raise
    except BaseException:
        reading.finish(RunState.FAILED, error="The run ended unexpectedly.")
        raise
    else:
        reading.finish(RunState.DONE, error=reading.note)
        if whole:
            settle(reading.ledger, reading.profile, reading.source)
    return result_of(reading.ledger, reading.run_id)


def result_of(ledger: Ledger, run_id: int) -> SyncResult:
    """What a run did, as its counts are now; read it again while `pending` isn't 0."""
    run = ledger.run(run_id)
    if run is None:
        msg = "no such run"
        raise LookupError(msg)
    return SyncResult(
        profile=run.profile,
        run_id=run.id,
        state=run.state,
        read=run.read,
        added=run.added,
        repeated=run.repeated,
        quarantined=run.quarantined,
        pending=run.pending,
        position=run.position,
        oldest=run.oldest,
        newest=run.newest,
    )


def _begin(  # as sync
    profile: Profile,
    client: BoxClient | KloudlessClient,
    ledger: Ledger,
    since: timedelta | None,
    on_progress: OnProgress,
    cancelled: threading.Event | None,
    clock: Clock,
) -> Reading:
    source = _source(profile, client)
    now = clock()
    asked = max(oldest_kept(now), now - since) if since is not None else oldest_kept(now)
    run_id = ledger.begin_run(kind="sync", profile=profile.key, source=source, at=now)
    return Reading(
        ledger,
        profile=profile.key,
        source=source,
        enterprise_id=profile.box.enterprise_id or None if profile.box else None,
        run_id=run_id,
        since=read_from(ledger, profile.key, source, asked),
        clock=clock,
        cancelled=cancelled or threading.Event(),
        on_progress=on_progress,
    )


def _source(profile: Profile, client: BoxClient | KloudlessClient) -> Source:
    if isinstance(client, KloudlessClient):
        return Source.KLOUDLESS
    if source_read(profile) is Source.BOX_USER_STREAM or client.as_user_id is not None:
        return Source.BOX_USER_STREAM
    return Source.BOX_STREAM


def _read(reading: Reading, client: BoxClient | KloudlessClient) -> None:
    if isinstance(client, KloudlessClient):
        read_accounts(reading, client, _accounts(client))
    elif reading.source == Source.BOX_USER_STREAM:
        read_user(reading, client)
    else:
        _read_enterprise(reading, client)


def _read_enterprise(reading: Reading, client: BoxClient) -> None:
    _learn_people(reading, client)
    # the position of now comes first: what happens while history is read isn't missed
    if not anchor(reading, client):
        catch_up(reading, client)
    since, until = reading.progress.since, reading.clock()
    # the last minutes settle by themselves: history isn't asked for them at every poll
    if any(gap.start < until - _RE_READ for gap in unread(reading, since, until)):
        read_past(reading, client, since, until)
        catch_up(reading, client)
    read_late(reading, client)


def _learn_people(reading: Reading, client: BoxClient) -> None:
    _, seen = reading.ledger.people_version(reading.profile)
    now = reading.clock()
    if seen is not None and now - seen < PEOPLE_AGE:
        return
    try:
        for page in client.users(fields=("id", "name", "login", "enterprise"), user_type="all"):
            people = [known_person(entry, reading.enterprise_id) for entry in page.entries]
            reading.ledger.remember_people(reading.profile, [p for p in people if p], now)
    except TokenError:
        raise
    except BoxApiError:
        return  # the app may not list users: who is who stays unknown


def _accounts(client: KloudlessClient) -> list[Mapping[str, Any]]:
    return [account for page in client.all_accounts() for account in page.objects]
