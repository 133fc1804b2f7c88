"""Visitors: each gets apps and a Kloudless application of its own, to break as it likes.

They are copies of what `/sandbox/credentials` gives out: the same world, service account and key
pair, but ids, secrets and tokens that only this visitor knows, and call limits that only this
visitor uses up. The calls that Kloudless makes to Box for a visitor bear the visitor's client id,
so a fault that is limited to it reaches them too. At most 200 are remembered; the oldest goes.
"""

import secrets
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from lib.sandbox import box, kloudless
from lib.sandbox.state import State

MOST = 200


@dataclass(frozen=True, slots=True)
class Visitor:
    """One visitor: a random text that nobody is told, and the ids that follow from it."""

    name: str = field(repr=False)
    client_ids: tuple[str, ...]
    app_id: str


@dataclass(slots=True)
class _Book:
    visitors: deque[Visitor] = field(default_factory=deque)


def welcome(state: State) -> dict[str, Any]:
    """Registers a visitor. Returns the credentials, in the shape of `/sandbox/credentials`."""
    book = state.part(_Book, _Book)
    while len(book.visitors) >= MOST:
        _forget(state, book.visitors.popleft())
    name = secrets.token_hex(16)
    visitor = Visitor(name, tuple(box.admit(state, name)), kloudless.admit(state, name))
    book.visitors.append(visitor)
    box.renew_developer_token(state, name)
    return {
        "box": box.credentials(state, name),
        "kloudless": kloudless.credentials(state, visitor.app_id),
    }


def visitor_of(state: State, client_id: str) -> Visitor | None:
    """The visitor whose Box app or Kloudless application has that id."""
    for visitor in state.part(_Book, _Book).visitors:
        if client_id in (*visitor.client_ids, visitor.app_id):
            return visitor
    return None


def farewell(state: State, visitor: Visitor) -> None:
    """Forgets a visitor who leaves: apps, and what is switched on for them."""
    state.part(_Book, _Book).visitors.remove(visitor)
    _forget(state, visitor)


def _forget(state: State, visitor: Visitor) -> None:
    """Takes away everything that was a visitor's, switched-on faults too."""
    for client_id in (*visitor.client_ids, visitor.app_id):
        state.faults.switch_off(client_id=client_id)
    kloudless.forget(state, visitor.app_id)
    box.forget(state, visitor.name)
