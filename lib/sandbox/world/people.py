"""Who is in the world: people, groups, memberships, out of the seed and the number of users.

Index 0 is the admin, 1 a co-admin with the report right, 2 one without; then managed users, the
last of them inactive, a few before it dormant; then app users, the service account, externals.
Service accounts of further apps are known by id and login only, and never act.
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from lib.sandbox.world import names
from lib.sandbox.world.clockwork import OFFICES, Office
from lib.sandbox.world.mixing import Scramble, mix, salt, unit
from lib.sandbox.world.model import Enterprise, Group, Membership, Person

T = TypeVar("T")
OUTSIDE = -10  # the index of who owns no folder and never acts
SMALLEST_WORLD = 12
_FOUNDED = datetime(2017, 2, 6, 9, tzinfo=UTC)
_GB = 1 << 30
_FURTHER_IDS = 40_000_000_000  # above every other person's id
_ADMIN, _COADMIN, _COADMIN_PLAIN = 0, 1, 2
_OFFICE_SHARES = (16, 10, 12, 8, 8, 6)


class Directory:
    """Every person, group and membership. Built once, some 20 microseconds a person."""

    def __init__(self, seed: int, users: int) -> None:
        self._seed = seed
        self._salt = salt(seed, "people")
        self.user_count = max(users, SMALLEST_WORLD)
        self.dormant_count = 4 if self.user_count >= 30 else 1  # noqa: PLR2004
        number = 1_000_000 + mix(self._salt, 1) % 8_000_000
        self.enterprise = Enterprise(str(number), names.COMPANY, (names.DOMAIN,))
        self.second_enterprise = Enterprise(
            str(number + 1_234_567), names.SECOND_COMPANY, (names.SECOND_DOMAIN,)
        )
        self._ids = Scramble(salt(seed, "person ids"), 34)
        self._weights = self._zipf()
        self.people: list[Person] = [self._managed(i) for i in range(self.user_count)]
        self.people += self._app_people(len(self.people))
        self.people += self._externals(len(self.people))
        self.second_admin = self._outsider(
            len(self.people), self.second_enterprise, mix(self._salt, 77), "admin"
        )
        self._further: dict[str, Person] = {}
        self.by_id = {p.id: p for p in self.people}
        self.by_login = {p.login.lower(): p for p in self.people}
        self.minis = [p.mini for p in self.people]
        self.offices: list[Office] = [_office(p.office) for p in self.people]
        self.departments: dict[str, list[int]] = {d[0]: [] for d in names.DEPARTMENTS}
        for person in self.people[: self.user_count]:
            self.departments[person.department].append(person.index)
        self.workers = [p.index for p in self.people[: self.user_count] if p.weight > 0]
        self.dormants = [p.index for p in self.people[: self.user_count] if p.dormant]
        self.externals = [p.index for p in self.people if p.kind == "external"]
        self.app_users = [p.index for p in self.people if p.kind == "app_user"]
        self.service_index = next(p.index for p in self.people if p.kind == "service")
        self._wheel = [i for i in self.workers for _ in range(1 + int(600 * self.people[i].weight))]
        self.groups, self.memberships = self._make_groups()

    def head_of(self, department: str) -> int:
        """The index of the person who owns a department's folders."""
        members = [i for i in self.departments[department] if self.people[i].weight > 0]
        return members[0] if members else _ADMIN

    def pick_worker(self, chance: int) -> int:
        """The index of some active person of ours, busy ones likelier."""
        return self._wheel[chance % len(self._wheel)]

    def _zipf(self) -> list[float]:
        silent = self.dormant_count + 1
        working = self.user_count - silent
        order = sorted(range(working), key=lambda i: mix(self._salt, i, 5))
        raw = [0.0] * working
        for rank, index in enumerate(order):
            raw[index] = 1 / (rank + 3) ** 0.85
        total = sum(raw)
        return [w / total for w in raw] + [0.0] * silent

    def _name(self, index: int) -> tuple[str, str, str]:
        combinations = len(names.FIRST) * len(names.LAST)
        place = (index * 2_654_435_761 + self._salt) % combinations
        first, last = names.FIRST[place % len(names.FIRST)], names.LAST[place // len(names.FIRST)]
        plain = f"{first}.{last}".lower().replace("'", "")
        local = "".join(_PLAIN.get(c, c) for c in plain)
        turn = index // combinations
        return first, last, f"{local}{turn + 1}" if turn else local

    def _managed(self, index: int) -> Person:
        key = mix(self._salt, index, 1)
        first, last, local = self._name(index)
        office = _draw(OFFICES, _OFFICE_SHARES, unit(key, 2))
        department = _draw(names.DEPARTMENTS, [d[1] for d in names.DEPARTMENTS], unit(key, 3))
        kind = {_ADMIN: "admin", _COADMIN: "coadmin", _COADMIN_PLAIN: "coadmin"}.get(
            index, "managed"
        )
        title = department[2][mix(key, 4) % len(department[2])]
        if kind != "managed":
            title = ("IT Director", "Security Engineer", "IT Support Lead")[index]
            department = names.DEPARTMENTS[3]
        created = _FOUNDED + timedelta(minutes=mix(key, 5) % (5 * 365 * 1440))
        last_one = index == self.user_count - 1
        return Person(
            index=index,
            id=self._id(index),
            name=f"{first} {last}",
            login=f"{local}@{names.DOMAIN}",
            kind=kind,
            status="inactive" if last_one else "active",
            role={"admin": "admin", "coadmin": "coadmin"}.get(kind, "user"),
            timezone=office.timezone,
            language=office.language,
            job_title=title,
            phone=f"{office.phone}{mix(key, 6) % 90 + 10}",
            address=office.address,
            created_at=created,
            modified_at=created + timedelta(minutes=mix(key, 7) % (3 * 365 * 1440)),
            space_used=mix(key, 8) % (40 * _GB),
            space_amount=100 * _GB,
            enterprise_id=self.enterprise.id,
            enterprise_name=self.enterprise.name,
            department=department[0],
            office=office.name,
            weight=self._weights[index],
            can_run_reports=index in (_ADMIN, _COADMIN),
            dormant=not last_one and self._weights[index] == 0,
        )

    def _app_people(self, start: int) -> list[Person]:
        labels = ("Supplier portal", "Warranty portal", "Field app")
        found = []
        for place in range(len(labels) + 1):
            service = place == len(labels)
            key, index = mix(self._salt, place, 2), start + place
            name = "Archive Connector" if service else labels[place]
            found.append(self._app_person(index, self._id(index), key, name, service=service))
        return found

    def _app_person(
        self, index: int, user_id: str, key: int, name: str, *, service: bool
    ) -> Person:
        prefix = "AutomationUser" if service else "AppUser"
        created = datetime(2023, 3, 1, 12, tzinfo=UTC) + timedelta(minutes=key % 500_000)
        return Person(
            index=index,
            id=user_id,
            name=name,
            login=f"{prefix}_{mix(key, 1) % 9_000_000 + 1_000_000}_{_token(key)}@boxdevedition.com",
            kind="service" if service else "app_user",
            status="active",
            role="user",
            timezone="America/Los_Angeles",
            language="en",
            job_title="",
            phone="",
            address="",
            created_at=created,
            modified_at=created,
            space_used=mix(key, 8) % _GB,
            space_amount=10 * _GB,
            enterprise_id=self.enterprise.id,
            enterprise_name=self.enterprise.name,
            department="",
            office=OFFICES[0].name,
            weight=0.0,
            is_platform_access_only=True,
            external_app_user_id=None if service else f"portal-{mix(key, 3) % 90000}",
        )

    def add_service_account(self, name: str) -> Person:
        """The service account of a further app, made when it is asked for first."""
        if name not in self._further:
            key = salt(self._seed, f"service account of {name}")
            user_id = str(_FURTHER_IDS + mix(key, 2) % _FURTHER_IDS)
            person = self._app_person(OUTSIDE, user_id, key, name, service=True)
            person = replace(person, space_used=0)
            self._further[name] = person
            self.by_id[person.id] = self.by_login[person.login.lower()] = person
        return self._further[name]

    def _externals(self, start: int) -> list[Person]:
        found = []
        for place in range(max(6, self.user_count // 10)):
            company, domain = names.PARTNERS[place % len(names.PARTNERS)]
            key = mix(self._salt, place, 3)
            home = Enterprise(str(3_000_000 + mix(self._salt, place % 4, 9) % 900_000), company,
                              (domain,))  # fmt: skip
            found.append(self._outsider(start + place, home, key, "user"))
        return found

    def _outsider(self, index: int, home: Enterprise, key: int, role: str) -> Person:
        first, last, local = self._name(index + 41)
        office = OFFICES[key % len(OFFICES)]
        created = _FOUNDED + timedelta(minutes=mix(key, 5) % (5 * 365 * 1440))
        return Person(
            index=index,
            id=self._id(index),
            name=f"{first} {last}",
            login=f"{local}@{home.domains[0]}",
            kind="external",
            status="active",
            role=role,
            timezone=office.timezone,
            language=office.language,
            job_title="",
            phone="",
            address="",
            created_at=created,
            modified_at=created,
            space_used=0,
            space_amount=10 * _GB,
            enterprise_id=home.id,
            enterprise_name=home.name,
            department="",
            office=office.name,
            weight=0.0,
        )

    def _id(self, index: int) -> str:
        return str(10_000_000_000 + self._ids.forward(index))

    def _make_groups(self) -> tuple[list[Group], list[Membership]]:
        requested: list[tuple[str, str, list[int]]] = [
            ("All managed users", "all_users_group", list(range(self.user_count)))
        ]
        requested += [(name, "managed_group", who) for name, who in self.departments.items()]
        leads = [self.head_of(name) for name in self.departments]
        requested.append(("Leadership", "managed_group", sorted({_ADMIN, *leads})))
        requested += [
            (
                name,
                "managed_group",
                [i for i in self.workers if mix(self._salt, i, 50 + n) % 5 == 0],
            )
            for n, name in enumerate(
                ("Budget approvers", "Export control", "Safety <wardens> & aid")
            )
        ]
        groups, memberships = [], []
        for number, (name, group_type, who) in enumerate(requested):
            key = mix(self._salt, number, 60)
            created = _FOUNDED + timedelta(minutes=key % 500_000)
            group = Group(
                id=str(200_000_000 + key % 700_000_000),
                name=name,
                group_type=group_type,
                description=f"{name} of {self.enterprise.name}",
                created_at=created,
                modified_at=created + timedelta(days=key % 300),
            )
            groups.append(group)
            for place, index in enumerate(who):
                memberships.append(
                    Membership(
                        id=str(30_000_000_000 + number * 10_000_000 + index),
                        group_id=group.id,
                        user_id=self.people[index].id,
                        role="admin" if place == 0 and number else "member",
                        created_at=max(created, self.people[index].created_at),
                        modified_at=max(created, self.people[index].created_at),
                    )
                )
        return groups, memberships


_PLAIN = dict(zip("áåäãçéèëíïñóöøôõúüżńśćźűőł", "aaaaceeeiinooooouuznsczuol", strict=True))
_LETTERS = "abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"


def _token(key: int) -> str:
    return "".join(_LETTERS[mix(key, n, 8) % len(_LETTERS)] for n in range(10))


def _office(name: str) -> Office:
    return next(o for o in OFFICES if o.name == name)


def _draw(options: tuple[T, ...], shares: list[int] | tuple[int, ...], chance: float) -> T:
    left = chance * sum(shares)
    for option, share in zip(options, shares, strict=True):
        left -= share
        if left < 0:
            return option
    return options[-1]
