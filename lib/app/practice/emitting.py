"""Generates events in the sandbox, and has them delivered to this app's own address.

The sandbox sends real requests, signed as its Box and its Kloudless sign them, to addresses of this
machine only. An order is small, because all sessions share the sandbox.
"""

from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any, Final

from lib.app.practice.sandbox_calls import SandboxCalls
from lib.core.errors import RunbookError, Who

PATH: Final = "/sandbox/emit"
ROUTES: Final = "/sandbox/routes"
PUBLIC: Final = "https://runbook.example/webhooks/box/sandbox"
"""An address as Box would take it, which the sandbox leads to this app once it is told where."""
MOST: Final = 20
MOST_ATTEMPTS: Final = 5
TIMEOUT_S: Final = 60.0
SIGNATURES: Final = ("good", "wrong", "swapped", "old", "future")
EVENT_TYPES: Final = (
    *("UPLOAD", "DOWNLOAD", "PREVIEW", "MOVE", "RENAME", "DELETE", "SHARE"),
    "COLLABORATION_INVITE",
)
"""What can be asked for; each has a trigger."""
_OK: Final = 200


@dataclass(frozen=True, slots=True)
class EmitOrder:
    """What is to happen, how often, and how each delivery is signed and repeated.

    `mark` is the header value by which the receiver knows that this app had it sent.
    """

    count: int = 3
    event_type: str | None = None
    attempts: int = 1
    signature: str = "good"
    kinds: tuple[str, ...] = ("box",)
    mark: str = ""

    def body(self, receiver: str) -> dict[str, Any]:
        """The order as the sandbox takes it; `receiver` is the app's own base address."""
        targets = [{"kind": k, "url": f"{receiver}/webhooks/{k}/sandbox"} for k in self.kinds]
        found: dict[str, Any] = {
            "count": max(1, min(self.count, MOST)),
            "attempts": max(1, min(self.attempts, MOST_ATTEMPTS)),
            "signature": self.signature,
            "deliver": targets,
        }
        if self.mark:
            found["mark"] = self.mark
        return found if self.event_type is None else {**found, "event_type": self.event_type}


@dataclass(frozen=True, slots=True)
class Emitted:
    """How many events happened, and how each delivery was answered (None: not at all)."""

    events: int
    answers: Sequence[int | None]


class Emitting:
    """Orders to the sandbox of this process."""

    def __init__(self, sandbox_url: Callable[[], str | None]) -> None:
        self._sandbox_url = sandbox_url

    def emit(self, order: EmitOrder, receiver: str) -> Emitted:
        """Make it happen, and wait until everything was delivered. Raises RunbookError."""
        said = self._post(PATH, order.body(receiver))
        try:
            statuses = [one["status"] for one in said["deliveries"]]
            return Emitted(len(said["event_ids"]), statuses)
        except (KeyError, TypeError) as error:
            raise _strange() from error

    def lead(self, receiver: str) -> None:
        """Lead `PUBLIC` to the app at that base address. Raises RunbookError."""
        self._post(ROUTES, {"from": PUBLIC, "to": f"{receiver}/webhooks/box/sandbox"})

    def _post(self, path: str, body: dict[str, Any]) -> Any:
        with closing(SandboxCalls(self._sandbox_url)) as calls:
            answer = calls.send("POST", path, body, timeout_s=TIMEOUT_S)
        try:
            said = answer.json()
            if answer.status_code != _OK:
                raise _refused(str(said["error"]))
        except (ValueError, KeyError, TypeError) as error:
            raise _strange() from error
        return said


def _strange() -> RunbookError:
    return _refused("Its response can't be read.")


def _refused(cause: str) -> RunbookError:
    return RunbookError(
        "The sandbox couldn't do this.",
        cause=cause,
        fix="Choose something else. If it fails again, start this version's sandbox.",
        who=Who.THIS_APP,
    )
