"""What the contract leaves open is a convention here, and each can be turned."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from lib.sandbox import kloudless
from lib.sandbox.app import create_app, create_state
from lib.sandbox.kloudless import Conventions
from lib.sandbox.state import Settings, State
from lib.sandbox.world import World, WorldSpec

UNTIL = datetime(2026, 11, 1, tzinfo=UTC)
SMALL = WorldSpec(days=3, users=20, events_per_day=200, until=UNTIL)


@dataclass(slots=True)
class House:
    """A sandbox in this process, with a clock of its own."""

    state: State
    credentials: dict[str, Any]
    ticks: list[float] = field(default_factory=lambda: [1.0])

    @classmethod
    def make(cls, conventions: Conventions, *, rate_limits: bool = True) -> "House":
        world = World(SMALL, lambda: UNTIL)
        state = create_state(world, Settings(rate_limits=rate_limits))
        kloudless.install(state, conventions)
        create_app(state)
        house = cls(state, kloudless.credentials(state))
        state.monotonic = lambda: house.ticks[0]
        return house

    def get(self, path: str, *calls: Mapping[str, str]) -> list[httpx.Response]:
        """One call for each set of headers, one after the other."""

        async def run() -> list[httpx.Response]:
            assert self.state.app is not None
            transport = httpx.ASGITransport(self.state.app)
            async with httpx.AsyncClient(transport=transport, base_url="http://box") as http:
                return [await http.get(f"/v1{path}", headers=dict(headers)) for headers in calls]

        return asyncio.run(run())

    @property
    def key(self) -> dict[str, str]:
        return {"Authorization": f"APIKey {self.credentials['api_key']}"}


def test_application_has_a_budget_of_calls_and_is_reported_when_it_refills() -> None:
    house = House.make(Conventions(burst=3, per_second=0.5))
    answers = house.get("/accounts", *[house.key] * 5)
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429, 429]
    assert answers[-1].json()["error_code"] == "too_many_requests"
    assert 1 <= int(answers[-1].headers["retry-after"]) <= 3
    foreign = {"Authorization": f"Bearer {house.credentials['foreign_token']}"}
    assert house.get("/accounts", foreign)[0].status_code == 200
    house.ticks[0] += 3.0
    assert house.get("/accounts", house.key)[0].status_code == 200


def test_budget_can_be_lifted_by_name() -> None:
    house = House.make(Conventions(burst=1, per_second=0.01), rate_limits=False)
    answers = house.get("/accounts", *[house.key] * 4)
    assert {answer.status_code for answer in answers} == {200}


def test_unknown_credential_can_be_answered_as_the_table_says() -> None:
    house = House.make(Conventions(unknown_credential="unauthorized"))
    answer = house.get("/accounts", {"Authorization": "APIKey nobody"})[0]
    assert (answer.status_code, answer.json()["error_code"]) == (401, "unauthorized")


def test_retention_and_page_sizes_are_conventions() -> None:
    rule = Conventions(
        retention=timedelta(days=2), retention_events=40, events_page_size=9, accounts_page_size=3
    )
    house = House.make(rule)
    page = house.get(f"/accounts/{house.credentials['admin_account']}/events", house.key)[0].json()
    assert page["count"] == 9
    assert page["count"] + page["remaining"] == 40
    assert house.get("/accounts", house.key)[0].json()["count"] == 3


def test_same_seed_gives_the_same_accounts_and_keys_again() -> None:
    one, two = House.make(Conventions()), House.make(Conventions())
    assert one.credentials == two.credentials
    other = create_state(World(WorldSpec(seed=2, until=UNTIL), lambda: UNTIL))
    assert kloudless.credentials(other)["api_key"] != one.credentials["api_key"]
