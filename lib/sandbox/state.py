"""What the areas of the sandbox share while it runs: world, clock, faults, log, addresses.

An area keeps its own state as a part: `state.part(BoxState, make)` makes it once. Nothing here is
ever written to disk.
"""

import re
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import TYPE_CHECKING, Any, TypeVar

from lib.sandbox.faults import Faults

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from lib.sandbox.world import World

Part = TypeVar("Part")

LOG_LENGTH = 10_000
HIDDEN = "[hidden]"
# All that this sandbox gives out is 20 characters or more of these, and so are Box's own tokens.
_LONG = re.compile(r"[\w.~+=-]{20,}", re.ASCII)
_HARMLESS = re.compile(
    r"\d+"  # an id of Box
    r"|[a-z_]+(?:\.[a-z_]+)*"  # a word of an address
    r"|[Fug](?:[\w-]{4})*(?:[\w-]{4}|[\w-]{3}=|[\w-]{2}==)",  # an id of Kloudless
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class Settings:
    """How the sandbox runs.

    `base_url` is where it is reached, without a slash at the end. `rate_limits` False lifts Box's
    and Kloudless's call limits, for measuring a reader.
    """

    base_url: str = "http://127.0.0.1:8600"
    rate_limits: bool = True


@dataclass(frozen=True, slots=True)
class Served:
    """One request that was answered.

    `path` is without its query and without what looks like a secret: both can hold one.
    """

    at: datetime
    method: str
    path: str
    status: int
    client_id: str | None
    number: int


@dataclass(slots=True)
class State:
    """Everything that lives as long as the sandbox's process.

    `clock` tells the time (UTC), `monotonic` seconds for limits. `app` is the whole ASGI
    application, for an area that must call another one as a client would.
    """

    world: "World"
    settings: Settings
    clock: Callable[[], datetime]
    monotonic: Callable[[], float]
    faults: Faults
    app: "ASGIApp | None" = None
    served: deque[Served] = field(default_factory=lambda: deque(maxlen=LOG_LENGTH))
    routes: dict[str, str] = field(default_factory=dict)
    _parts: dict[type, Any] = field(default_factory=dict)
    _numbers: "count[int]" = field(default_factory=lambda: count(1))

    def part(self, kind: type[Part], make: Callable[[], Part]) -> Part:
        """The one object of this kind, made by `make` when it is first asked for."""
        part: Part
        if kind not in self._parts:
            self._parts[kind] = make()
        part = self._parts[kind]
        return part

    def number(self) -> int:
        """The next of a series of numbers, for ids that only this process needs."""
        return next(self._numbers)

    def now(self, client_id: str | None = None, *, answering: bool = False) -> datetime:
        """The time (UTC) as this client is told it: a clock fault shifts it.

        `answering` for the date of an answer, which counts as one that the fault changed.
        """
        now = self.clock()
        find = self.faults.take if answering else self.faults.active
        fast, slow = find("clock_fast", client_id), find("clock_slow", client_id)
        if fast is not None:
            now += timedelta(seconds=fast.params["offset"])
        if slow is not None:
            now -= timedelta(seconds=slow.params["offset"])
        return now

    def log(self, method: str, path: str, status: int, client_id: str | None) -> None:
        """Notes a request that was answered."""
        shown = without_secrets(path)
        self.served.append(Served(self.clock(), method, shown, status, client_id, self.number()))


def without_secrets(path: str) -> str:
    """A path with `[hidden]` in the place of tokens, secrets and assertions; ids stay."""

    def shown(found: re.Match[str]) -> str:
        return found[0] if _HARMLESS.fullmatch(found[0]) else HIDDEN

    return _LONG.sub(shown, path)


def owned(what: str, visitor: str) -> str:
    """A name that is a visitor's own; `what` itself without one."""
    return f"{what} of {visitor}" if visitor else what
