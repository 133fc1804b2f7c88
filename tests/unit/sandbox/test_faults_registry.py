"""The registry of faults: limits, parameters, listing."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.sandbox.faults import LIMITS, Fault, Faults, InvalidFault, UnknownFault, serving

SLOW = Fault("slow", "Waits.", params={"delay": 5.0, "word": "x", "number": 3})
BROKEN = Fault("broken", "Breaks.")


class Clock:
    def __init__(self) -> None:
        self.at = 0.0

    def __call__(self) -> float:
        return self.at


def registry() -> tuple[Faults, Clock]:
    clock = Clock()
    faults = Faults(clock)
    faults.register([SLOW, BROKEN])
    return faults, clock


def test_nothing_is_on_at_first() -> None:
    faults, _ = registry()
    assert faults.active("slow") is None
    assert faults.names() == ["slow", "broken"]
    assert [one["active"] for one in faults.listing()] == [False, False]


def test_parameters_have_defaults_and_types() -> None:
    faults, _ = registry()
    assert faults.switch_on("slow").params == {"delay": 5.0, "word": "x", "number": 3}
    assert faults.switch_on("slow", {"delay": 1, "word": None}).params["delay"] == 1.0
    for wrong in (
        {"delay": "1"},
        {"delay": 1e12},
        {"word": 1},
        {"number": True},
        {"x": 1},
        {"times": True},
    ):
        with pytest.raises(InvalidFault):
            faults.switch_on("slow", wrong)
    with pytest.raises(UnknownFault):
        faults.switch_on("nothing")
    with pytest.raises(UnknownFault):
        faults.switch_off("nothing")


def test_a_name_is_registered_once() -> None:
    faults, _ = registry()
    with pytest.raises(ValueError, match="slow"):
        faults.register([SLOW])


def test_a_second_order_replaces_the_first_and_other_clients_keep_theirs() -> None:
    faults, _ = registry()
    faults.switch_on("slow", {"client_id": "a", "delay": 1})
    faults.switch_on("slow", {"client_id": "b", "delay": 2})
    faults.switch_on("slow", {"client_id": "a", "delay": 3})
    first, second = faults.active("slow", "a"), faults.active("slow", "b")
    assert first is not None
    assert second is not None
    assert (first.params["delay"], second.params["delay"]) == (3, 2)
    assert faults.active("slow", None) is None
    assert faults.switch_off("slow", client_id="a") == 1
    assert faults.active("slow", "b") is not None
    assert faults.switch_off() == 1


@settings(deadline=None)
@given(times=st.integers(1, 20), asked=st.integers(1, 40))
def test_times_counts_answers(times: int, asked: int) -> None:
    faults, _ = registry()
    faults.switch_on("broken", {"times": times})
    taken = [faults.take("broken") is not None for _ in range(asked)]
    assert taken == [number < times for number in range(asked)]


@settings(deadline=None)
@given(seconds=st.floats(0.001, 1e6), after=st.floats(0, 2e6))
def test_seconds_are_from_the_order_on(seconds: float, after: float) -> None:
    faults, clock = registry()
    faults.switch_on("broken", {"seconds": seconds})
    clock.at = after
    assert (faults.active("broken") is not None) == (after < seconds)


def test_a_path_is_a_beginning() -> None:
    faults, _ = registry()
    faults.switch_on("broken", {"path": "/2.0/events"})
    assert faults.active("broken", None, "/2.0/events") is not None
    assert faults.active("broken", None, "/2.0/users") is None
    assert faults.active("broken") is None


def test_the_path_is_the_one_that_is_being_served() -> None:
    faults, _ = registry()
    faults.switch_on("broken", {"path": "/2.0/events"})
    with serving("/v1/accounts"):
        assert faults.active("broken") is None
        with serving("/2.0/events/1"):
            assert faults.active("broken") is not None
        assert faults.active("broken") is None
    assert faults.active("broken") is None


def test_a_fault_that_struck_lasts_until_it_is_over_though_it_is_used_up() -> None:
    faults, clock = registry()
    faults.switch_on("broken", {"times": 1, "seconds": 10})
    struck = faults.take("broken")
    assert struck is not None
    assert faults.active("broken") is None
    faults.switch_on("broken", {"client_id": "a"})
    assert faults.lasts(struck)
    clock.at = 10
    assert not faults.lasts(struck)
    other = faults.switch_on("slow")
    assert faults.lasts(other)
    faults.switch_off()
    assert not faults.lasts(other)


def test_what_is_over_is_not_kept() -> None:
    faults, clock = registry()
    for number in range(50):
        clock.at = float(number)
        faults.switch_on("slow", {"client_id": str(number), "seconds": 1})
    assert faults.switch_off() == 1


def test_the_listing_shows_the_limits() -> None:
    faults, clock = registry()
    faults.switch_on("slow", {"times": 2, "seconds": 10, "client_id": "a"})
    clock.at = 4
    slow, broken = faults.listing()
    assert slow["active"]
    assert slow["activations"][0]["seconds_left"] == 6
    assert slow["activations"][0]["times_left"] == 2
    assert set(slow["params"]) == {"delay", "word", "number", *LIMITS}
    assert not broken["active"]
