"""The folder tree and its files, as a catalogue that is computed, never kept.

A folder has an index, a file a code (folder index, day, number that day); ids are those numbers
scrambled, so any id can be turned back into its item without a table. How many files a folder
gets on a day is a pure function of folder and day, so earlier days need not be generated.
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache

from lib.sandbox.world import names
from lib.sandbox.world.clockwork import (
    DAY_MS,
    from_ms,
    ordinal_of,
    start_of,
    to_ms,
    work_ms,
)
from lib.sandbox.world.file_facts import FileFacts, classification, file_name, file_size
from lib.sandbox.world.folder_layout import (
    FOLDERS_A_PROJECT,
    PROJECT_BASE,
    FolderLayout,
)
from lib.sandbox.world.item_ids import MOST_A_DAY, ItemIds
from lib.sandbox.world.mixing import mix, salt, unit
from lib.sandbox.world.model import File, Folder, Person, SharedLink
from lib.sandbox.world.people import Directory

FOUNDING_FILES = 12  # each folder begins with this many
LISTED_DAYS = 400  # a folder's listing goes back so far, and to its founding
DOOMED_AFTER = 6  # days after which short-lived files are in the trash
UPLOAD_SHARE = 0.13  # of all events


class Tree(FolderLayout):
    """Folders and files of one world, at any date."""

    def __init__(self, seed: int, directory: Directory, events_per_day: float) -> None:
        super().__init__(seed, directory)
        self._files = salt(seed, "files")
        self._counts = salt(seed, "upload counts")
        self.ids = ItemIds(seed)
        self._uploads = events_per_day * UPLOAD_SHARE
        self._folder_cache = lru_cache(maxsize=20_000)(self._make_folder)
        self.spec = lru_cache(maxsize=20_000)(self._spec)
        self.file_facts = lru_cache(maxsize=10_000)(self._file_facts)
        self._file_cache = lru_cache(maxsize=20_000)(self._make_file)

    # ------------------------------------------------------------------ counts and codes

    def uploads(self, index: int, share: float, ordinal: int) -> int:
        """How many files a folder gets on a day."""
        expected = self._uploads * share * WEEK[ordinal % 7]
        return min(int(expected + unit(self._counts, index, ordinal)), MOST_A_DAY)

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
                    if back < DOOMED_AFTER or not self.is_doomed(self.ids.code(index, day, number)):
                        return self.ids.code(index, day, number)
        return self.ids.code(index, self.founded(index), _founding_number(chance))

    def dying_file(self, index: int, ordinal: int, chance: int) -> int:
        """The code of a file that goes to the trash around this day."""
        share = self.share(index, ordinal)
        for day in range(ordinal - DOOMED_AFTER, ordinal - DOOMED_AFTER - 6, -1):
            for number in range(self.uploads(index, share, day)):
                if self.is_doomed(self.ids.code(index, day, number)):
                    return self.ids.code(index, day, number)
        return self.old_file(index, ordinal, chance)

    def is_doomed(self, code: int) -> bool:
        """Whether a file is a short-lived one."""
        return mix(self._files, code, 9) % 8 == 0

    def uploader(self, code: int) -> int:
        """The person (index) who uploaded a file."""
        index = self.ids.decode(code)[0]
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
        return work_ms(office, self.ids.decode(code)[1], mix(self._files, code, 3))

    # ------------------------------------------------------------------ ids

    def file_code(self, file_id: str, ordinal: int) -> int | None:
        """The code of the file with an id, if it had been uploaded by a day."""
        code = self.ids.file_code(file_id)
        if code is None:
            return None
        index, day, number = self.ids.decode(code)
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
        if index < PROJECT_BASE:
            return self._fixed[index]
        department, number, sub = self.project_of(index)
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
            id=self.ids.folder(index),
            name=name,
            parent_id=None if index == 0 else self.ids.folder(parent),
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
        """The name of a file."""
        index, ordinal, _ = self.ids.decode(code)
        department = self.spec(index)[2] or "Operations"
        return file_name(mix(self._files, code, 4), department, ordinal)

    def file_size(self, code: int) -> int:
        """The size of a file in bytes."""
        return file_size(mix(self._files, code, 4), unit(self._files, code, 5))

    def _file_facts(self, code: int) -> FileFacts:
        return FileFacts(
            self.ids.file(code),
            self.ids.version(code),
            self.file_name(code),
            self.file_size(code),
            classification(mix(self._files, code, 6)),
        )

    def file(self, code: int, ordinal: int) -> File:
        """The file with a code, as it is on a day (a short-lived one may be in the trash)."""
        index, day, _ = self.ids.decode(code)
        made = self._file_cache(code)
        if self.is_doomed(code) and ordinal > day + DOOMED_AFTER and day > self.founded(index):
            return _trashed(made)
        return made

    def _make_file(self, code: int) -> File:
        index, ordinal, _ = self.ids.decode(code)
        person = self.uploader(code)
        made = self.upload_ms(code, person)
        key = mix(self._files, code, 6)
        people = self._directory.people
        name = self.file_name(code)
        sha1 = f"{mix(key, 1):016x}{mix(key, 2):016x}{mix(key, 3) >> 32:08x}"
        version = key >> 50 & 3
        return File(
            code=code,
            id=self.ids.file(code),
            name=name,
            parent_id=self.ids.folder(index),
            owner_id=people[self.spec(index)[3]].id,
            created_by_id=people[person].id,
            modified_by_id=people[person].id,
            created_at=from_ms(made),
            modified_at=from_ms(made),
            size=self.file_size(code),
            description="",
            extension=name.rpartition(".")[2] if "." in name else "",
            sha1=sha1,
            version_id=self.ids.version(code),
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
        begin, end = self.busy(index, today)
        days = (founded, *range(max(founded + 1, today - LISTED_DAYS, begin), end + 1))
        for day in days:
            for number in range(self.file_count(index, day)):
                code = self.ids.code(index, day, number)
                if day > founded and day < today - DOOMED_AFTER and self.is_doomed(code):
                    continue
                if day < today or self.upload_ms(code, self.uploader(code)) < as_of_ms:
                    yield code

    def files(self, index: int, as_of_ms: int) -> Iterator[File]:
        """The files of `codes`."""
        today = ordinal_of(as_of_ms - 1)
        return (self.file(code, today) for code in self.codes(index, as_of_ms))

    def subfolders(self, index: int, ordinal: int) -> Sequence[Folder]:
        """The folders directly in a folder on a day."""
        if index >= PROJECT_BASE:
            department, number, sub = self.project_of(index)
            if sub:
                return []
            return [
                self.folder(self.project_index(department, number, s))
                for s in range(1, FOLDERS_A_PROJECT)
            ]
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
        department, number, _ = self.project_of(index)
        return (
            department == person % len(self._departments) and mix(self._salt, number, 91) % 4 == 0
        )

    def owner_of(self, index: int) -> int:
        """The person (index) who owns a folder and what is in it."""
        return self.spec(index)[3]


WEEK = (0.16, 1.34, 1.42, 1.40, 1.36, 1.12, 0.20)  # ordinal % 7: 0 is a Sunday


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
