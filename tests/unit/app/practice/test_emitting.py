"""Orders to the sandbox: something happens there, and is delivered to this app."""

from collections.abc import Iterator

import pytest

from lib.app.practice.emitting import EVENT_TYPES, SIGNATURES, EmitOrder, Emitting
from lib.core.errors import RunbookError
from tests.sandbox_server import SandboxServer, running_sandbox

NOWHERE = "http://127.0.0.1:9"


@pytest.fixture(scope="module")
def busy() -> Iterator[SandboxServer]:
    """A small sandbox for this file, in which things happen."""
    with running_sandbox(
        "--days", "2", "--users", "12", "--events-per-day", "40", "--no-rate-limits"
    ) as server:
        yield server


@pytest.mark.parametrize("event_type", EVENT_TYPES)
def test_each_thing_that_is_offered_happens_and_is_delivered(
    busy: SandboxServer, event_type: str
) -> None:
    order = EmitOrder(count=1, event_type=event_type, kinds=("box", "kloudless"))
    done = Emitting(lambda: busy.url).emit(order, NOWHERE)
    assert done.events == 1
    assert done.answers  # tried, though nobody listens there
    assert set(done.answers) == {None}


def test_the_signatures_that_are_offered_are_the_sandboxs(busy: SandboxServer) -> None:
    emitting = Emitting(lambda: busy.url)
    for signature in SIGNATURES:
        assert emitting.emit(EmitOrder(count=1, signature=signature), NOWHERE).events == 1
    with pytest.raises(RunbookError, match="couldn't do this") as raised:
        emitting.emit(EmitOrder(signature="nice"), NOWHERE)
    assert "signature" in raised.value.cause


def test_an_order_is_small_and_goes_to_this_machine_only(busy: SandboxServer) -> None:
    body = EmitOrder(count=10_000, attempts=99).body(NOWHERE)
    assert (body["count"], body["attempts"]) == (20, 5)
    with pytest.raises(RunbookError) as raised:
        Emitting(lambda: busy.url).emit(EmitOrder(), "https://example.com")
    assert "this machine" in raised.value.cause


@pytest.mark.parametrize("url", [None, NOWHERE])
def test_without_a_sandbox_it_says_so(url: str | None) -> None:
    with pytest.raises(RunbookError, match="doesn't answer"):
        Emitting(lambda: url).emit(EmitOrder(), NOWHERE)
