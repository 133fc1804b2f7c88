"""What a request carries along for our transports: whose budget, how urgent, may it be repeated.

It travels in httpx's request extensions, so that a client can say it call by call.
"""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Final

import httpx

from lib.core.call import Call
from lib.core.redaction import Secret

_KEY: Final = "runbook"
_CALL: Final = "runbook.call"


class Priority(StrEnum):
    """Who waits for the answer."""

    PAGES = "pages"  # a person looks at a page
    BACKGROUND = "background"  # a sync runs


@dataclass(frozen=True, slots=True)
class CallContext:
    """How one request is to be treated.

    `identity` names the Box user (or the Kloudless application) whose limit it counts against; None
    counts nowhere. `retry` False sends it once. `attempt` counts from 1. `secrets` are what its
    body holds of them: an answer that quotes one is cleaned of it.
    """

    identity: str | None = None
    priority: Priority = Priority.PAGES
    retry: bool = True
    attempt: int = 1
    secrets: tuple[Secret, ...] = ()

    def as_extensions(self) -> dict[str, Any]:
        """The extensions of a request that carries this context."""
        return {_KEY: self}


def context_of(request: httpx.Request) -> CallContext:
    """The context of a request; the default one if it has none."""
    found = request.extensions.get(_KEY)
    return found if isinstance(found, CallContext) else CallContext()


def with_attempt(request: httpx.Request, attempt: int) -> None:
    """Note in the request which attempt it is now."""
    request.extensions[_KEY] = replace(context_of(request), attempt=attempt)


def note_call(request: httpx.Request, call: Call) -> None:
    """Note in the request how its last attempt went."""
    request.extensions[_CALL] = call


def call_of(request: httpx.Request) -> Call | None:
    """The last attempt of a request; None where it was never sent."""
    found = request.extensions.get(_CALL)
    return found if isinstance(found, Call) else None
