"""Query results that a page keeps between reruns, so that a click queries nothing twice.

They are held as long as the page shows the same thing: what was chosen, what has come, the minute.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar, cast

T = TypeVar("T")


@dataclass(slots=True)
class Answers:
    """What a page found. A page derives its own, which the session holds (`session.state`)."""

    shown: object = None
    now: datetime | None = None
    found: dict[str, Any] = field(default_factory=dict)

    def about(self, shown: object, now: datetime) -> datetime:
        """Begin a drawing of `shown`; answers about something else are forgotten.

        Returns the moment that the answers are about: when it was first drawn.
        """
        if self.shown != shown or self.now is None:
            self.shown, self.now, self.found = shown, now, {}
        return self.now

    def once(self, name: str, ask: Callable[[], T]) -> T:
        """The answer to a question, asked once; by name, which says all of it.

        Whoever draws it doesn't change it.
        """
        if name not in self.found:
            self.found[name] = ask()
        return cast("T", self.found[name])
