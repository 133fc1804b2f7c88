"""The table of steps, tried: a healthy set-up proves each, its fault or missing part doesn't.

`BOX_RUNBOOK_WORLDS` above 1 tries every fault on every road; else each fault once.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from lib.app.background.checking import context_for
from lib.app.clients import Clients
from lib.core.redaction import Secret
from lib.http import Policy, RetryPolicy, Waiting
from lib.runbook.checks.broken_by import BROKEN_BY, MISSING
from lib.runbook.checks.check_context import StreamReading
from lib.runbook.checks.running import run
from lib.runbook.checks.verdict import Status, Verdict
from lib.runbook.goals import Goal, Need, Road
from lib.runbook.roads.fits import FITS, fits, roads_that_fit
from lib.runbook.roads.grants import EXTRAS
from lib.runbook.roads.roads import deciding_of, steps_for
from lib.runbook.runs.runs import StepState, shown_by
from lib.settings.profiles import BoxAuth, Profile, sandbox_profile
from tests.sandbox_oauth import sign_in
from tests.sandbox_server import SandboxServer, running_sandbox
from tools.steps import FILE, page

QUICK = Policy(
    retry=RetryPolicy(attempts=1, page_attempts=1, network_retries=0),
    waiting=Waiting(sleep=lambda _: None),
)
BEHALF = "oauth-behalf"  # Box support let it act for users, as these roads ask
ALL = int(os.environ.get("BOX_RUNBOOK_WORLDS", "1")) > 1


@dataclass(frozen=True)
class Kept:
    """What this app knows of the profile, each only where it is so."""

    position: bool = True
    event: bool = True
    delivery: bool = True

    def readings(self, _profile: str, _source: str) -> list[StreamReading]:
        now = datetime.now(UTC)
        return [StreamReading("admin_logs_streaming", now, "1")] if self.position else []

    def newest_event(self, _profile: str, _source: str) -> datetime | None:
        return datetime.now(UTC) if self.event else None

    def last_delivery(self, _profile: str, _kind: str) -> datetime | None:
        return datetime.now(UTC) if self.delivery else None

    def alarms(self, _profile: str, _now: datetime) -> list[Any]:
        return []


@dataclass
class World:
    """A sandbox, and a profile for each road."""

    sandbox: SandboxServer
    clients: Clients
    profiles: dict[Road, Profile]

    def check(
        self, profile: Profile, only: tuple[str, ...], *, kept: Kept, extras: frozenset[Need]
    ) -> dict[str, Verdict]:
        with context_for(
            profile, self.clients, extras=extras, allow_writes=True, waiting=QUICK.waiting
        ) as context:
            context.records = kept
            return {one.id: one for one in run(context, only)}


@pytest.fixture(scope="module")
def sandbox_process() -> Iterator[SandboxServer]:
    with running_sandbox("--no-rate-limits") as server:
        yield server


@pytest.fixture(scope="module")
def world(sandbox_process: SandboxServer) -> Iterator[World]:
    clients = Clients((), lambda: sandbox_process.url)
    profiles = {road: profile_for(sandbox_process, road) for road in Road}
    for profile in profiles.values():
        with context_for(profile, clients) as context:
            body = {"name": f"watched {profile.key}", "parent": {"id": "0"}}
            folder = context.box.request("POST", "/2.0/folders", json=body).json()
            context.box.create_webhook(
                target_type="folder",
                target_id=folder["id"],
                address=f"https://console.acme.example/webhooks/box/{profile.key}",
                triggers=["FILE.UPLOADED"],
            )
    yield World(sandbox_process, clients, profiles)
    clients.close()


def profile_for(sandbox: SandboxServer, road: Road) -> Profile:
    """A profile that can take the road; a sign-in of its own, since a fault ends it."""
    given = sandbox.credentials()
    jwt = sandbox_profile(given)
    assert jwt.box is not None
    (auth,) = FITS[road]
    box = jwt.box
    if auth is not BoxAuth.JWT:
        box = replace(box, auth=auth, private_key=None, public_key_id="")
    if auth is BoxAuth.CCG:
        ccg = given["box"]["ccg"]
        secret = Secret(ccg["client_secret"])
        box = replace(box, client_id=ccg["client_id"], client_secret=secret)
    if auth is BoxAuth.OAUTH:
        grant = sign_in(sandbox, app_name=BEHALF)
        secret, refresh = Secret(grant.client_secret), Secret(grant.refresh_token)
        box = replace(box, client_id=grant.client_id, client_secret=secret, refresh_token=refresh)
    kloudless = jwt.kloudless if road.is_kloudless else None
    return replace(jwt, key=road.value, box=box, kloudless=kloudless)


def connected(world: World, *, as_person: bool) -> None:
    """The admin account at Kloudless: of an admin who signed in, or as it was planted."""
    if not as_person:
        return
    given = world.sandbox.credentials()["kloudless"]
    token = sign_in(world.sandbox, app_name=BEHALF).access_token
    httpx.patch(
        f"{given['base_url']}/accounts/{given['admin_account']}/",
        json={"token": token},
        headers={"authorization": f"APIKey {given['api_key']}"},
        trust_env=False,
    ).raise_for_status()


# The roads of Kloudless by OAuth come last: the admin account is connected anew for them.
ROADS = sorted(Road, key=lambda one: one is Road.KLOUDLESS_OAUTH)


@pytest.mark.parametrize("road", ROADS)
def test_a_healthy_set_up_proves_each_step_and_its_fault_does_not(world: World, road: Road) -> None:
    connected(world, as_person=road is Road.KLOUDLESS_OAUTH)
    profile = world.profiles[road]
    steps = steps_for(road, Goal.FULL, extras=EXTRAS)
    decide = deciding_of(steps)
    with world.sandbox.fault("gcm_granted"):
        healthy = world.check(profile, decide, kept=Kept(), extras=EXTRAS)
    open_ = {one: (v.status.value, v.cause) for one, v in healthy.items() if v.status != "passed"}
    assert open_ == {}
    for step in steps:
        shown = shown_by([healthy[one] for one in step.deciding], step.deciding)
        assert shown is (StepState.PROVED if step.deciding else StepState.OPEN), step.id
    for check_id in decide:
        if check_id in _TRIED and not ALL:
            continue
        _TRIED.add(check_id)
        verdict = broken(world, profile, check_id)
        assert verdict.status is not Status.PASSED, (road, check_id)
        for step in steps:
            if check_id in step.deciding:
                found = {**healthy, check_id: verdict}
                shown = shown_by([found[one] for one in step.deciding], step.deciding)
                assert shown is not StepState.PROVED, step.id


_TRIED: set[str] = set()


def broken(world: World, profile: Profile, check_id: str) -> Verdict:
    """The verdict of a check where what `BROKEN_BY` names is so."""
    name = BROKEN_BY[check_id]
    only = (check_id,)
    if not name.startswith(MISSING):
        extras = frozenset() if check_id == "box.least_privilege" else EXTRAS
        with world.sandbox.fault(name):
            return world.check(profile, only, kept=Kept(), extras=extras)[check_id]
    box, kloudless, kept = profile.box, profile.kloudless, Kept()
    if check_id == "box.settings" and box is not None:
        box = replace(box, client_secret=None)
    if check_id == "box.key.readable" and box is not None:
        box = replace(box, passphrase=None)
    if check_id == "kloudless.settings" and kloudless is not None:
        kloudless = replace(kloudless, api_key=None)
    kept = replace(
        kept,
        position=check_id != "box.events.position",
        event=check_id != "box.events.arrived",
        delivery=check_id not in ("box.webhooks.alive", "box.events.arrived"),
    )
    other = replace(profile, box=box, kloudless=kloudless)
    return world.check(other, only, kept=kept, extras=EXTRAS)[check_id]


def test_the_table_of_steps_is_the_registrys() -> None:
    assert Path(FILE).read_text(encoding="utf-8") == page()
    decide = {
        one for road in Road for one in deciding_of(steps_for(road, Goal.FULL, extras=EXTRAS))
    }
    assert decide == set(BROKEN_BY)


def test_a_road_is_for_one_way_to_sign_in(world: World) -> None:
    assert roads_that_fit(world.profiles[Road.KLOUDLESS_JWT]) == (
        Road.BOX_JWT,
        Road.KLOUDLESS_JWT,
        Road.KLOUDLESS_IMPORT,
    )
    alone = replace(world.profiles[Road.KLOUDLESS_JWT], box=None)
    assert [one for one in Road if fits(alone, one)] == [one for one in Road if one.is_kloudless]
