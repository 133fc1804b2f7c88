"""Incidents planted in the world, and innocent things that look like them.

Each kind of incident happens once in every 14 days, on a day of its own choice, so that any 30 days
hold at least one; in every second block of days it is a small one, near the threshold of a
sensible rule. Look-alikes (a migration by a service, a quarter's end, an offboarding, a new VPN)
are not listed as incidents. All of a day's incidents are a pure function of the date. An
incident's actions stay within one UTC day.
"""

from datetime import date
from typing import NamedTuple

from lib.sandbox.world import names
from lib.sandbox.world.clockwork import start_of
from lib.sandbox.world.mixing import mix, salt
from lib.sandbox.world.model import ANONYMOUS, Action
from lib.sandbox.world.people import Directory
from lib.sandbox.world.plays import PLAYS, Scale
from lib.sandbox.world.stage import BLOCK, MINUTE, IncidentScript, stranger
from lib.sandbox.world.tree import Tree

LOOKALIKE_BLOCK = 28
AVERAGE = 85.0  # events a day that incidents and look-alikes add, at scale 1
_MOST_SCALE = 20.0
_STANDARD_RATE = 1111.0
_STANDARD_PER_HEAD = _STANDARD_RATE / 60

DETECTIONS = tuple(PLAYS)


class Planted(NamedTuple):
    """An incident (`detection` named) or a look-alike (None); `actor` None: nobody of ours."""

    detection: str | None
    actor: int | None
    actions: list[Action]


class Incidents:
    """The schedule of incidents and look-alikes of one world, and their actions."""

    def __init__(self, seed: int, directory: Directory, tree: Tree, rate: float) -> None:
        self._directory = directory
        self._tree = tree
        self._schedule = salt(seed, "incident days")
        self._plays = salt(seed, "incident plays")
        per_head = rate / directory.user_count / _STANDARD_PER_HEAD
        self.scale = Scale(
            min(max(1.0, per_head), _MOST_SCALE),
            min(max(1.0, rate / _STANDARD_RATE), 5 * _MOST_SCALE),
        )
        self.average = AVERAGE * self.scale.size

    def day_of(self, place: int, block: int, length: int = BLOCK) -> int:
        """The day (ordinal) on which the incident of a kind happens in a block of days."""
        return block * length + mix(self._schedule, place, block) % length

    def on(self, ordinal: int) -> list[Planted]:
        """What happens on a UTC day."""
        found = []
        block = ordinal // BLOCK
        for place, detection in enumerate(DETECTIONS):
            if self.day_of(place, block) == ordinal:
                stage = self._stage(place, ordinal)
                stage.small = (block + place) % 2 == 1
                actor = PLAYS[detection](stage, self.scale)
                found.append(Planted(detection, actor, stage.actions))
        found += self._benign(ordinal)
        return found

    def _stage(self, place: int, ordinal: int) -> IncidentScript:
        key = mix(self._plays, place, ordinal)
        return IncidentScript(key, ordinal, place, self._tree, self._directory)

    def _benign(self, ordinal: int) -> list[Planted]:
        found = []
        block = ordinal // LOOKALIKE_BLOCK
        place = len(DETECTIONS)
        if self.day_of(place, block, LOOKALIKE_BLOCK) == ordinal:
            found.append(self._migration(self._stage(place, ordinal)))
        if _is_quarter_end(ordinal):
            found.append(self._quarter_end(self._stage(place + 1, ordinal)))
        if self.day_of(place + 2, block, LOOKALIKE_BLOCK) == ordinal:
            found.append(self._offboarding(self._stage(place + 2, ordinal)))
        if self.day_of(place + 3, ordinal // 9, 9) == ordinal:
            found.append(self._partner(self._stage(place + 3, ordinal)))
        if self.day_of(place + 4, ordinal // 4, 4) == ordinal:
            found.append(_visitor(self._stage(place + 4, ordinal)))
        return found

    def _migration(self, stage: IncidentScript) -> Planted:
        """The service account copies an archive in: many uploads and downloads in an hour."""
        stage.start = start_of(stage.ordinal) + 3 * 60 * MINUTE
        robot = self._directory.service_index
        folders = [i for i, _ in self._tree.active_folders(stage.ordinal - 2)]
        for number, after, chance in stage.spaced(int(150 * self.scale.size), 55):
            folder = folders[chance % len(folders)]
            item = self._tree.old_file(folder, stage.ordinal, chance >> 8)
            stage.add(after, "DOWNLOAD" if number % 3 else "COPY", robot, item)
        return Planted(None, robot, stage.actions)

    def _quarter_end(self, stage: IncidentScript) -> Planted:
        """Finance fetches the quarter's papers, some people many within the day."""
        people = [i for i in self._directory.departments["Finance"] if i in self._directory.workers]
        for place, person in enumerate(people[:12]):
            stage.working_hour(person)
            for _, after, chance in stage.spaced(int(24 * self.scale.size), 90):
                late = (place % 3) * 5 * MINUTE
                stage.add(after + late, "DOWNLOAD", person, stage.file(person, chance))
        return Planted(None, None, stage.actions)

    def _offboarding(self, stage: IncidentScript) -> Planted:
        """The admin clears a leaver's account: content moves, groups end, the user is deleted."""
        leaver = {"name": f"Former colleague {stage.between(8, 10, 99)}", "login": ""}
        leaver["login"] = f"leaver{stage.between(9, 1000, 9999)}@{names.DOMAIN}"
        leaver["id"] = str(20_000_000_000 + stage.draw(10) % 9_000_000_000)
        stage.working_hour(2)
        for _, after, chance in stage.spaced(12, 25):
            stage.add(after, "MOVE", 2, stage.file(2, chance))
        for number in range(3):
            stage.add((26 + number) * MINUTE, "GROUP_REMOVE_USER", 2, target=leaver)
        stage.add(30 * MINUTE, "DELETE_USER", 2, target=leaver)
        return Planted(None, 2, stage.actions)

    def _partner(self, stage: IncidentScript) -> Planted:
        """One invitation to a company we have long worked with."""
        person = stage.actor()
        stage.working_hour(person)
        _, domain = names.PARTNERS[stage.draw(4) % len(names.PARTNERS)]
        target = stranger(stage.draw(5), domain)
        stage.add(0, "COLLABORATION_INVITE", person, stage.folder(person, stage.draw(6)),
                  target=target, details={"role": "viewer"})  # fmt: skip
        return Planted(None, person, stage.actions)


def _is_quarter_end(ordinal: int) -> bool:
    day, later = date.fromordinal(ordinal), date.fromordinal(ordinal + 4)
    return day.weekday() < 5 and day.month % 3 == 0 and later.month != day.month  # noqa: PLR2004


def _visitor(stage: IncidentScript) -> Planted:
    """Someone without an account opens a shared file once or twice."""
    item = stage.file(stage.actor(), stage.draw(4))
    for number in range(stage.between(5, 1, 3)):
        ip = f"198.19.{stage.between(6, 30, 90)}.{stage.between(7, 2, 250)}"
        kind = "DOWNLOAD" if number == 1 else "PREVIEW"
        stage.add(number * MINUTE, kind, ANONYMOUS, item, ip)
    return Planted(None, None, stage.actions)
