"""Where an incident is acted out: its own chance, clock and serial numbers.

An incident's actions stay within one UTC day, and follow from the world and the date alone.
"""

from collections.abc import Iterator
from typing import Any

from lib.sandbox.world import names
from lib.sandbox.world.clockwork import office_offset, start_of
from lib.sandbox.world.mixing import mix
from lib.sandbox.world.model import Action
from lib.sandbox.world.people import Directory
from lib.sandbox.world.tree import Tree

BLOCK = 14  # days in which each kind of incident happens once
MINUTE = 60_000  # milliseconds
_SERIAL = 3 << 50


class IncidentScript:
    """Where one incident is acted out: its chance, its clock, its serial numbers."""

    def __init__(
        self, key: int, ordinal: int, place: int, tree: Tree, directory: Directory
    ) -> None:
        self.key = key
        self.ordinal = ordinal
        self.tree = tree
        self.directory = directory
        self.small = False
        self.actions: list[Action] = []
        self._serial = _SERIAL | place << 24
        self.start = start_of(ordinal) + (2 * 60 + self.draw(1) % (18 * 60)) * MINUTE

    def draw(self, number: int) -> int:
        """64 bits of chance of the incident's own."""
        return mix(self.key, number, 11)

    def between(self, number: int, low: int, high: int) -> int:
        """A number from low to high, both included."""
        return low + self.draw(number) % (high - low + 1)

    def actor(self) -> int:
        """An ordinary active managed user, neither the busiest nor an administrator."""
        people = self.directory.people
        ordinary = [i for i in self.directory.workers if i > 2 and people[i].weight < 0.03]  # noqa: PLR2004
        choice = ordinary or self.directory.workers
        return choice[self.draw(2) % len(choice)]

    def working_hour(self, person: int) -> None:
        """Moves the start into the actor's working day, so that only the number is unusual."""
        offset = office_offset(self.directory.offices[person], self.ordinal)
        local = 9 * 60 + 30 + self.draw(3) % (6 * 60)
        self.start = start_of(self.ordinal) + min((local - offset) % 1440, 22 * 60) * MINUTE

    def add(
        self,
        after_ms: int,
        kind: str,
        actor: int,
        item: int | None = None,
        ip: str | None = None,
        **extra: Any,
    ) -> None:
        """One more action; `extra` holds what is special about it."""
        serial = self._serial | len(self.actions)
        self.actions.append(
            Action(self.start + after_ms, serial, kind, actor, item, ip, extra or None)
        )

    def spaced(self, count: int, minutes: float) -> Iterator[tuple[int, int, int]]:
        """Number, milliseconds after the start and 64 bits of chance, `count` times, in order."""
        step = minutes * MINUTE / max(count, 1)
        for number in range(count):
            chance = mix(self.key, number, 12)
            yield number, int(step * (number + (chance & 0xFF) / 256)), chance

    def file(self, person: int, chance: int) -> int:
        """A file (its code) that a person may work with."""
        folders = self.tree.working_set(person, self.ordinal)
        folder = folders[chance % len(folders)]
        return self.tree.old_file(folder, self.ordinal, chance >> 8)

    def folder(self, person: int, chance: int) -> int:
        """A folder (complement of its index) that a person may work with."""
        folders = self.tree.working_set(person, self.ordinal)
        return ~folders[chance % len(folders)]

    def foreign_ip(self) -> str:
        """An address nobody of ours uses otherwise."""
        if self.draw(5) % 2:
            return f"198.19.{self.between(6, 220, 250)}.{self.between(7, 2, 250)}"
        network = ("192.0.2", "198.51.100", "203.0.113")[self.draw(6) % 3]
        return f"{network}.{self.between(7, 2, 250)}"


def stranger(key: int, domain: str) -> dict[str, str]:
    """Somebody from a domain that is not ours, as the target of an invitation."""
    first = names.FIRST[key % len(names.FIRST)]
    last = names.LAST[(key >> 16) % len(names.LAST)]
    local = "".join(
        c for c in f"{first}.{last}".lower() if c.isascii() and (c.isalpha() or c == ".")
    )
    return {
        "id": str(40_000_000_000 + (key >> 8) % 9_000_000_000),
        "name": f"{first} {last}",
        "login": f"{local}{key >> 32 & 63}@{domain}",
    }
