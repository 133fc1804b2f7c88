"""What each of the two stores says of the pair they are: the generation, and the last drain commit.

Both are rows of `meta`. The event store writes the name of a commit in the transaction of its
events, with the name of the commit before; the ledger writes it when it deletes what was drained.
A crash between the two leaves the event store one commit ahead, which fits. Names are drawn, so
that two branches of one history never look alike. Nothing here opens a store.
"""

import secrets
from dataclasses import dataclass
from typing import Final

GENERATION: Final = "generation"
COMMIT: Final = "commit"
BEFORE: Final = "commit_before"
NAMES: Final = (GENERATION, COMMIT, BEFORE)
"""The rows of `meta`."""


@dataclass(frozen=True, slots=True)
class PairMark:
    """A store's own mark. Empty texts are unknown: a store of before 0.2.0, or a new one.

    `commit` is a number that rises and a drawn text, `"12:9f3ab2c4d5e6f708"`; `before` is the one
    before it, and only the event store has it.
    """

    generation: str = ""
    commit: str = ""
    before: str = ""


def new_generation() -> str:
    """A generation that no other pair has."""
    return secrets.token_hex(16)


def next_commit(commit: str) -> str:
    """The name of the commit after one; of the first after an empty text."""
    number = int(commit.partition(":")[0] or 0) + 1
    return f"{number}:{secrets.token_hex(8)}"


def belong_together(ledger: PairMark, events: PairMark) -> bool:
    """Whether the event store has exactly what the ledger handed over, or one commit more."""
    return (
        bool(ledger.generation)
        and ledger.generation == events.generation
        and ledger.commit in (events.commit, events.before)
    )
