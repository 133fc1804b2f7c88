"""Managing, reconciling and alarms with the sandbox's Box: real calls, real signed deliveries.

Deliveries are taken from the wire and handed on to the receiver, so that a test can lose, delay and
repeat some of them.
"""

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest

from lib.activity.ingest.drain import coverage_body
from lib.app.background.checking import context_for
from lib.app.clients import Clients
from lib.box import BoxClient, connect
from lib.core.errors import BoxApiError
from lib.http import Egress, Journal, Policy
from lib.runbook.checks.running import run
from lib.runbook.health.incidents import Patience
from lib.runbook.health.recording import record_run
from lib.settings.profiles import Profile, sandbox_profile
from lib.store.ledger.inbox import EntryKind, NewEntry
from lib.store.spans import Span
from lib.webhooks.manage.lint_subjects import Owner
from lib.webhooks.manage.linting import LintSeverity, lint
from lib.webhooks.manage.subscriptions import (
    Identity,
    SubscriptionBatch,
    SubscriptionRequest,
    all_hooks,
    around,
    change,
    create,
    details,
    identity_of,
    paths_of,
    place_of,
    watching,
    work_through,
)
from lib.webhooks.reconcile.reconciliation import MissReason, Reconciliation, Watched
from lib.webhooks.reconcile.stored import account, parents_unknown
from tests.browser.conftest import wait_until
from tests.integration.sandbox.receiver import Delivery, Receiver, listening
from tests.sandbox_server import SandboxServer, running_sandbox
from tests.webhook_bench import Bench, bench

ADDRESS = "https://runbook.example/webhooks/box/sandbox"
TRIGGERS = ("FILE.UPLOADED", "FILE.DOWNLOADED", "FILE.PREVIEWED")
SMALL = ("--days", "3", "--users", "12", "--events-per-day", "60", "--no-rate-limits")
HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Box:
    """The sandbox's Box, seen by a managed user who owns folders."""

    sandbox: SandboxServer
    profile: Profile
    client: BoxClient
    identity: Identity

    @property
    def mine(self) -> BoxClient:
        return self.identity.client(self.client)

    def folders(self) -> list[str]:
        entries = self.mine.folder_items("0", offset=0, fields=("id", "type")).entries
        return [str(one["id"]) for one in entries if one["type"] == "folder"]

    def emitted(self, receiver: Receiver, **order: Any) -> set[str]:
        """Make things happen; the ids of the events, once all deliveries are here."""
        answer = self.sandbox.post("/sandbox/emit", {"count": 90, **order})
        assert {one["status"] for one in answer["deliveries"]} <= {204}
        assert len(answer["deliveries"]) == len(receiver.got)
        return set(answer["event_ids"])


@pytest.fixture(scope="module")
def module_box() -> Iterator[Box]:
    with running_sandbox(*SMALL, until=None) as sandbox:
        profile = sandbox_profile(sandbox.credentials())
        egress = Egress.for_profile(profile, sandbox_url=sandbox.url)
        client = connect(profile, egress=egress, journal=Journal(), policy=Policy(budget=None))
        managed = sandbox.credentials()["box"]["users"]["managed"]
        me = client.as_user(managed).me()
        yield Box(sandbox, profile, client, identity_of(me, acting=True))
        client.close()


@pytest.fixture
def box(module_box: Box) -> Iterator[Box]:
    """As the module's, without a webhook before and after."""
    yield module_box
    for hook in all_hooks(module_box.mine):
        module_box.mine.delete_webhook(hook.id)


def order(folder: str, **changes: Any) -> SubscriptionRequest:
    return replace(SubscriptionRequest("folder", folder, ADDRESS, TRIGGERS), **changes)


def test_each_identity_sees_its_own_webhooks(box: Box) -> None:
    made = create(box.mine, order(box.folders()[0]))
    assert all_hooks(box.mine) == (replace(made, address="", triggers=(), created_at=None),)
    assert all_hooks(box.client) == ()
    (listed,) = details(box.mine, all_hooks(box.mine))
    assert (listed.hook, listed.fault) == (made, None)
    assert listed.place is not None
    assert (listed.place.name != "", listed.place.above) == (True, ("0",))
    assert (box.identity.owner, identity_of(box.client.me()).owner) == (
        Owner.PERSON,
        Owner.SERVICE,
    )
    assert place_of(box.client, "folder", made.target_id) is None  # the service account doesn't


def test_a_change_sends_what_differs(box: Box) -> None:
    made = create(box.mine, order(box.folders()[0]))
    changed = change(box.mine, made, address=f"{ADDRESS}2", triggers=("FILE.MOVED",))
    assert changed == replace(made, address=f"{ADDRESS}2", triggers=("FILE.MOVED",))


def test_several_are_made_and_each_refusal_is_reported_by_itself(box: Box) -> None:
    folders = box.folders()[:3]
    create(box.mine, order(folders[1]))
    batch = SubscriptionBatch(tuple(map(order, [*folders, "404"])), box.identity, box.profile.key)
    steps = work_through(batch, box.mine)
    next(steps)
    assert [one.target_id for one in batch.left] == [*folders[1:], "404"]  # left, then gone on with
    assert len(list(work_through(batch, box.mine))) == 3
    assert batch.left == ()
    assert set(batch.made) == {folders[0], folders[2]}
    status = {key: e.status for key, e in batch.faults.items() if isinstance(e, BoxApiError)}
    assert status == {folders[1]: 409, "404": 404}


WRONG = (
    {"address": "http://runbook.example/"},
    {"address": "https://127.0.0.1/"},
    {"address": "https://10.1.2.3/"},
    {"address": "https://runbook.example:8443/"},
    {"address": "https://app.box.com/x"},
    {"address": "runbook"},
    {"target_id": "0"},
    {"triggers": ("FILE.READ",)},
    {"triggers": ("WEBHOOK.DELETED",)},
    {"triggers": ()},
)


def test_what_the_linter_calls_an_error_is_refused_and_nothing_else(box: Box) -> None:
    folder = box.folders()[0]
    me = around(datetime.now(UTC), box.identity, ())
    for changes in WRONG:
        requested = order(folder, **changes)
        assert LintSeverity.ERROR in {one.severity for one in lint(requested.hook, me)}, changes
        with pytest.raises(BoxApiError):
            create(box.mine, requested)
    requested = order(folder)
    assert {one.rule for one in lint(requested.hook, me)} == {"owner.person"}
    made = create(box.mine, requested)
    taken = around(datetime.now(UTC), box.identity, (made,))
    assert "target.taken" in {one.rule for one in lint(requested.hook, taken)}
    with pytest.raises(BoxApiError):
        create(box.mine, requested)


@contextlib.contextmanager
def watched(box: Box, folder: Path) -> Iterator[tuple[Receiver, Bench, Watched]]:
    """Webhooks on two folders, what they deliver, and a receiver that nobody feeds by itself."""
    hooks = [create(box.mine, order(one)) for one in box.folders()[:2]]
    with listening() as receiver, bench(folder, box.profile) as kept:
        box.sandbox.post("/sandbox/routes", {"from": ADDRESS, "to": f"{receiver.url}/in"})
        listed = tuple(details(box.mine, hooks))
        yield receiver, kept, Watched(tuple(map(watching, listed)), known=True)


def hand_on(kept: Bench, deliveries: Sequence[Delivery], at: datetime) -> None:
    kept.now = at
    for one in deliveries:
        answer = kept.ask("/webhooks/box/sandbox", content=one.body, headers=one.headers)
        assert answer.status_code == 200
    kept.drain()


def read_stream(box: Box, kept: Bench, ids: set[str]) -> None:
    """Bring these events of the live stream into the store, and mark the time as read."""
    seen: dict[str, Any] = {}
    position = "0"

    def all_there() -> bool:
        nonlocal position
        page = box.client.get(
            "/2.0/events",
            {
                "stream_type": "admin_logs_streaming",
                "limit": 500,
                "stream_position": position,
            },
        )
        seen.update({one["event_id"]: one for one in page["entries"]})
        position = str(page["next_stream_position"])
        return ids <= set(seen)

    wait_until(all_there)
    now = datetime.now(UTC)
    page = orjson.dumps({"entries": [seen[one] for one in ids], "next_stream_position": "1"})
    entry = NewEntry(EntryKind.PAGE, box.profile.key, "box_stream", page, now, "admin_logs")
    body = coverage_body(Span(now - HOUR, now + HOUR), read_at=now)
    span = NewEntry(EntryKind.COVERAGE, box.profile.key, "box_stream", body, now)
    kept.stores.ledger.inbox.acknowledge([entry, span])
    kept.drain()


def compared(box: Box, kept: Bench, what: Watched) -> Reconciliation:
    """The comparison of what happened just now, as it looks hours later."""
    now = datetime.now(UTC)
    period, later = (now - HOUR, now + HOUR), now + 3 * HOUR
    found = account(kept.stores.events, box.profile.key, period, what, now=later)
    places = paths_of(box.mine, parents_unknown(found, what))
    placed = replace(what, paths=places)
    return account(kept.stores.events, box.profile.key, period, placed, now=later)


def test_real_deliveries_reconcile_and_what_is_lost_repeated_and_late_is_reported(
    box: Box, tmp_path: Path
) -> None:
    with watched(box, tmp_path) as (receiver, kept, what):
        ids = box.emitted(receiver)
        came = list(receiver.got)
        assert len(came) >= 6
        now = datetime.now(UTC)
        lost, late, again, rest = came[:2], came[2:4], came[4:5], came[4:]
        hand_on(kept, [*rest, *again], now)
        hand_on(kept, late, now + timedelta(minutes=5))
        read_stream(box, kept, ids)
        found = compared(box, kept, what)
        assert found.both == len(came) - len(lost)
        assert found.missed == found.differences == len(lost)
        assert (found.repeated, found.late) == (len(again), len(late))
        assert found.reasons(of_stream=False) == {}
        hand_on(kept, lost, now + timedelta(minutes=6))
        whole = compared(box, kept, what)
        assert (whole.differences, whole.both) == (0, len(came))
        others = whole.reasons(of_stream=True)
        assert set(others) <= {MissReason.NOT_WATCHED, MissReason.UNKNOWN_PLACE, MissReason.PERHAPS}
        assert others.total() + sum(whole.never.values()) == len(ids) - len(came)


@pytest.mark.parametrize(
    "trigger, cause",
    [
        ("WEBHOOK.DELETED", "webhooks.deleted"),
        ("NO_ACTIVE_SESSION", "webhooks.no_session"),
    ],
)
def test_an_alarm_of_box_opens_an_incident_that_names_it(
    box: Box, tmp_path: Path, trigger: str, cause: str
) -> None:
    with listening() as receiver, bench(tmp_path, box.profile) as kept:
        target = {"kind": "box", "url": f"{receiver.url}/in"}
        box.emitted(receiver, count=1, trigger=trigger, deliver=[target])
        hand_on(kept, receiver.got, datetime.now(UTC))
        stores, key = kept.stores, box.profile.key
        clients = Clients((), lambda: box.sandbox.url)
        checks = ("box.webhooks.deleted", "box.webhooks.session")
        with context_for(box.profile, clients, stores.ledger, events=stores.events) as context:
            verdicts = list(run(context, checks))
        now = datetime.now(UTC)
        record_run(stores.ledger, key, verdicts, at=now, complete=False, patience=Patience())
        assert [one.cause for one in stores.ledger.health.incidents(key) if one.open] == [cause]
        clients.close()
