"""The folder tree and its files, as a catalogue that is computed, never kept.

A folder has an index, a file a code (folder index, day, number that day); ids are those numbers
scrambled, so any id can be turned back into its item without a table. How many files a folder
gets on a day is a pure function of folder and day, so earlier days need not be generated.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from lib.sandbox.world import names
from lib.sandbox.world.clockwork import (
    DAY_MS,
    from_ms,
    ordinal_of,
    start_of,
    to_ms,
    work_ms,
)
from lib.sandbox.world.mixing import Scramble, mix, salt, unit
from lib.sandbox.world.model import File, Folder, Person, SharedLink
from lib.sandbox.world.people import Directory

ROOT_ID = "0"
FOUNDING_FILES = 12  # each folder begins with this many
PROJECT_EVERY = 47  # days between the projects of a department
LISTED_DAYS = 400  # a folder's listing goes back so far, and to its founding
DOOMED_AFTER = 6  # days after which short-lived files are in the trash
ACTIVE_PROJECTS = 4
UPLOAD_SHARE = 0.13  # of all events

_PROJECTS_BEGIN = date(2018, 1, 8).toordinal()
_TREE_BEGINS = date(2017, 2, 13).toordinal()
_DAY_ZERO = date(2000, 1, 1).toordinal()
_NUMBER_BITS, _DAY_BITS, _FOLDER_BITS = 10, 15, 18
_MOST_A_DAY = (1 << _NUMBER_BITS) - 1
_PROJECT_BASE = 1 << 16
_SUBS = 1 + len(names.SUBFOLDERS)
_PER_DEPARTMENT = 1 << 13
_FILE_ID_BASE = 1_000_000_000_000
_FOLDER_ID_BASE = 100_000_000_000
_VERSION_OFFSET = 83_000_000_000
_EXTENSIONS = [e for e in names.EXTENSIONS for _ in range(e[3])]


class FileFacts(NamedTuple):
    """What an event says about a file; `size` in bytes, `label` its classification."""

    id: str
    version_id: str
    name: str
    size: int
    label: str | None


class Tree:
    """Folders and files of one world, at any date."""

    def __init__(self, seed: int, directory: Directory, events_per_day: float) -> None:
        self._directory = directory
        self._salt = salt(seed, "tree")
        self._files = salt(seed, "files")
        self._counts = salt(seed, "upload counts")
        self._folder_ids = Scramble(salt(seed, "folder ids"), _FOLDER_BITS + 16)
        self._file_ids = Scramble(salt(seed, "file ids"), _NUMBER_BITS + _DAY_BITS + _FOLDER_BITS)
        self._uploads = events_per_day * UPLOAD_SHARE
        self._departments = list(directory.departments)
        self._lay_out()
        self._folder_cache = lru_cache(maxsize=20_000)(self._make_folder)
        self.founded = lru_cache(maxsize=20_000)(self._founded)
        self.projects = lru_cache(maxsize=20_000)(self._projects)
        self.spec = lru_cache(maxsize=20_000)(self._spec)
        self.file_facts = lru_cache(maxsize=10_000)(self._file_facts)
        self._file_cache = lru_cache(maxsize=20_000)(self._make_file)

    # ------------------------------------------------------------------ layout

    def _lay_out(self) -> None:
        """The folders that are always there, and which share of the uploads each gets."""
        self._fixed: list[
            tuple[str, str, str, int, int]
        ] = []  # kind, name, department, owner, parent
        self._fixed.append(("root", "All Files", "", 0, 0))
        self.shares: dict[int, float] = {}
        self.department_folder: dict[str, int] = {}
        self.team_folders: dict[str, list[int]] = {}
        self.personal: dict[int, int] = {}
        people = self._directory.people
        total = self._directory.user_count
        for name, _, _, teams in names.DEPARTMENTS:
            share = len(self._directory.departments[name]) / total
            owner = self._directory.head_of(name)
            top = self._add("department", name, name, owner, 0)
            self.department_folder[name] = top
            self.team_folders[name] = [self._add("team", t, name, owner, top) for t in teams]
            for index in self.team_folders[name]:
                self.shares[index] = 0.40 * share / len(teams)
        self.policies = self._add("company", "Company policies & handbooks", "", 0, 0)
        self.shares[self.policies] = 0.01
        self.exchange = self._add("exchange", "Partner exchange", "", 1, 0)
        self.shares[self.exchange] = 0.02
        self.migration = self._add("migration", "Archive migration", "", 1, 0)
        for index in range(total):
            person = people[index]
            folder = self._add("personal", f"{person.name} (private)", person.department, index, 0)
            self.personal[index] = folder
            self.shares[folder] = 0.12 * person.weight

    def _add(self, kind: str, name: str, department: str, owner: int, parent: int) -> int:
        self._fixed.append((kind, name, department, owner, parent))
        return len(self._fixed) - 1

    def project_index(self, department: int, number: int, sub: int = 0) -> int:
        """The folder index of a project (`sub` 0) or of one of its subfolders."""
        return _PROJECT_BASE + department * _PER_DEPARTMENT + number * _SUBS + sub

    def _project_of(self, index: int) -> tuple[int, int, int]:
        department, rest = divmod(index - _PROJECT_BASE, _PER_DEPARTMENT)
        number, sub = divmod(rest, _SUBS)
        return department, number, sub

    def _project_start(self, department: int, number: int) -> int:
        jitter = mix(self._salt, department, number + 1000) % (PROJECT_EVERY // 2)
        return _PROJECTS_BEGIN + number * PROJECT_EVERY + jitter + department * 5

    def _projects(self, department: int, ordinal: int) -> int:
        """How many projects a department has begun by a day."""
        number = max(0, (ordinal - _PROJECTS_BEGIN - department * 5) // PROJECT_EVERY + 1)
        while number and self._project_start(department, number - 1) > ordinal:
            number -= 1
        return min(number, _PER_DEPARTMENT // _SUBS)

    def _founded(self, index: int) -> int:
        """The day (ordinal) on which a folder was made."""
        if index >= _PROJECT_BASE:
            department, number, sub = self._project_of(index)
            return self._project_start(department, number) + (sub and 1)
        return _TREE_BEGINS + mix(self._salt, index, 7) % 300

    def exists(self, index: int, ordinal: int) -> bool:
        """Whether a folder is there on a day."""
        if index < 0:
            return False
        if index < _PROJECT_BASE:
            return index < len(self._fixed)
        department, number, _ = self._project_of(index)
        return department < len(self._departments) and number < self.projects(department, ordinal)

    def share(self, index: int, ordinal: int) -> float:
        """The part of all uploads that a folder gets on a day."""
        if index < _PROJECT_BASE:
            return self.shares.get(index, 0.0)
        department, number, sub = self._project_of(index)
        if sub == 0 or number < self.projects(department, ordinal) - ACTIVE_PROJECTS:
            return 0.0
        people = len(self._directory.departments[self._departments[department]])
        part = 0.45 * people / self._directory.user_count
        return part / ACTIVE_PROJECTS * (0.5, 0.3, 0.2)[sub - 1]

    @lru_cache(maxsize=512)  # noqa: B019  # a world lives as long as its process
    def active_folders(self, ordinal: int) -> tuple[tuple[int, float], ...]:
        """Folders that may get files on a day, with their shares."""
        found = [(i, s) for i, s in self.shares.items() if s > 0]
        for department in range(len(self._departments)):
            newest = self.projects(department, ordinal)
            for number in range(max(0, newest - ACTIVE_PROJECTS), newest):
                for sub in range(1, _SUBS):
                    index = self.project_index(department, number, sub)
                    found.append((index, self.share(index, ordinal)))
        return tuple(found)

    def working_set(self, person: int, ordinal: int) -> list[int]:
        """The folders in which a person is likely to read and write on a day."""
        who = self._directory.people[person]
        if who.kind != "external":
            name = who.department or self._departments[person % len(self._departments)]
            number = self._departments.index(name)
            found = [*self.team_folders[name], self.policies]
            if person in self.personal:
                found.append(self.personal[person])
        else:
            number = person % len(self._departments)
            found = [self.exchange]
        newest = self.projects(
            number, ordinal - 2
        )  # older ones have files since yesterday or longer
        for project in range(max(0, newest - ACTIVE_PROJECTS), newest):
            found += [self.project_index(number, project, sub) for sub in range(1, _SUBS)]
        return found

    # ------------------------------------------------------------------ counts and codes

    def uploads(self, index: int, share: float, ordinal: int) -> int:
        """How many files a folder gets on a day."""
        expected = self._uploads * share * WEEK[ordinal % 7]
        return min(int(expected + unit(self._counts, index, ordinal)), _MOST_A_DAY)

    @staticmethod
    def code(index: int, ordinal: int, number: int) -> int:
        """The code of a file: folder, day, number of that day."""
        return (((index << _DAY_BITS) | (ordinal - _DAY_ZERO)) << _NUMBER_BITS) | number

    @staticmethod
    def decode(code: int) -> tuple[int, int, int]:
        """Folder index, day and number of a file's code."""
        rest, number = divmod(code, 1 << _NUMBER_BITS)
        index, day = divmod(rest, 1 << _DAY_BITS)
        return index, day + _DAY_ZERO, number

    def old_file(self, index: int, ordinal: int, chance: int) -> int:
        """The code of some file that the folder had before a day; new ones are likelier."""
        share = self.share(index, ordinal)
        if share > 0:
            back = 1 + int(3 / ((chance & 0xFFFF) / 0x10000 + 0.045)) - 2
            founded = self.founded(index)
            for day in range(ordinal - back, max(founded, ordinal - back - 8), -1):
                count = self.uploads(index, share, day)
                if count:
                    number = (chance >> 16) % count
                    if back < DOOMED_AFTER or not self.is_doomed(self.code(index, day, number)):
                        return self.code(index, day, number)
        return self.code(index, self.founded(index), _founding_number(chance))

    def dying_file(self, index: int, ordinal: int, chance: int) -> int:
        """The code of a file that goes to the trash around this day."""
        share = self.share(index, ordinal)
        for day in range(ordinal - DOOMED_AFTER, ordinal - DOOMED_AFTER - 6, -1):
            for number in range(self.uploads(index, share, day)):
                if self.is_doomed(self.code(index, day, number)):
                    return self.code(index, day, number)
        return self.old_file(index, ordinal, chance)

    def is_doomed(self, code: int) -> bool:
        """Whether a file is a short-lived one."""
        return mix(self._files, code, 9) % 8 == 0

    def uploader(self, code: int) -> int:
        """The person (index) who uploaded a file."""
        index = self.decode(code)[0]
        kind, _, department, owner, _ = self.spec(index)
        if kind in ("personal", "migration"):
            return owner
        chance = mix(self._files, code, 2)
        if kind == "exchange" and chance % 3:
            outside = self._directory.externals
            return outside[(chance >> 8) % len(outside)]
        return self._member(department, chance >> 8)

    @lru_cache(maxsize=64)  # noqa: B019  # a world lives as long as its process
    def _wheel(self, department: str) -> tuple[int, ...]:
        everyone = self._directory.departments.get(department) or range(self._directory.user_count)
        people = self._directory.people
        members = [i for i in everyone if people[i].weight > 0] or [0]
        total = sum(people[i].weight for i in members) or 1
        return tuple(i for i in members for _ in range(1 + int(400 * people[i].weight / total)))

    def _member(self, department: str, chance: int) -> int:
        wheel = self._wheel(department)
        return wheel[chance % len(wheel)]

    def upload_ms(self, code: int, person: int) -> int:
        """When a file was uploaded: within its UTC day, in its uploader's working hours."""
        office = self._directory.offices[person]
        return work_ms(office, self.decode(code)[1], mix(self._files, code, 3))

    # ------------------------------------------------------------------ ids

    def folder_id(self, index: int) -> str:
        """The id of a folder; the root is "0"."""
        return ROOT_ID if index == 0 else str(_FOLDER_ID_BASE + self._folder_ids.forward(index))

    def file_id(self, code: int) -> str:
        """The id of a file."""
        return str(_FILE_ID_BASE + self._file_ids.forward(code))

    def version_id(self, code: int) -> str:
        """The id of a file's current version."""
        return str(_FILE_ID_BASE + _VERSION_OFFSET + self._file_ids.forward(code))

    def folder_index(self, folder_id: str) -> int | None:
        """The index of the folder with an id, whether or not it exists yet."""
        if folder_id == ROOT_ID:
            return 0
        if not folder_id.isascii() or not folder_id.isdigit() or len(folder_id) > 16:  # noqa: PLR2004
            return None
        value = int(folder_id) - _FOLDER_ID_BASE
        if not 0 <= value < 1 << (_FOLDER_BITS + 16):
            return None
        index = self._folder_ids.back(value)
        return index if 0 < index < 1 << _FOLDER_BITS else None

    def file_code(self, file_id: str, ordinal: int) -> int | None:
        """The code of the file with an id, if it had been uploaded by a day."""
        if not file_id.isascii() or not file_id.isdigit() or len(file_id) > 16:  # noqa: PLR2004
            return None
        value = int(file_id) - _FILE_ID_BASE
        if not 0 <= value < 1 << (_NUMBER_BITS + _DAY_BITS + _FOLDER_BITS):
            return None
        code = self._file_ids.back(value)
        index, day, number = self.decode(code)
        if index == 0 or day > ordinal or not self.exists(index, ordinal):
            return None
        return code if number < self.file_count(index, day) else None

    def file_count(self, index: int, day: int) -> int:
        """How many files of a folder bear a day, founding files included."""
        founded = self.founded(index)
        if day < founded:
            return 0
        count = self.uploads(index, self.share(index, day), day)
        return max(count, FOUNDING_FILES) if day == founded else count

    # ------------------------------------------------------------------ objects

    def _spec(self, index: int) -> tuple[str, str, str, int, int]:
        """Kind, name, department, owner's index and parent's index of a folder."""
        if index < _PROJECT_BASE:
            return self._fixed[index]
        department, number, sub = self._project_of(index)
        name = self._departments[department]
        owner = self._member(name, mix(self._salt, department, number))
        if sub:
            parent = self.project_index(department, number)
            return "subfolder", names.SUBFOLDERS[sub - 1], name, owner, parent
        word = names.PROJECTS[(number * 7 + department * 11) % len(names.PROJECTS)]
        turn = number // len(names.PROJECTS) + 1
        return (
            "project",
            f"Project {word}{f' {turn}' if turn > 1 else ''}",
            name,
            owner,
            self.department_folder[name],
        )

    def folder(self, index: int) -> Folder:
        """The folder with an index."""
        return self._folder_cache(index)

    def _make_folder(self, index: int) -> Folder:
        kind, name, department, owner, parent = self.spec(index)
        people = self._directory.people
        key = mix(self._salt, index, 3)
        made = from_ms(start_of(self.founded(index)) + 9 * 3_600_000 + key % 30_000_000)
        owner_id = people[owner].id
        return Folder(
            index=index,
            id=self.folder_id(index),
            name=name,
            parent_id=None if index == 0 else self.folder_id(parent),
            owner_id=owner_id,
            created_by_id=owner_id,
            modified_by_id=owner_id,
            created_at=made,
            modified_at=made,
            size=key % 9_000_000_000,
            description="" if kind != "project" else f"Everything about {name}",
            kind=kind,
            department=department,
            shared_link=self._link(key, made) if kind == "project" and key % 9 == 0 else None,
            synced=mix(key, 4) % 10 < 3,  # noqa: PLR2004
        )

    def _link(self, key: int, made: object) -> SharedLink:
        del made
        token = f"{mix(key, 21):016x}{mix(key, 22):016x}"
        return SharedLink(
            url=f"https://haldenpryce.app.box.com/s/{token}",
            access=("company", "company", "collaborators", "open")[key >> 8 & 3],
            is_password_enabled=key >> 12 & 3 == 0,
            unshared_at=None,
            download_count=key >> 14 & 31,
            preview_count=key >> 19 & 127,
        )

    def file_name(self, code: int) -> str:
        """The name of a file; about one in 120 is a hostile one."""
        key = mix(self._files, code, 4)
        if key % 120 == 0:
            return names.HOSTILE[(key >> 16) % len(names.HOSTILE)]
        department = self.spec(self.decode(code)[0])[2] or "Operations"
        extension = _EXTENSIONS[(key >> 8) % len(_EXTENSIONS)][0]
        subjects = names.SUBJECTS[department]
        if (key >> 20) % 25 == 0:
            other = names.OTHER_NAMES[(key >> 28) % len(names.OTHER_NAMES)]
            return f"{other} {key >> 40 & 63}.{extension}"
        subject = subjects[(key >> 28) % len(subjects)]
        form = key >> 36 & 3
        if form == 0:
            qualifier = names.QUALIFIERS[(key >> 40) % len(names.QUALIFIERS)]
            return f"{subject} {qualifier}.{extension}"
        if form == 1:
            return f"{date.fromordinal(self.decode(code)[1]):%Y-%m-%d} {subject}.{extension}"
        return f"{subject} {key >> 40 & 1023:03d}.{extension}"

    def file_size(self, code: int) -> int:
        """The size of a file in bytes."""
        key = mix(self._files, code, 4)
        _, low, high, _ = _EXTENSIONS[(key >> 8) % len(_EXTENSIONS)]
        part = unit(self._files, code, 5)
        return low + int((high - low) * part * part * part)

    def _file_facts(self, code: int) -> FileFacts:
        return FileFacts(
            self.file_id(code),
            self.version_id(code),
            self.file_name(code),
            self.file_size(code),
            classification(mix(self._files, code, 6)),
        )

    def file(self, code: int, ordinal: int) -> File:
        """The file with a code, as it is on a day (a short-lived one may be in the trash)."""
        index, day, _ = self.decode(code)
        made = self._file_cache(code)
        if self.is_doomed(code) and ordinal > day + DOOMED_AFTER and day > self.founded(index):
            return _trashed(made)
        return made

    def _make_file(self, code: int) -> File:
        index, ordinal, _ = self.decode(code)
        person = self.uploader(code)
        made = self.upload_ms(code, person)
        key = mix(self._files, code, 6)
        people = self._directory.people
        name = self.file_name(code)
        sha1 = f"{mix(key, 1):016x}{mix(key, 2):016x}{mix(key, 3) >> 32:08x}"
        version = key >> 50 & 3
        return File(
            code=code,
            id=self.file_id(code),
            name=name,
            parent_id=self.folder_id(index),
            owner_id=people[self.spec(index)[3]].id,
            created_by_id=people[person].id,
            modified_by_id=people[person].id,
            created_at=from_ms(made),
            modified_at=from_ms(made),
            size=self.file_size(code),
            description="",
            extension=name.rpartition(".")[2] if "." in name else "",
            sha1=sha1,
            version_id=self.version_id(code),
            version_number=str(version + 1),
            etag=str(version),
            sequence_id=str(version),
            comment_count=key >> 40 & 3,
            tags=("important",) if key % 40 == 0 else (),
            classification=classification(key),
            shared_link=self._link(key, ordinal) if key % 23 == 0 else None,
        )

    def codes(self, index: int, as_of_ms: int) -> Iterator[int]:
        """The codes of a folder's files at a moment, without those in the trash.

        Looks at the last 400 days and at the founding day.
        """
        today = ordinal_of(as_of_ms - 1)
        founded = self.founded(index)
        if index == 0 or founded > today:
            return
        begin, end = self._busy(index, today)
        days = (founded, *range(max(founded + 1, today - LISTED_DAYS, begin), end + 1))
        for day in days:
            for number in range(self.file_count(index, day)):
                code = self.code(index, day, number)
                if day > founded and day < today - DOOMED_AFTER and self.is_doomed(code):
                    continue
                if day < today or self.upload_ms(code, self.uploader(code)) < as_of_ms:
                    yield code

    def files(self, index: int, as_of_ms: int) -> Iterator[File]:
        """The files of `codes`."""
        today = ordinal_of(as_of_ms - 1)
        return (self.file(code, today) for code in self.codes(index, as_of_ms))

    def _busy(self, index: int, today: int) -> tuple[int, int]:
        """The first and last day on which a folder may have got files, up to today."""
        if index < _PROJECT_BASE:
            return 0, today if self.shares.get(index) else 0
        department, number, sub = self._project_of(index)
        end = self._project_start(department, number + ACTIVE_PROJECTS)
        return 0, min(today, end) if sub else 0

    def subfolders(self, index: int, ordinal: int) -> Sequence[Folder]:
        """The folders directly in a folder on a day."""
        if index >= _PROJECT_BASE:
            department, number, sub = self._project_of(index)
            if sub:
                return []
            return [self.folder(self.project_index(department, number, s)) for s in range(1, _SUBS)]
        kind, _, department_name, _, _ = self._fixed[index]
        if kind == "root":
            return [self.folder(i) for i, f in enumerate(self._fixed) if i and f[4] == 0]
        if kind != "department":
            return []
        number = self._departments.index(department_name)
        found = [self.folder(i) for i in self.team_folders[department_name]]
        return found + [
            self.folder(self.project_index(number, p))
            for p in range(self.projects(number, ordinal))
        ]

    def folder_visible(self, person: Person, index: int) -> bool:  # noqa: PLR0911  # a list of cases
        """Whether a person may see a folder: owner, department, company-wide, or invited."""
        if index == 0:
            return True
        kind, _, department, owner, _ = self.spec(index)
        if owner == person.index:
            return True
        if person.kind in ("service", "app_user") or person.status != "active":
            return False
        if person.kind == "external":
            if kind in ("project", "subfolder"):
                return self.invited(person.index, index)
            return kind == "exchange"
        if kind in ("company", "exchange"):
            return True
        return kind not in ("personal", "migration") and department == person.department

    def invited(self, person: int, index: int) -> bool:
        """Whether an external collaborator was invited to the project of a folder."""
        department, number, _ = self._project_of(index)
        return (
            department == person % len(self._departments) and mix(self._salt, number, 91) % 4 == 0
        )

    def owner_of(self, index: int) -> int:
        """The person (index) who owns a folder and what is in it."""
        return self.spec(index)[3]


WEEK = (0.16, 1.34, 1.42, 1.40, 1.36, 1.12, 0.20)  # ordinal % 7: 0 is a Sunday


_LABELS = {0: "Confidential", 1: "Internal", 2: "Internal"}


def classification(key: int) -> str | None:
    """The classification label of a file, if it bears one."""
    return _LABELS.get(key >> 30 & 15)


def _founding_number(chance: int) -> int:
    return (chance >> 16) % FOUNDING_FILES


def _trashed(made: File) -> File:
    day_ms = to_ms(made.created_at) + DOOMED_AFTER * DAY_MS
    return File(
        **{
            **{name: getattr(made, name) for name in made.__dataclass_fields__},
            "item_status": "trashed",
            "trashed_at": from_ms(day_ms),
            "shared_link": None,
        }
    )
