"""What the sandbox's Box remembers while it runs: tokens, used assertions, webhooks, channels."""

from collections.abc import Callable
from dataclasses import dataclass, field

from lib.sandbox.box.apps import App
from lib.sandbox.box.limits import Limiter
from lib.sandbox.box.tokens import Tokens
from lib.sandbox.state import State
from lib.sandbox.world import StreamPage

PAGES_KEPT = 64


@dataclass(slots=True)
class Webhook:
    """A webhook V2 of one app and one user. `made_at` is monotonic seconds."""

    id: str
    client_id: str
    user_id: str
    target_type: str
    target_id: str
    address: str
    triggers: tuple[str, ...]
    created_at: str
    made_at: float = 0.0


@dataclass(frozen=True, slots=True)
class Channel:
    """A long poll that a user may wait on, by an app."""

    person_id: str
    stream: str
    client_id: str


@dataclass(slots=True)
class Memory:
    """Everything of Box that is not the world. `monotonic` gives seconds.

    `visiting` are the visitors' apps by client id.
    """

    monotonic: Callable[[], float]
    tokens: Tokens
    limiter: Limiter
    assertions: dict[str, float] = field(default_factory=dict)
    webhooks: dict[str, Webhook] = field(default_factory=dict)
    channels: dict[str, Channel] = field(default_factory=dict)
    pages: dict[tuple[str, str], StreamPage] = field(default_factory=dict)
    visiting: dict[str, App] = field(default_factory=dict)

    def keep_page(self, token: str, stream: str, page: StreamPage) -> None:
        """Remembers the page served last to a token, for the fault that serves it again."""
        self.pages.pop((token, stream), None)
        self.pages[token, stream] = page
        if len(self.pages) > PAGES_KEPT:
            del self.pages[next(iter(self.pages))]

    def first_use(self, jti: str, client_id: str, seconds: float) -> bool:
        """Whether this app has not used the jti before; it counts as used from now on."""
        now = self.monotonic()
        key = f"{client_id} {jti}"
        for old in [known for known, ends in self.assertions.items() if ends < now]:
            del self.assertions[old]
        if key in self.assertions:
            return False
        self.assertions[key] = now + seconds
        return True


def memory_of(state: State) -> Memory:
    """The one memory of a running sandbox."""
    clock = state.monotonic
    return state.part(Memory, lambda: Memory(clock, Tokens(clock), Limiter(clock)))
