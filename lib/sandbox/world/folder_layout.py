"""Which folders there are on a day, who owns them, and what part of the uploads each gets.

Departments, teams, personal folders and a few of the company's are always there; projects begin
one after another, so they are computed from their number and never kept.
"""

from datetime import date
from functools import lru_cache

from lib.sandbox.world import names
from lib.sandbox.world.mixing import mix, salt
from lib.sandbox.world.people import Directory

PROJECT_EVERY = 47  # days between the projects of a department
ACTIVE_PROJECTS = 4
_PROJECTS_BEGIN = date(2018, 1, 8).toordinal()
_TREE_BEGINS = date(2017, 2, 13).toordinal()
PROJECT_BASE = 1 << 16
FOLDERS_A_PROJECT = 1 + len(names.SUBFOLDERS)
_PER_DEPARTMENT = 1 << 13


class FolderLayout:
    """The folders of one world, by index."""

    def __init__(self, seed: int, directory: Directory) -> None:
        self._directory = directory
        self._salt = salt(seed, "tree")
        self._departments = list(directory.departments)
        self._lay_out()
        self.founded = lru_cache(maxsize=20_000)(self._founded)
        self.projects = lru_cache(maxsize=20_000)(self._projects)

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
        return PROJECT_BASE + department * _PER_DEPARTMENT + number * FOLDERS_A_PROJECT + sub

    def project_of(self, index: int) -> tuple[int, int, int]:
        """The department, number and subfolder of a project's folder index."""
        department, rest = divmod(index - PROJECT_BASE, _PER_DEPARTMENT)
        number, sub = divmod(rest, FOLDERS_A_PROJECT)
        return department, number, sub

    def project_start(self, department: int, number: int) -> int:
        """The day (ordinal) on which a project begins, whether or not it has."""
        jitter = mix(self._salt, department, number + 1000) % (PROJECT_EVERY // 2)
        return _PROJECTS_BEGIN + number * PROJECT_EVERY + jitter + department * 5

    def _projects(self, department: int, ordinal: int) -> int:
        """How many projects a department has begun by a day."""
        number = max(0, (ordinal - _PROJECTS_BEGIN - department * 5) // PROJECT_EVERY + 1)
        while number and self.project_start(department, number - 1) > ordinal:
            number -= 1
        return min(number, _PER_DEPARTMENT // FOLDERS_A_PROJECT)

    def _founded(self, index: int) -> int:
        """The day (ordinal) on which a folder was made."""
        if index >= PROJECT_BASE:
            department, number, sub = self.project_of(index)
            return self.project_start(department, number) + (sub and 1)
        return _TREE_BEGINS + mix(self._salt, index, 7) % 300

    def exists(self, index: int, ordinal: int) -> bool:
        """Whether a folder is there on a day."""
        if index < 0:
            return False
        if index < PROJECT_BASE:
            return index < len(self._fixed)
        department, number, _ = self.project_of(index)
        return department < len(self._departments) and number < self.projects(department, ordinal)

    def share(self, index: int, ordinal: int) -> float:
        """The part of all uploads that a folder gets on a day."""
        if index < PROJECT_BASE:
            return self.shares.get(index, 0.0)
        department, number, sub = self.project_of(index)
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
                for sub in range(1, FOLDERS_A_PROJECT):
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
            found += [
                self.project_index(number, project, sub) for sub in range(1, FOLDERS_A_PROJECT)
            ]
        return found

    def busy(self, index: int, today: int) -> tuple[int, int]:
        """The first and last day on which a folder may have got files, up to today."""
        if index < PROJECT_BASE:
            return 0, today if self.shares.get(index) else 0
        department, number, sub = self.project_of(index)
        end = self.project_start(department, number + ACTIVE_PROJECTS)
        return 0, min(today, end) if sub else 0
