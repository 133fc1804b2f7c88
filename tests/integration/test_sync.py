"""Reading from the sandbox over HTTP, as the app and the command line do."""

import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from lib.activity.ingest.drain import drain_all
from lib.activity.ingest.page_writer import FULL, SyncProgress
from lib.activity.ingest.stream_comparison import compare, due, latest
from lib.activity.ingest.sync import result_of, sync, sync_accounts
from lib.activity.queries import source_of_record, summaries
from lib.activity.queries.filters import Filters
from lib.app.clients import Clients
from lib.box import BoxClient, Subject, SubjectType, connect
from lib.core.errors import BoxApiError, RunbookError, TokenError
from lib.http import Egress, Journal, Policy
from lib.kloudless.client import KloudlessClient
from lib.settings.profiles import BoxAuth, Profile, sandbox_profile
from lib.store import Stores, session_stores
from lib.store.events import rollups
from lib.store.ledger.reading_runs import RunState
from tests.counting import counted_by_day
from tests.sandbox_server import SandboxServer

DAY = timedelta(days=1)
NOW = datetime(2026, 11, 1, 6, tzinfo=UTC)


def clock() -> datetime:
    """Some hours after the sandbox's world ends."""
    return NOW


@pytest.fixture
def profile(sandbox: SandboxServer) -> Profile:
    return sandbox_profile(sandbox.credentials())


@pytest.fixture
def client(sandbox: SandboxServer, profile: Profile) -> Iterator[BoxClient]:
    egress = Egress.for_profile(profile, sandbox_url=sandbox.url)
    # without the minute's budget, which the tests of this module would share
    made = connect(profile, egress=egress, journal=Journal(), policy=Policy(budget=None))
    yield made
    made.close()


def by_day(stores: Stores, key: str, source: str | None = None) -> dict[str, int]:
    return counted_by_day(stores.events, Filters(key, NOW - 400 * DAY, NOW + DAY, source))


def days(truth: Any, count: int) -> dict[str, int]:
    return dict(sorted(truth["events"]["by_day"].items())[-count:])


def test_a_week_is_read_completely_and_a_second_time_not_at_all(
    sandbox: SandboxServer, profile: Profile, client: BoxClient, stores: Stores
) -> None:
    result = sync(profile, client, stores.ledger, since=7 * DAY + 6 * DAY / 24, clock=clock)
    drain_all(stores)
    assert by_day(stores, profile.key) == days(sandbox.truth(), 7)
    done = result_of(stores.ledger, result.run_id)
    assert (done.state, done.pending, done.repeated, done.quarantined) == (RunState.DONE, 0, 0, 0)
    assert done.added == done.read == stores.events.count()
    again = sync(profile, client, stores.ledger, since=7 * DAY, clock=clock)
    assert again.read == 0
    assert again.position == done.position


def test_the_newest_whole_days_come_first(
    profile: Profile, client: BoxClient, stores: Stores
) -> None:
    seen: list[SyncProgress] = []
    sync(profile, client, stores.ledger, since=9 * DAY, clock=clock, on_progress=seen.append)
    starts = [p.reached for p in seen if p.reached is not None]
    midnight = NOW.replace(hour=0)
    assert starts[0] == midnight - DAY
    assert sorted(set(starts), reverse=True)[:7] == [midnight - n * DAY for n in range(1, 8)]
    assert seen[-1].reached == NOW - 9 * DAY


def test_a_cancelled_run_keeps_what_it_read_and_the_next_goes_on(
    sandbox: SandboxServer, profile: Profile, client: BoxClient, stores: Stores
) -> None:
    stop = threading.Event()

    def stop_soon(progress: SyncProgress) -> None:
        if progress.pages >= 4:
            stop.set()

    first = sync(
        profile,
        client,
        stores.ledger,
        since=5 * DAY,
        clock=clock,
        cancelled=stop,
        on_progress=stop_soon,
    )
    assert first.state is RunState.CANCELLED
    assert first.pending > 0
    second = sync(profile, client, stores.ledger, since=5 * DAY, clock=clock)
    drain_all(stores)
    whole = days(sandbox.truth(), 4)
    found = by_day(stores, profile.key)
    assert {day: found[day] for day in whole} == whole
    # windows overlap a little, for late arrivals
    assert 0 <= first.read + second.read - stores.events.count() < 20


def test_a_repeated_page_is_counted_once(
    sandbox: SandboxServer, profile: Profile, client: BoxClient, stores: Stores
) -> None:
    with sandbox.fault("repeated_page", times=2):
        result = sync(profile, client, stores.ledger, since=2 * DAY, clock=clock)
    drain_all(stores)
    assert days(sandbox.truth(), 1).items() <= by_day(stores, profile.key).items()
    done = result_of(stores.ledger, result.run_id)
    assert done.added == stores.events.count() == done.read - done.repeated


def test_an_empty_page_that_says_zero_never_moves_a_position_back(
    sandbox: SandboxServer, profile: Profile, client: BoxClient, stores: Stores
) -> None:
    first = sync(profile, client, stores.ledger, since=2 * DAY, clock=clock)
    with sandbox.fault("empty_page_zero"):
        second = sync(
            profile, client, stores.ledger, since=3 * DAY, clock=lambda: NOW + timedelta(hours=1)
        )
    assert second.read == 0
    assert second.position == first.position


def test_regression_one_stray_empty_page_hides_nothing(
    sandbox: SandboxServer, profile: Profile, client: BoxClient, stores: Stores
) -> None:
    anchored = sync(profile, client, stores.ledger, since=DAY / 24, clock=clock)
    with sandbox.fault("empty_page_zero", times=2):  # the stream's page, then the window's first
        result = sync(profile, client, stores.ledger, since=30 * DAY / 24, clock=clock)
    drain_all(stores)
    assert anchored.state is result.state is RunState.DONE
    assert days(sandbox.truth(), 1).items() <= by_day(stores, profile.key).items()


def test_late_arrivals_are_read_when_they_are_in(
    sandbox: SandboxServer, profile: Profile, client: BoxClient, stores: Stores
) -> None:
    first = NOW.replace(hour=0, minute=1)
    whole = days(sandbox.truth(), 1)
    with sandbox.fault("late_arrivals", every=2):
        sync(profile, client, stores.ledger, since=2 * DAY, clock=lambda: first)
    drain_all(stores)
    assert not whole.items() <= by_day(stores, profile.key).items()
    sync(profile, client, stores.ledger, since=2 * DAY, clock=lambda: first + 2 * DAY / 24)
    drain_all(stores)
    assert whole.items() <= by_day(stores, profile.key).items()


def test_a_refused_token_fails_the_run_and_says_so(
    sandbox: SandboxServer, profile: Profile, stores: Stores
) -> None:
    assert profile.box is not None
    wrong = replace(profile, box=replace(profile.box, client_id="nobody"))
    egress = Egress.for_profile(wrong, sandbox_url=sandbox.url)
    with connect(wrong, egress=egress, journal=Journal()) as client, pytest.raises(TokenError):
        sync(wrong, client, stores.ledger, since=DAY, clock=clock)
    (run,) = stores.ledger.runs(profile.key)
    assert run.state is RunState.FAILED
    assert run.error


def test_the_directory_tells_people_apart(
    profile: Profile, client: BoxClient, stores: Stores
) -> None:
    sync(profile, client, stores.ledger, since=3 * DAY, clock=clock)
    drain_all(stores)
    filters = Filters(profile.key, NOW - 3 * DAY, NOW)
    kinds = dict.fromkeys(summaries.top(stores.events, filters, "kind")["value"])
    assert {"managed", "service"} <= set(kinds)
    assert next(iter(kinds)) == "managed"


def test_live_events_arrive_through_the_stream(own_sandbox: SandboxServer, stores: Stores) -> None:
    profile = sandbox_profile(own_sandbox.credentials())
    egress = Egress.for_profile(profile, sandbox_url=own_sandbox.url)
    now = datetime.now(UTC)
    policy = Policy(budget=None)
    with connect(profile, egress=egress, journal=Journal(), policy=policy) as client:
        sync(profile, client, stores.ledger, since=DAY, clock=lambda: now)
        emitted = own_sandbox.post("/sandbox/emit", {"count": 3})["event_ids"]
        later = now + timedelta(minutes=10)
        deadline = time.monotonic() + 30
        while sync(profile, client, stores.ledger, since=DAY, clock=lambda: later).read < len(
            emitted
        ):
            assert time.monotonic() < deadline
            time.sleep(0.2)  # the sandbox counts calls as strictly as Box
    drain_all(stores)
    found = stores.events.rows("SELECT event_id FROM events WHERE stream = 'admin_logs_streaming'")
    assert set(emitted) <= {event_id for (event_id,) in found}


def test_a_user_stream_is_read_and_counted_apart(
    sandbox: SandboxServer, profile: Profile, stores: Stores
) -> None:
    assert profile.box is not None
    user_id = sandbox.credentials()["box"]["users"]["managed"]
    egress = Egress.for_profile(profile, sandbox_url=sandbox.url)
    subject = Subject(SubjectType.USER, user_id)
    with connect(profile, egress=egress, journal=Journal(), subject=subject) as client:
        personal = replace(profile, box=replace(profile.box, auth=BoxAuth.OAUTH, user_id=user_id))
        result = sync(personal, client, stores.ledger, clock=clock)
        drain_all(stores)
        again = sync(personal, client, stores.ledger, clock=clock)
    assert result.read > 0
    assert again.read == 0
    assert [f.source for f in stores.events.sources(profile.key)] == ["box_user_stream"]
    assert source_of_record.source_of_record(stores.events, profile.key) == "box_user_stream"


def test_kloudless_accounts_are_read_and_counted_as_their_own_source(
    own_sandbox: SandboxServer, stores: Stores
) -> None:
    # its own sandbox: elsewhere accounts are imported, and a new one has nothing to cover yet
    profile = sandbox_profile(own_sandbox.credentials())
    clients = Clients((), lambda: own_sandbox.url)
    only = replace(profile, box=None)
    kloudless = clients.reader(only)
    assert isinstance(kloudless, KloudlessClient)
    result = sync(only, kloudless, stores.ledger, clock=clock)
    drain_all(stores)
    assert result.read > 0
    (facts,) = stores.events.sources(profile.key)
    assert facts.source == "kloudless"
    done = result_of(stores.ledger, result.run_id)
    assert facts.events == done.added
    assert done.added + done.repeated == done.read
    assert stores.events.coverage(profile.key, "kloudless")
    again = sync(only, kloudless, stores.ledger, clock=clock)
    assert again.read == 0
    clients.close()


def test_faults_of_the_other_side_leave_a_run_that_can_go_on(
    sandbox: SandboxServer, profile: Profile, client: BoxClient, stores: Stores
) -> None:
    with sandbox.fault("no_report_right"), pytest.raises((BoxApiError, RunbookError)):
        sync(profile, client, stores.ledger, since=DAY, clock=clock)
    assert stores.ledger.runs(profile.key)[0].state is RunState.FAILED
    assert sync(profile, client, stores.ledger, since=DAY, clock=clock).state is RunState.DONE


def test_a_full_session_stops_reading_and_says_why(profile: Profile, client: BoxClient) -> None:
    session = session_stores(row_limit=300)

    def drain_at_once(_progress: SyncProgress) -> None:
        drain_all(session)

    result = sync(
        profile,
        client,
        session.ledger,
        since=5 * DAY,
        clock=clock,
        on_progress=drain_at_once,
    )
    assert result.state is RunState.CANCELLED
    assert session.ledger.runs(profile.key)[0].error == FULL
    assert session.events.count() == 300
    session.close()


def test_accounts_that_a_webhook_names_are_read_and_nothing_is_claimed(
    own_sandbox: SandboxServer, stores: Stores
) -> None:
    """What lies between two complete syncs stays claimed by the second, whoever read it before."""
    profile = sandbox_profile(own_sandbox.credentials())
    clients = Clients((), lambda: own_sandbox.url)
    only = replace(profile, box=None)
    kloudless = clients.reader(only)
    assert isinstance(kloudless, KloudlessClient)
    account = str(own_sandbox.credentials()["kloudless"]["admin_account"])
    first = sync_accounts(only, kloudless, stores.ledger, [account, "1"], clock=clock)
    drain_all(stores)
    assert result_of(stores.ledger, first.run_id).added == stores.events.count() > 0
    assert "1 accounts" in str(stores.ledger.runs()[0].error)
    assert stores.events.coverage(profile.key, "kloudless") == []
    sync(only, kloudless, stores.ledger, clock=clock)
    drain_all(stores)
    before = stores.events.coverage(profile.key, "kloudless")

    def later() -> datetime:
        return NOW + 2 * DAY

    sync_accounts(only, kloudless, stores.ledger, [account], clock=lambda: NOW + DAY)
    sync(only, kloudless, stores.ledger, clock=later)
    drain_all(stores)
    (span,) = stores.events.coverage(profile.key, "kloudless")
    assert (span.start, span.end > before[0].end) == (before[0].start, True)
    clients.close()


def test_a_day_is_compared_with_its_history_and_what_was_missing_is_added(
    profile: Profile, client: BoxClient, stores: Stores
) -> None:
    key, calm = profile.key, threading.Event()
    sync(profile, client, stores.ledger, since=4 * DAY, clock=clock)
    drain_all(stores)
    day = due(stores.ledger, key, NOW)
    assert day is not None
    compare(key, None, client, stores.ledger, day, clock=clock, cancelled=calm)
    drain_all(stores)
    found = latest(stores.ledger, key)
    assert found is not None
    assert (found.history, found.left_out) == (by_day(stores, key)[f"{day.start:%Y-%m-%d}"], 0)
    assert due(stores.ledger, key, NOW) is None
    with stores.events.writing() as cursor:
        cursor.execute("DELETE FROM events WHERE hour(occurred_at) = 9")
        rollups.rebuild(cursor)
    compare(key, None, client, stores.ledger, day, clock=clock, cancelled=calm)
    drain_all(stores)
    again = latest(stores.ledger, key)
    assert again is not None
    assert again.left_out > 0
    assert by_day(stores, key)[f"{day.start:%Y-%m-%d}"] == found.history
    assert stores.ledger.inbox.all_positions(key, "box_stream") != []
