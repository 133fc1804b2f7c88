"""Faults: failures of Box and Kloudless that can be switched on, limited and switched off.

An area (Box, Kloudless) registers its faults with a name, what each does and its parameters; its
handlers ask `take` or `active` at the moment the failure would happen. A fault never outlives its
limits: it can be held to one client id, a path, a number of answers and a number of seconds.

A fault that is held to a client id strikes only calls that tell whose they are: a call without a
token, with a wrong one, or of an unknown client goes on as always.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

MOST = 1_000_000_000  # of any number, so that a shifted clock stays within the calendar
LIMITS: Mapping[str, str] = {
    "client_id": "only for calls of this client id (Kloudless: application id); a call that "
    "doesn't tell whose it is, such as one without a token, is left alone",
    "path": "only for paths that begin with this",
    "times": "only for this number of answers",
    "seconds": "only for this number of seconds",
}

_served: ContextVar[str | None] = ContextVar("path that is being served", default=None)


@contextmanager
def serving(path: str) -> Iterator[None]:
    """While a request for this path is served, faults that are held to a path look at it."""
    token = _served.set(path)
    try:
        yield
    finally:
        _served.reset(token)


class UnknownFault(LookupError):
    """No fault has that name."""


class InvalidFault(ValueError):
    """A parameter of a fault is unknown or has an unusable value."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A failure that can be switched on.

    `does` is a sentence for people; `params` maps the name of each parameter to its default,
    whose type (int, float, str) is the type it takes. `area` is box, kloudless or both.
    """

    name: str
    does: str
    area: str = "box"
    params: Mapping[str, int | float | str] = field(default_factory=dict)


@dataclass(slots=True)
class Activation:
    """One switched-on fault with its limits and parameters.

    `started_at` and `ends_at` are monotonic seconds. `met` and `notes` are for who plays the fault:
    a count and texts to remember as long as it is on. `off` after it was switched off.
    """

    fault: Fault
    params: dict[str, Any]
    client_id: str | None = None
    path: str | None = None
    times_left: int | None = None
    ends_at: float | None = None
    started_at: float = 0.0
    met: int = 0
    notes: set[str] = field(default_factory=set)
    off: bool = False

    def lasts(self, now: float) -> bool:
        """Whether its time is not over at this monotonic second and nobody switched it off."""
        return not self.off and (self.ends_at is None or now < self.ends_at)

    def alive(self, now: float) -> bool:
        """Whether it lasts and has answers left to change."""
        return self.lasts(now) and (self.times_left is None or self.times_left > 0)

    def applies(self, client_id: str | None, path: str | None, now: float) -> bool:
        """Whether it changes an answer to this client, on this path, at this monotonic second."""
        return (
            self.alive(now)
            and (self.client_id is None or self.client_id == client_id)
            and (self.path is None or (path or "").startswith(self.path))
        )


class Faults:
    """The registry of faults and those that are on. `clock` gives monotonic seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._known: dict[str, Fault] = {}
        self._on: dict[str, list[Activation]] = {}

    def register(self, faults: Iterable[Fault]) -> None:
        """Makes faults known. A name that is taken already raises ValueError."""
        for fault in faults:
            if fault.name in self._known:
                raise ValueError(f"Two faults are called {fault.name}.")
            self._known[fault.name] = fault

    def switch_on(self, name: str, options: Mapping[str, Any] | None = None) -> Activation:
        """Switches a fault on; a second call for the same name, client and path replaces it.

        Raises UnknownFault, or InvalidFault for a parameter it does not take.
        """
        fault = self._known.get(name)
        if fault is None:
            raise UnknownFault(f"There is no fault called {name!r}.")
        given = {key: value for key, value in (options or {}).items() if value is not None}
        params = {key: _typed(key, default, given) for key, default in fault.params.items()}
        strange = given.keys() - fault.params.keys() - LIMITS.keys()
        if strange:
            raise InvalidFault(f"{name} takes no {', '.join(sorted(strange))}.")
        now = self._clock()
        seconds = _limit("seconds", given)
        times = _limit("times", given)
        activation = Activation(
            fault=fault,
            params=params,
            client_id=_typed("client_id", "", given) or None,
            path=_typed("path", "", given) or None,
            times_left=None if times is None else int(times),
            ends_at=None if seconds is None else now + seconds,
            started_at=now,
        )
        self.switch_off(name, client_id=activation.client_id, path=activation.path, exactly=True)
        others = [on for on in self._on.get(name, ()) if on.alive(now)]
        self._on[name] = [*others, activation]
        return activation

    def switch_off(
        self,
        name: str | None = None,
        *,
        client_id: str | None = None,
        path: str | None = None,
        exactly: bool = False,
    ) -> int:
        """Switches off what matches (None matches all, unless `exactly`). Returns how many."""

        def matches(on: Activation) -> bool:
            return (
                name in (None, on.fault.name)
                and (client_id == on.client_id or (client_id is None and not exactly))
                and (path == on.path or (path is None and not exactly))
            )

        if name is not None and name not in self._known:
            raise UnknownFault(f"There is no fault called {name!r}.")
        gone = [on for listed in self._on.values() for on in listed if matches(on)]
        for on in gone:
            on.off = True
        kept = {key: [on for on in listed if not on.off] for key, listed in self._on.items()}
        self._on = {key: listed for key, listed in kept.items() if listed}
        return len(gone)

    def active(
        self, name: str, client_id: str | None = None, path: str | None = None
    ) -> Activation | None:
        """The switched-on fault of that name that applies here, without using it up.

        Without `path` it is the one that is being served.
        """
        listed = self._on.get(name)
        if not listed:
            return None
        now, where = self._clock(), path or _served.get()
        return next((on for on in listed if on.applies(client_id, where, now)), None)

    def take(
        self, name: str, client_id: str | None = None, path: str | None = None
    ) -> Activation | None:
        """As `active`, and counts one answer against its `times` limit."""
        on = self.active(name, client_id, path)
        if on is not None and on.times_left is not None:
            on.times_left -= 1
        return on

    def lasts(self, on: Activation) -> bool:
        """Whether a fault that struck is still on, though it may have no answers left to change."""
        return on.lasts(self._clock())

    def names(self) -> list[str]:
        """The names of all faults, in the order in which they were registered."""
        return list(self._known)

    def listing(self) -> list[dict[str, Any]]:
        """Every fault: name, does, params (with the common limits), active, activations."""
        now = self._clock()
        live = {name: [on for on in listed if on.alive(now)] for name, listed in self._on.items()}
        return [
            {
                "name": fault.name,
                "does": fault.does,
                "area": fault.area,
                "params": {**fault.params, **dict.fromkeys(LIMITS)},
                "active": bool(live.get(fault.name)),
                "activations": [_shown(on, now) for on in live.get(fault.name, ())],
            }
            for fault in self._known.values()
        ]


def _shown(on: Activation, now: float) -> dict[str, Any]:
    return {
        **on.params,
        "client_id": on.client_id,
        "path": on.path,
        "times_left": on.times_left,
        "seconds_left": None if on.ends_at is None else round(on.ends_at - now, 3),
    }


def _typed(key: str, default: Any, given: Mapping[str, Any]) -> Any:
    value = given.get(key, default)
    if isinstance(default, str):
        if not isinstance(value, str):
            raise InvalidFault(f"{key} must be text.")
        return value
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InvalidFault(f"{key} must be a number.")
    if abs(value) > MOST:
        raise InvalidFault(f"{key} must be at most {MOST}.")
    return type(default)(value)


def _limit(key: str, given: Mapping[str, Any]) -> float | None:
    value = given.get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or value <= 0:
        raise InvalidFault(f"{key} must be a number above 0.")
    return float(value)
