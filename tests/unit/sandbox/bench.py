"""The sandbox in this process, so that a test can hold its clock."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from lib.sandbox import wire
from lib.sandbox.app import create_app, create_state
from lib.sandbox.box.apps import BY_NAME, FULL
from lib.sandbox.box.memory import memory_of
from lib.sandbox.box.tokens import Session
from lib.sandbox.state import Settings, State
from lib.sandbox.world import World, WorldSpec

UNTIL = datetime(2026, 11, 1, tzinfo=UTC)
WORLD = World(WorldSpec(days=2, until=UNTIL), lambda: UNTIL)


@dataclass(slots=True)
class Time:
    """A clock that moves when it is told to."""

    at: datetime = UNTIL
    passed: float = 1000.0

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.passed

    def move(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)
        self.passed += seconds


@dataclass(slots=True)
class Bench:
    """A sandbox in this process."""

    time: Time = field(default_factory=Time)
    settings: Settings = field(default_factory=Settings)
    world: World = WORLD
    state: State = field(init=False)

    def __post_init__(self) -> None:
        self.state = create_state(
            self.world, self.settings, clock=self.time.now, monotonic=self.time.monotonic
        )
        create_app(self.state)

    def token(self, person_id: str, app: str = "main", scopes: frozenset[str] = FULL) -> str:
        session = Session(BY_NAME[app], person_id)
        return memory_of(self.state).tokens.issue(session, scopes).value

    def ask(
        self,
        path: str,
        token: str = "",
        *,
        method: str = "GET",
        form: Mapping[str, str] | None = None,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        **query: Any,
    ) -> wire.Answer:
        headers = {"authorization": f"Bearer {token}", **(headers or {})}
        body = b""
        if form is not None:
            headers["content-type"] = "application/x-www-form-urlencoded"
            method, body = "POST", urlencode(form).encode()
        elif content is not None:
            method, body = "POST", content
        app = self.state.app
        if app is None:
            raise LookupError("no app")
        return asyncio.run(
            wire.ask(app, method, path, query=urlencode(query), headers=headers, body=body)
        )
