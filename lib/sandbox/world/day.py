"""One day of the enterprise: every action of it, in order, or only their numbers.

An Action is small; `render` turns it into JSON when it is read. A day is a pure function of the
world and the date. `count` gives the same totals as `actions` without making the actions.
"""

from collections import Counter
from hashlib import shake_128
from struct import pack, unpack
from typing import NamedTuple

from lib.sandbox.world import kinds
from lib.sandbox.world.clockwork import office_offset, shifts, start_of, work_factor, work_ms
from lib.sandbox.world.incidents import Incidents, Planted
from lib.sandbox.world.mixing import mix, salt, unit
from lib.sandbox.world.model import IDLESS, NOBODY, Action
from lib.sandbox.world.people import Directory
from lib.sandbox.world.tree import UPLOAD_SHARE, WEEK, Tree

_SERVICE_SHARE = 0.05
_OUTSIDE_SHARE = 0.025
_APP_SHARE = 0.015
_STANDARD_RATE = 1111.0
_LEAST_PEOPLE_SHARE = 0.3
_AWAY = 1 / 0.9  # what vacations and holidays take from an ordinary year, given back

_RARE_SERIAL = 2 << 50
_UPLOAD_SERIAL = 1 << 50
_NIGHT = bytes(2 + n % 6 for n in range(256))  # half hours from 01:00 to 04:00 UTC


class Portion(NamedTuple):
    """Part of a person's day: how many events, in which half hours, of which types."""

    number: int
    part: int
    slots: bytes
    table: bytes


class Days:
    """Makes days. Keeps nothing but tables."""

    def __init__(
        self, seed: int, directory: Directory, tree: Tree, incidents: Incidents, rate: float
    ) -> None:
        self._directory = directory
        self._tree = tree
        self._incidents = incidents
        self._counts = salt(seed, "person counts")
        self._draws = salt(seed, "person draws")
        self._rare = salt(seed, "rare")
        self._away = salt(seed, "vacation")
        self._rare_scale = rate / _STANDARD_RATE
        fixed = UPLOAD_SHARE + _SERVICE_SHARE + _OUTSIDE_SHARE + _APP_SHARE
        planned = rate * (1 - fixed) - kinds.RARE_TOTAL * self._rare_scale
        people_rate = max(planned - incidents.average, rate * _LEAST_PEOPLE_SHARE)
        self._rates = self._make_rates(people_rate, rate)

    def _make_rates(self, people_rate: float, rate: float) -> list[tuple[int, float, bytes]]:
        people = self._directory.people
        outside, apps = self._directory.externals, self._directory.app_users
        found = [
            (i, people_rate * _AWAY * people[i].weight, kinds.EVERYDAY_TABLE)
            for i in self._directory.workers
        ]
        found += [(i, rate * _OUTSIDE_SHARE / len(outside), kinds.OUTSIDE_TABLE) for i in outside]
        found += [(i, rate * _APP_SHARE / len(apps), kinds.APP_TABLE) for i in apps]
        found.append((self._directory.service_index, rate * _SERVICE_SHARE, kinds.SERVICE_TABLE))
        return found

    def _portions(self, person: int, rate: float, table: bytes, ordinal: int) -> list[Portion]:
        key = mix(self._counts, person, ordinal)
        if person == self._directory.service_index:
            return [Portion(int(rate + unit(key)), 0, _NIGHT, table)]
        office = self._directory.offices[person]
        found = []
        for place, shift in enumerate(shifts(office_offset(office, ordinal))):
            day = ordinal + shift.local
            if mix(self._away, person, (day + person) // 7) % 13 == 0:
                continue
            mood = 0.55 + 0.9 * unit(self._counts, person, day)
            expected = rate * shift.mass * work_factor(office, day) * mood
            number = int(expected + unit(key, place + 1))
            if number:
                found.append(Portion(number, place, shift.slots, table))
        return found

    def _digest(self, person: int, ordinal: int, part: int, size: int) -> bytes:
        return shake_128(pack("<QQII", self._draws, person, ordinal, part)).digest(size)

    def count(self, ordinal: int) -> Counter[str]:
        """How many events of each type a whole UTC day has."""
        total: Counter[str] = Counter()
        drawn: list[bytes] = []
        for person, rate, table in self._rates:
            for number, part, _, types in self._portions(person, rate, table, ordinal):
                drawn.append(self._digest(person, ordinal, part, number).translate(types))
        joined = b"".join(drawn)
        for code, kind in enumerate(kinds.BASE_KINDS):
            number = joined.count(code)
            if number:
                total[kind] += number
        files = sum(
            self._tree.file_count(i, ordinal) for i, _ in self._tree.active_folders(ordinal)
        )
        if files:
            total["UPLOAD"] += files
        for place, (kind, _, _) in enumerate(kinds.RARE):
            number = self._rare_number(place, ordinal)
            if number:
                total[kind] += number
        for planted in self.planted(ordinal):
            total.update(a.kind for a in planted.actions)
        return total

    def planted(self, ordinal: int) -> list[Planted]:
        """Incidents and their innocent look-alikes of a day."""
        return self._incidents.on(ordinal)

    def actions(self, ordinal: int) -> list[Action]:
        """Every action of a UTC day, ordered by time and serial number."""
        found: list[Action] = []
        for person, rate, table in self._rates:
            for portion in self._portions(person, rate, table, ordinal):
                found += self._of_person(person, portion, ordinal)
        found += self._uploads(ordinal)
        found += self._rare_ones(ordinal)
        for planted in self.planted(ordinal):
            found += planted.actions
        found.sort()
        return found

    def _of_person(self, person: int, portion: Portion, ordinal: int) -> list[Action]:
        n = portion.number
        digest = self._digest(person, ordinal, portion.part, 10 * n)
        types = digest[:n].translate(portion.table)
        slots = digest[n : 2 * n].translate(portion.slots)
        draws = unpack(f"<{n}Q", digest[2 * n :])
        base = start_of(ordinal)
        times = sorted(
            (base + slot * 1_800_000 + ((draw & 0xFFFF) * 1_800_000 >> 16), draw)
            for slot, draw in zip(slots, draws, strict=True)
        )
        order = _login_first(types)
        tree = self._tree
        folders = tree.working_set(person, ordinal)
        serial = person << 22 | portion.part << 20
        found = []
        for place, ((instant, draw), code) in enumerate(zip(times, order, strict=True)):
            kind = kinds.BASE_KINDS[code]
            folder = folders[(draw >> 16 & 0xFFF) % len(folders)]
            item: int | None = None
            if kind == "DELETE":
                item = tree.dying_file(folder, ordinal, draw >> 28)
            elif kind in _FOLDERWISE:
                item = ~folder
            elif kind not in _ITEMLESS:
                item = tree.old_file(folder, ordinal, draw >> 28)
            found.append(Action(instant, serial + place, kind, person, item, None, None))
        return found

    def _uploads(self, ordinal: int) -> list[Action]:
        tree = self._tree
        found = []
        for index, _ in tree.active_folders(ordinal):
            for number in range(tree.file_count(index, ordinal)):
                code = tree.ids.code(index, ordinal, number)
                person = tree.uploader(code)
                instant = tree.upload_ms(code, person)
                found.append(
                    Action(instant, _UPLOAD_SERIAL | code, "UPLOAD", person, code, None, None)
                )
        return found

    def _rare_number(self, place: int, ordinal: int) -> int:
        rate = kinds.RARE[place][1] * self._rare_scale * WEEK[ordinal % 7]
        return int(rate + unit(self._rare, place, ordinal))

    def _rare_ones(self, ordinal: int) -> list[Action]:
        found = []
        for place, (kind, _, by_admin) in enumerate(kinds.RARE):
            for number in range(self._rare_number(place, ordinal)):
                key = mix(self._rare, place << 20 | number, ordinal)
                person = self._rare_actor(kind, key, by_admin=by_admin)
                office = self._directory.offices[max(person, 0)]
                instant = work_ms(office, ordinal, mix(key, 1))
                folders = self._tree.working_set(max(person, 0), ordinal)
                folder = folders[(key >> 8) % len(folders)]
                item: int | None = self._tree.old_file(folder, ordinal, mix(key, 2) >> 8)
                if kind in _FOLDERWISE or kind == "CHANGE_FOLDER_PERMISSION":
                    item = ~folder
                serial = _RARE_SERIAL | place << 20 | number
                found.append(Action(instant, serial, kind, person, item, None, None))
        return found

    def _rare_actor(self, kind: str, key: int, *, by_admin: bool) -> int:
        if kind in _NOBODY:
            return NOBODY
        if kind in _IDLESS:
            return IDLESS
        if by_admin:
            return (key >> 40) % 3
        return self._directory.pick_worker(key >> 40)


_NOBODY = frozenset({"DATA_RETENTION_REMOVE_RETENTION", "SIGN_DOCUMENT_EXPIRED"})
_IDLESS = frozenset({"STORAGE_EXPIRATION", "SIGN_DOCUMENT_CONVERTED"})
_FOLDERWISE = frozenset(
    {"COLLABORATION_INVITE", "COLLABORATION_ACCEPT", "ITEM_SYNC", "ITEM_UNSYNC",
     "COLLABORATION_REMOVE", "COLLABORATION_ROLE_CHANGE", "FILE_REQUEST_CREATE"}
)  # fmt: skip
_ITEMLESS = frozenset({"LOGIN", "FAILED_LOGIN", "ADD_LOGIN_ACTIVITY_DEVICE", "BOX_AI_USER_REQUEST"})


def _login_first(types: bytes) -> bytes:
    """The types of a person's day with a sign-in, if there is one, moved to its start."""
    place = types.find(kinds.LOGIN_CODE)
    if place <= 0:
        return types
    return types[place : place + 1] + types[:place] + types[place + 1 :]
