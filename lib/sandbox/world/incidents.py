"""Incidents planted in the world, and innocent things that look like them.

Each kind of incident happens once in every 14 days, on a day of its own choice, so that any 30 days
hold at least one; in every second block of days it is a small one, near the threshold of a
sensible rule. Look-alikes (a migration by a service, a quarter's end, an offboarding, a new VPN)
are not listed as incidents. All of a day's incidents are a pure function of the date. An
incident's actions stay within one UTC day.
"""

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any, NamedTuple

from lib.sandbox.world import names
from lib.sandbox.world.clockwork import office_offset, start_of
from lib.sandbox.world.mixing import mix, salt
from lib.sandbox.world.model import ANONYMOUS, IDLESS, NOBODY, Action
from lib.sandbox.world.people import Directory
from lib.sandbox.world.tree import Tree

BLOCK = 14  # days in which each kind of incident happens once
LOOKALIKE_BLOCK = 28
AVERAGE = 85.0  # events a day that incidents and look-alikes add, at scale 1
_SERIAL = 3 << 50
_MINUTE = 60_000
_MOST_SCALE = 20.0
_STANDARD_RATE = 1111.0
_STANDARD_PER_HEAD = _STANDARD_RATE / 60

DETECTIONS = (
    "mass_download",
    "mass_delete",
    "mass_permission_change",
    "external_collaboration",
    "link_opened_wide",
    "anonymous_burst",
    "failed_login_burst",
    "password_spray",
    "new_network",
    "dormant_return",
    "admin_takeover",
    "ownership_grab",
    "app_and_key_changes",
    "risky_content",
    "shield_and_policy",
    "volume_anomaly",
)
LOOKALIKES = ("migration", "quarter_end", "offboarding")


class Planted(NamedTuple):
    """An incident (`detection` named) or a look-alike (None); `actor` None: nobody of ours."""

    detection: str | None
    actor: int | None
    actions: list[Action]


class _Stage:
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
        self.start = start_of(ordinal) + (2 * 60 + self.draw(1) % (18 * 60)) * _MINUTE

    def draw(self, number: int) -> int:
        return mix(self.key, number, 11)

    def between(self, number: int, low: int, high: int) -> int:
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
        self.start = start_of(self.ordinal) + min((local - offset) % 1440, 22 * 60) * _MINUTE

    def add(
        self,
        after_ms: int,
        kind: str,
        actor: int,
        item: int | None = None,
        ip: str | None = None,
        **extra: Any,
    ) -> None:
        serial = self._serial | len(self.actions)
        self.actions.append(
            Action(self.start + after_ms, serial, kind, actor, item, ip, extra or None)
        )

    def spaced(self, count: int, minutes: float) -> Iterator[tuple[int, int, int]]:
        """Number, milliseconds after the start and 64 bits of chance, `count` times, in order."""
        step = minutes * _MINUTE / max(count, 1)
        for number in range(count):
            chance = mix(self.key, number, 12)
            yield number, int(step * (number + (chance & 0xFF) / 256)), chance

    def file(self, person: int, chance: int) -> int:
        folders = self.tree.working_set(person, self.ordinal)
        folder = folders[chance % len(folders)]
        return self.tree.old_file(folder, self.ordinal, chance >> 8)

    def folder(self, person: int, chance: int) -> int:
        folders = self.tree.working_set(person, self.ordinal)
        return ~folders[chance % len(folders)]

    def foreign_ip(self) -> str:
        """An address nobody of ours uses otherwise."""
        if self.draw(5) % 2:
            return f"198.19.{self.between(6, 220, 250)}.{self.between(7, 2, 250)}"
        network = ("192.0.2", "198.51.100", "203.0.113")[self.draw(6) % 3]
        return f"{network}.{self.between(7, 2, 250)}"


class Incidents:
    """The schedule of incidents and look-alikes of one world, and their actions."""

    def __init__(self, seed: int, directory: Directory, tree: Tree, rate: float) -> None:
        self._directory = directory
        self._tree = tree
        self._schedule = salt(seed, "incident days")
        self._plays = salt(seed, "incident plays")
        per_head = rate / directory.user_count / _STANDARD_PER_HEAD
        self.scale = min(max(1.0, per_head), _MOST_SCALE)
        self.volume_scale = min(max(1.0, rate / _STANDARD_RATE), 5 * _MOST_SCALE)
        self.average = AVERAGE * self.scale

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
                actor = _PLAYS[detection](stage, self)
                found.append(Planted(detection, actor, stage.actions))
        found += self._innocent(ordinal)
        return found

    def _stage(self, place: int, ordinal: int) -> _Stage:
        key = mix(self._plays, place, ordinal)
        return _Stage(key, ordinal, place, self._tree, self._directory)

    def _innocent(self, ordinal: int) -> list[Planted]:
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

    def _migration(self, stage: _Stage) -> Planted:
        """The service account copies an archive in: many uploads and downloads in an hour."""
        stage.start = start_of(stage.ordinal) + 3 * 60 * _MINUTE
        robot = self._directory.service_index
        folders = [i for i, _ in self._tree.active_folders(stage.ordinal - 2)]
        for number, after, chance in stage.spaced(int(150 * self.scale), 55):
            folder = folders[chance % len(folders)]
            item = self._tree.old_file(folder, stage.ordinal, chance >> 8)
            stage.add(after, "DOWNLOAD" if number % 3 else "COPY", robot, item)
        return Planted(None, robot, stage.actions)

    def _quarter_end(self, stage: _Stage) -> Planted:
        """Finance fetches the quarter's papers, some people many within the day."""
        people = [i for i in self._directory.departments["Finance"] if i in self._directory.workers]
        for place, person in enumerate(people[:12]):
            stage.working_hour(person)
            for _, after, chance in stage.spaced(int(24 * self.scale), 90):
                late = (place % 3) * 5 * _MINUTE
                stage.add(after + late, "DOWNLOAD", person, stage.file(person, chance))
        return Planted(None, None, stage.actions)

    def _offboarding(self, stage: _Stage) -> Planted:
        """The admin clears a leaver's account: content moves, groups end, the user is deleted."""
        leaver = {"name": f"Former colleague {stage.between(8, 10, 99)}", "login": ""}
        leaver["login"] = f"leaver{stage.between(9, 1000, 9999)}@{names.DOMAIN}"
        leaver["id"] = str(20_000_000_000 + stage.draw(10) % 9_000_000_000)
        stage.working_hour(2)
        for _, after, chance in stage.spaced(12, 25):
            stage.add(after, "MOVE", 2, stage.file(2, chance))
        for number in range(3):
            stage.add((26 + number) * _MINUTE, "GROUP_REMOVE_USER", 2, target=leaver)
        stage.add(30 * _MINUTE, "DELETE_USER", 2, target=leaver)
        return Planted(None, 2, stage.actions)

    def _partner(self, stage: _Stage) -> Planted:
        """One invitation to a company we have long worked with."""
        person = stage.actor()
        stage.working_hour(person)
        _, domain = names.PARTNERS[stage.draw(4) % len(names.PARTNERS)]
        target = _stranger(stage.draw(5), domain)
        stage.add(0, "COLLABORATION_INVITE", person, stage.folder(person, stage.draw(6)),
                  target=target, details={"role": "viewer"})  # fmt: skip
        return Planted(None, person, stage.actions)


def _is_quarter_end(ordinal: int) -> bool:
    day, later = date.fromordinal(ordinal), date.fromordinal(ordinal + 4)
    return day.weekday() < 5 and day.month % 3 == 0 and later.month != day.month  # noqa: PLR2004


def _visitor(stage: _Stage) -> Planted:
    """Someone without an account opens a shared file once or twice."""
    item = stage.file(stage.actor(), stage.draw(4))
    for number in range(stage.between(5, 1, 3)):
        ip = f"198.19.{stage.between(6, 30, 90)}.{stage.between(7, 2, 250)}"
        kind = "DOWNLOAD" if number == 1 else "PREVIEW"
        stage.add(number * _MINUTE, kind, ANONYMOUS, item, ip)
    return Planted(None, None, stage.actions)


def _stranger(key: int, domain: str) -> dict[str, str]:
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


# One play for each detection: fills the stage and answers who did it. With `stage.small` it stays
# near the threshold of a sensible rule.


def _mass_download(stage: _Stage, world: Incidents) -> int:
    person = stage.actor()
    if stage.small:
        stage.working_hour(person)
    count = stage.between(20, 95, 115) if stage.small else stage.between(20, 160, 240)
    for _, after, chance in stage.spaced(int(count * world.scale), 50 if stage.small else 38):
        stage.add(after, "DOWNLOAD", person, stage.file(person, chance))
    return person


def _mass_delete(stage: _Stage, world: Incidents) -> int:
    person = stage.actor()
    count = stage.between(20, 48, 58) if stage.small else stage.between(20, 80, 130)
    for _, after, chance in stage.spaced(int(count * world.scale), 28 if stage.small else 16):
        stage.add(after, "DELETE", person, stage.file(person, chance))
    return person


def _mass_permission_change(stage: _Stage, world: Incidents) -> int:
    person = stage.actor()
    count = stage.between(20, 26, 32) if stage.small else stage.between(20, 45, 70)
    for number, after, chance in stage.spaced(int(count * world.scale), 25):
        if number % 3:
            target = stage.directory.pick_worker(chance >> 20)
            details = {"role": "co-owner" if number % 2 else "editor"}
            stage.add(after, "COLLABORATION_ROLE_CHANGE", person, stage.folder(person, chance),
                      target=target, details=details)  # fmt: skip
        else:
            stage.add(after, "CHANGE_FOLDER_PERMISSION", person, stage.folder(person, chance))
    return person


def _external_collaboration(stage: _Stage, world: Incidents) -> int:
    del world
    person = stage.actor()
    count = 4 if stage.small else stage.between(20, 8, 14)
    domain = names.STRANGE_DOMAINS[stage.draw(21) % len(names.STRANGE_DOMAINS)]
    for _, after, chance in stage.spaced(count, 18):
        target = _stranger(chance, domain)
        stage.add(after, "COLLABORATION_INVITE", person, stage.folder(person, chance),
                  target=target, details={"role": "editor"})  # fmt: skip
    if not stage.small:
        target = _stranger(mix(stage.key, 0, 12), domain)
        stage.add(40 * _MINUTE, "COLLABORATION_ACCEPT", NOBODY,
                  stage.folder(person, mix(stage.key, 0, 12)), stage.foreign_ip(),
                  target=target, by=target)  # fmt: skip
    return person


def _link_opened_wide(stage: _Stage, world: Incidents) -> int:
    del world
    person = stage.actor()
    for number, after, chance in stage.spaced(2 if stage.small else stage.between(20, 6, 10), 20):
        item = stage.file(person, chance)
        details: dict[str, Any] = {"access": "open", "access_before": "company"}
        if number % 2:
            details |= {"is_password_enabled": False, "was_password_enabled": True}
        stage.add(after, "ITEM_SHARED_UPDATE", person, item, details=details, classified=True)
    return person


def _anonymous_burst(stage: _Stage, world: Incidents) -> None:
    person = stage.actor()
    item = stage.file(person, stage.draw(22))
    count = stage.between(20, 42, 50) if stage.small else stage.between(20, 90, 140)
    for _, after, chance in stage.spaced(int(count * world.scale), 28):
        ip = f"198.19.{100 + chance % 24}.{2 + (chance >> 8) % 240}"
        kind = "DOWNLOAD" if chance >> 20 & 1 else "PREVIEW"
        stage.add(after, kind, ANONYMOUS, item, ip)


def _failed_login_burst(stage: _Stage, world: Incidents) -> int:
    person = stage.actor()
    ip = stage.foreign_ip()
    count = stage.between(20, 9, 11) if stage.small else stage.between(20, 18, 30)
    count = int(count * max(1.0, world.scale / 4))
    for _, after, _ in stage.spaced(count, 8):
        stage.add(after, "FAILED_LOGIN", person, None, ip)
    if not stage.small:
        stage.add(9 * _MINUTE, "LOGIN", person, None, ip)
    return person


def _password_spray(stage: _Stage, world: Incidents) -> None:
    del world
    people = [i for i in stage.directory.workers if i]
    ip = stage.foreign_ip()
    count = min(
        len(people), stage.between(20, 12, 14) if stage.small else stage.between(20, 26, 38)
    )
    first = stage.draw(23)
    for number, after, _ in stage.spaced(count, 20):
        stage.add(after, "FAILED_LOGIN", people[(first + number) % len(people)], None, ip)


def _new_network(stage: _Stage, world: Incidents) -> int:
    del world
    person = stage.actor()
    ip = stage.foreign_ip()
    stage.add(0, "LOGIN", person, None, ip)
    stage.add(_MINUTE // 2, "ADD_LOGIN_ACTIVITY_DEVICE", person, None, ip)
    for number, after, chance in stage.spaced(2 if stage.small else stage.between(20, 10, 18), 30):
        kind = "PREVIEW" if number % 2 else "DOWNLOAD"
        stage.add(after + _MINUTE, kind, person, stage.file(person, chance), ip)
    return person


def _dormant_return(stage: _Stage, world: Incidents) -> int:
    del world
    dormants = stage.directory.dormants
    person = dormants[stage.ordinal // BLOCK % len(dormants)]
    stage.add(0, "LOGIN", person)
    for number, after, chance in stage.spaced(4 if stage.small else stage.between(20, 15, 30), 40):
        kind = "DOWNLOAD" if number % 3 == 0 else "PREVIEW"
        stage.add(after + _MINUTE, kind, person, stage.file(person, chance))
    return person


def _admin_takeover(stage: _Stage, world: Incidents) -> int:
    del world
    person = 2
    ally = stage.actor()
    ip = stage.foreign_ip()
    stage.add(0, "LOGIN", person, None, ip)
    stage.add(2 * _MINUTE, "DISABLE_MULTI_FACTOR_AUTH", person, None, ip, target=ally)
    stage.add(5 * _MINUTE, "CHANGE_ADMIN_ROLE", person, None, ip, target=ally,
              details={"new_role": "coadmin", "old_role": "user"})  # fmt: skip
    if not stage.small:
        stage.add(7 * _MINUTE, "EDIT_USER", person, None, ip, target=ally)
        stage.add(9 * _MINUTE, "EMAIL_ALIAS_PRIMARY", person, None, ip, target=ally)
        stage.add(12 * _MINUTE, "ADMIN_LOGIN", person, None, ip, target=ally)
        stage.add(15 * _MINUTE, "EXTERNAL_COLLAB_SECURITY_SETTINGS", person, None, ip)
    return person


def _ownership_grab(stage: _Stage, world: Incidents) -> int:
    del world
    person = stage.actor()
    count = 5 if stage.small else stage.between(20, 12, 22)
    for _, after, chance in stage.spaced(count, 22):
        stage.add(after, "COLLABORATION_ROLE_CHANGE", person, stage.folder(person, chance),
                  target=person, details={"role": "owner"})  # fmt: skip
    for number in range(0 if stage.small else 3):
        stage.add((23 + number) * _MINUTE, "ILLEGAL_ITEM_OWNERSHIP_TRANSFER_BY_USER", person,
                  stage.file(person, stage.draw(30 + number)))  # fmt: skip
    return person


def _app_and_key_changes(stage: _Stage, world: Incidents) -> int:
    del world
    person = 1
    app = {
        "app_id": str(1_500_000 + stage.draw(24) % 90_000),
        "app_name": "Report Mirror" if stage.draw(25) % 2 else "Nightly export (copy)",
        "public_key_id": f"{stage.draw(26):016x}"[:8],
    }
    if not stage.small:
        stage.add(0, "APPLICATION_CREATED", person, details=app)
        stage.add(6 * _MINUTE, "APPLICATION_PUBLIC_KEY_DELETED", person, details=app)
        stage.add(11 * _MINUTE, "ENTERPRISE_APP_AUTHORIZATION_UPDATE", 0, details=app)
        stage.add(14 * _MINUTE, "OAUTH2_ACCESS_TOKEN_REVOKE", person, details=app)
    stage.add(4 * _MINUTE, "APPLICATION_PUBLIC_KEY_ADDED", person, details=app)
    return person


def _risky_content(stage: _Stage, world: Incidents) -> int:
    person = stage.actor()
    count = stage.between(20, 16, 22) if stage.small else stage.between(20, 50, 85)
    ending = (".locked", ".crypt", ".enc0d3d")[stage.draw(27) % 3]
    for _, after, chance in stage.spaced(int(count * min(world.scale, 4)), 12):
        item = stage.file(person, chance)
        stage.add(after, "RENAME", person, item, name=stage.tree.file_name(item) + ending)
    if not stage.small:
        note = stage.file(person, stage.draw(28))
        stage.add(13 * _MINUTE, "UPLOAD", person, note, name="HOW_TO_DECRYPT_FILES.txt")
        stage.add(14 * _MINUTE, "FILE_MARKED_MALICIOUS", IDLESS, note, name="invoice_viewer.exe")
    return person


def _shield_and_policy(stage: _Stage, world: Incidents) -> int:
    del world
    person = stage.actor()
    rules = (
        "Anomalous Download",
        "Suspicious Locations",
        "Suspicious Sessions",
        "Malicious Content",
    )
    count = 1 if stage.small else stage.between(20, 2, 3)
    for number in range(count):
        rule = rules[(stage.draw(29) + number) % len(rules)]
        stage.add(number * 3 * _MINUTE, "SHIELD_ALERT", NOBODY, alert=rule, suspect=person)
    if not stage.small:
        item = stage.file(person, stage.draw(31))
        stage.add(12 * _MINUTE, "SHIELD_DOWNLOAD_BLOCKED", person, item)
        stage.add(14 * _MINUTE, "CONTENT_WORKFLOW_UPLOAD_POLICY_VIOLATION", person, item)
        stage.add(16 * _MINUTE, "CONTENT_WORKFLOW_SHARING_POLICY_VIOLATION", person, item)
        stage.add(18 * _MINUTE, "SHIELD_INFORMATION_BARRIER_COLLAB_BLOCKED", person)
    return person


def _volume_anomaly(stage: _Stage, world: Incidents) -> None:
    """Half the enterprise at once, at an hour when nearly nobody works."""
    sunday = stage.ordinal % 7 == 0
    stage.start = start_of(stage.ordinal) + (3 if sunday else 22) * 60 * _MINUTE
    count = stage.between(20, 190, 220) if stage.small else stage.between(20, 280, 380)
    for _, after, chance in stage.spaced(int(count * world.volume_scale), 50):
        person = stage.directory.workers[(chance >> 12) % len(stage.directory.workers)]
        kind = "CONTENT_ACCESS" if chance & 3 else "PREVIEW"
        stage.add(after, kind, person, stage.file(person, chance >> 4), service=names.BACKUP_APP)


_Play = Callable[[_Stage, Incidents], int | None]
_PLAYS: dict[str, _Play] = {
    "mass_download": _mass_download,
    "mass_delete": _mass_delete,
    "mass_permission_change": _mass_permission_change,
    "external_collaboration": _external_collaboration,
    "link_opened_wide": _link_opened_wide,
    "anonymous_burst": _anonymous_burst,
    "failed_login_burst": _failed_login_burst,
    "password_spray": _password_spray,
    "new_network": _new_network,
    "dormant_return": _dormant_return,
    "admin_takeover": _admin_takeover,
    "ownership_grab": _ownership_grab,
    "app_and_key_changes": _app_and_key_changes,
    "risky_content": _risky_content,
    "shield_and_policy": _shield_and_policy,
    "volume_anomaly": _volume_anomaly,
}
