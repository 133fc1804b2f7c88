"""When what is kept for a session ends, and when it must not."""

from collections.abc import Callable

import pytest

from lib.ui.shell.session_lifetime import SessionLifetimes


class Clockwork:
    """Sessions that are connected, things to do later, and what was ended."""

    def __init__(self) -> None:
        self.connected = {"ada", "ben"}
        self.waiting: list[Callable[[], None]] = []
        self.ended: list[str] = []
        self.leases = SessionLifetimes(
            end=self.ended.append,
            alive=self.connected.__contains__,
            later=lambda _seconds, act: self.waiting.append(act),
        )

    def grace_is_over(self) -> None:
        waiting, self.waiting = self.waiting, []
        for act in waiting:
            act()


@pytest.fixture
def clockwork() -> Clockwork:
    made = Clockwork()
    made.leases.take("a", "ada")
    made.leases.take("b", "ben")
    return made


def test_a_session_that_left_is_ended_after_the_grace(clockwork: Clockwork) -> None:
    clockwork.connected.remove("ada")
    clockwork.leases.drop("a", grace_s=120)
    assert clockwork.ended == []
    clockwork.grace_is_over()
    assert clockwork.ended == ["a"]
    assert len(clockwork.leases) == 1
    assert clockwork.waiting == []


def test_regression_a_connection_that_came_back_keeps_everything(clockwork: Clockwork) -> None:
    clockwork.leases.drop("a", grace_s=120)
    clockwork.leases.take("a", "ada")
    clockwork.grace_is_over()
    assert clockwork.ended == []
    # And it still ends when the session does.
    clockwork.connected.remove("ada")
    clockwork.leases.drop("a", grace_s=120)
    clockwork.grace_is_over()
    assert clockwork.ended == ["a"]


def test_regression_caches_cleared_by_a_stranger_cost_nobody_anything(
    clockwork: Clockwork,
) -> None:
    for key in ("a", "b"):
        clockwork.leases.drop(key, grace_s=120)
    clockwork.grace_is_over()
    clockwork.grace_is_over()
    assert clockwork.ended == []
    # A tab that was never touched again is still ended when it closes, without being told.
    clockwork.connected.remove("ben")
    clockwork.grace_is_over()
    assert clockwork.ended == ["b"]


def test_an_end_that_was_overtaken_is_void(clockwork: Clockwork) -> None:
    clockwork.connected.remove("ada")
    clockwork.leases.drop("a", grace_s=120)
    first = clockwork.waiting.pop()
    clockwork.leases.take("a", "ada")
    clockwork.leases.drop("a", grace_s=120)
    first()
    assert clockwork.ended == []
    clockwork.grace_is_over()
    assert clockwork.ended == ["a"]


def test_what_nobody_holds_is_dropped_in_silence(clockwork: Clockwork) -> None:
    clockwork.leases.drop("unknown", grace_s=120)
    assert clockwork.waiting == []
