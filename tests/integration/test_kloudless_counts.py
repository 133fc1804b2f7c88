"""One action is counted once with Kloudless as the source of record: the sandbox's truth."""

import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from lib.activity.exporting.event_files import ExportFormat, export
from lib.activity.ingest.drain import drain_all
from lib.activity.ingest.sync import sync, sync_accounts
from lib.activity.queries import period_totals, profiles, summaries, value_search
from lib.activity.queries.filters import Filters
from lib.app.clients import Clients
from lib.detections import running
from lib.kloudless.client import KloudlessClient
from lib.report import report
from lib.settings.profiles import Profile, sandbox_profile
from lib.store import Stores
from tests.counting import counted_by_day
from tests.sandbox_server import SandboxServer, running_sandbox

NOW = datetime(2026, 11, 1, 6, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def world() -> Iterator[SandboxServer]:
    with running_sandbox("--days", "5") as server:
        yield server


@pytest.fixture
def profile(world: SandboxServer) -> Profile:
    return replace(sandbox_profile(world.credentials()), box=None)


@pytest.fixture
def client(world: SandboxServer, profile: Profile) -> Iterator[KloudlessClient]:
    clients = Clients((), lambda: world.url)
    made = clients.reader(profile)
    assert isinstance(made, KloudlessClient)
    yield made
    clients.close()


def everything(profile: Profile) -> Filters:
    return Filters(profile.key, NOW - 10 * DAY, NOW + DAY)


def read(stores: Stores, profile: Profile, client: KloudlessClient) -> None:
    sync(profile, client, stores.ledger, clock=lambda: NOW)
    drain_all(stores)


def count(stores: Stores, filters: Filters) -> int:
    return period_totals.totals(stores.events, filters, now=NOW).current.events


def test_counts_are_the_sandboxs_truth(
    world: SandboxServer, stores: Stores, profile: Profile, client: KloudlessClient
) -> None:
    read(stores, profile, client)
    truth = world.truth()["kloudless"]
    admin = str(world.credentials()["kloudless"]["admin_account"])
    filters = everything(profile)
    stored = stores.events.count()
    assert stored == sum(truth["accounts"].values()) > truth["events"]["total"]
    assert count(stores, filters) == truth["events"]["total"]
    assert counted_by_day(stores.events, filters) == truth["events"]["by_day"]
    types = summaries.top(stores.events, filters, "type", limit=100)
    assert types["events"].sum() == truth["events"]["total"]
    assert (
        export(stores.events, filters, ExportFormat.JSONL, io.BytesIO())
        == (truth["events"]["total"])
    )
    for account, events in truth["accounts"].items():
        named = replace(filters, include={"account": (account,)})
        assert count(stores, named) == events, account == admin
    # a person's page and what a search says of them count as the charts do
    person = str(summaries.top(stores.events, filters, "actor", limit=1)["value"].iloc[0])
    acted = count(stores, replace(filters, include={"actor": (person,)}))
    found = profiles.subject(stores.events, filters, "actor", person)
    assert found is not None
    assert found.events == acted
    (match,) = value_search.find(stores.events, filters, "actor", person).found
    assert match.events == acted


def test_a_detection_judges_an_action_once(
    stores: Stores, profile: Profile, client: KloudlessClient
) -> None:
    read(stores, profile, client)
    scope = running.scope_of(stores.events, profile.key, NOW - 2 * DAY, NOW)
    asked = running._counting_once(stores.events, scope)
    sql = "SELECT count(*) FROM events WHERE profile = ? AND source = ?"
    [[judged]] = asked(sql, [profile.key, "kloudless"])
    assert judged == count(stores, everything(profile)) < stores.events.count()
    running.run(stores.events, scope)  # every question can be asked so


def test_without_an_admin_account_one_named_account_is_counted(
    world: SandboxServer, stores: Stores, profile: Profile, client: KloudlessClient
) -> None:
    admin = str(world.credentials()["kloudless"]["admin_account"])
    client.patch_account(admin, {"enabled": False})
    try:
        read(stores, profile, client)
        of_each = [n for one, n in world.truth()["kloudless"]["accounts"].items() if one != admin]
    finally:
        client.patch_account(admin, {"enabled": True})
    assert stores.events.count() == sum(of_each)
    known = period_totals.counted_range(stores.events, everything(profile))
    assert known is not None
    assert known.low == count(stores, everything(profile))
    assert known.high == stores.events.count() > known.low
    (named,) = known.accounts
    assert count(stores, replace(everything(profile), include={"account": (named,)})) == known.low
    scope = report.ReportScope(everything(profile), "Kloudless")
    made = report.build(stores.events, scope, now=NOW)
    assert f"between {known.low} and {known.high}" in made.known
    assert f"account {named}" in made.known


def test_with_an_admin_account_there_is_no_range(
    stores: Stores, profile: Profile, client: KloudlessClient
) -> None:
    read(stores, profile, client)
    assert period_totals.counted_range(stores.events, everything(profile)) is None


def test_a_person_named_by_a_webhook_is_read_after_the_admin_account(
    world: SandboxServer, stores: Stores, profile: Profile, client: KloudlessClient
) -> None:
    read(stores, profile, client)
    admin = str(world.credentials()["kloudless"]["admin_account"])
    person = next(one for one in world.truth()["kloudless"]["accounts"] if one != admin)
    before = len(world.get("/sandbox/log"))
    sync_accounts(profile, client, stores.ledger, [person], clock=lambda: NOW)
    asked = [one["path"].strip("/").split("/") for one in world.get("/sandbox/log")[before:]]
    assert [path[2] for path in asked if path[-1] == "events"] == [admin, person]


def test_a_cursor_that_kloudless_let_go_is_left_behind(
    world: SandboxServer, stores: Stores, profile: Profile, client: KloudlessClient
) -> None:
    read(stores, profile, client)
    with world.fault("kloudless_cursor_expired"):
        again = sync(profile, client, stores.ledger, clock=lambda: NOW)
        drain_all(stores)
    assert again.read > 0
    assert count(stores, everything(profile)) == world.truth()["kloudless"]["events"]["total"]


def test_what_happens_in_one_second_is_counted_each(
    own_sandbox: SandboxServer, stores: Stores
) -> None:
    # some people download one file several times in the second in which all of this happens
    profile = replace(sandbox_profile(own_sandbox.credentials()), box=None)
    own_sandbox.post("/sandbox/emit", {"count": 400, "event_type": "DOWNLOAD"})
    clients = Clients((), lambda: own_sandbox.url)
    client = clients.reader(profile)
    assert isinstance(client, KloudlessClient)
    sync(profile, client, stores.ledger)
    drain_all(stores)
    clients.close()
    now = datetime.now(UTC)
    filters = Filters(profile.key, now - 400 * DAY, now + DAY)
    truth = own_sandbox.truth()["kloudless"]["events"]["total"]
    assert period_totals.totals(stores.events, filters, now=now).current.events == truth
