"""World: the one door to everything in the sandbox's enterprise.

Reads only; `emit` adds events, `add_service_account` an account that has done nothing, and folders
can be made and deleted, with the events that this causes. Nothing else adds anything. Safe to call
from several threads. Unknown ids answer None, never raise.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from threading import RLock
from typing import Any

from lib.sandbox.world.clockwork import from_ms, ordinal_of, to_ms
from lib.sandbox.world.day import Days
from lib.sandbox.world.incidents import Incidents
from lib.sandbox.world.item_ids import ROOT_ID
from lib.sandbox.world.kinds import Shape, shape
from lib.sandbox.world.made import MadeFolder, MadeFolders
from lib.sandbox.world.mixing import mix, salt
from lib.sandbox.world.model import (
    IDLESS,
    Action,
    Clock,
    Enterprise,
    Event,
    File,
    Folder,
    Group,
    Item,
    Membership,
    Person,
    RecentItem,
    StreamPage,
    WorldSpec,
)
from lib.sandbox.world.people import OUTSIDE, Directory
from lib.sandbox.world.render import Renderer
from lib.sandbox.world.streams import ADMIN_LOGS, KEPT, STREAMING, Streams, StreamTimes
from lib.sandbox.world.tree import Tree
from lib.sandbox.world.truth import Truth, rfc3339

ENTERPRISE_STREAMS = (ADMIN_LOGS, STREAMING)
USER_STREAMS = ("all", "changes", "sync")
EMIT_SERIAL = 4 << 50
_MS = (1 << 38) - 1
_OF_SERVICES = "198.18.250.9"  # the address of service accounts that no catalogue knows
EMITTED_KINDS = ("UPLOAD", "DOWNLOAD", "PREVIEW", "EDIT", "SHARE", "COMMENT_CREATE", "LOGIN")

# What was done: kind, actor, item, address, what it says more. An action without its time.
_Deed = tuple[str, int, int | None, str | None, dict[str, Any] | None]


class World:
    """An enterprise made from a spec; `clock` gives the present as an aware UTC datetime."""

    def __init__(self, spec: WorldSpec, clock: Clock) -> None:
        self.spec = spec
        self._clock = clock
        self._lock = RLock()
        start = spec.until or clock().replace(minute=0, second=0, microsecond=0)
        self._until = start.astimezone(UTC)
        self._directory = Directory(spec.seed, spec.users)
        rate = float(max(spec.events_per_day, 1))
        self._tree = Tree(spec.seed, self._directory, rate)
        incidents = Incidents(spec.seed, self._directory, self._tree, rate)
        days = Days(spec.seed, self._directory, self._tree, incidents, rate)
        self._renderer = Renderer(spec.seed, self._directory, self._tree)
        self._streams = Streams(spec.seed, days, self._tree, self._renderer)
        self._truth = Truth(self._directory, days, self._streams, self._renderer)
        self._made = MadeFolders(self._directory, self._tree)
        self._emits = salt(spec.seed, "emitted")
        self._listeners: list[Callable[[list[Event]], None]] = []

    # ------------------------------------------------------------------ time

    def as_of(self) -> datetime:
        """The end of the world: `until`, or the present of a live one."""
        return max(self._clock(), self._until) if self.spec.live else self._until

    @property
    def first_day(self) -> datetime:
        """The UTC midnight from which there are events; Box keeps 365 days of admin_logs."""
        end = self.as_of()
        kept = end - KEPT[ADMIN_LOGS] + timedelta(days=1, microseconds=-1)
        return max(_midnight(self._until - timedelta(days=self.spec.days)), _midnight(kept))

    # ------------------------------------------------------------------ directory

    @property
    def enterprise(self) -> Enterprise:
        """Our enterprise."""
        return self._directory.enterprise

    @property
    def second_enterprise(self) -> Enterprise:
        """An enterprise that has not authorized the app."""
        return self._directory.second_enterprise

    @property
    def second_admin(self) -> Person:
        """The admin of the second enterprise; not a person of ours."""
        return self._directory.second_admin

    @property
    def admin(self) -> Person:
        """The primary admin."""
        return self._directory.people[0]

    @property
    def coadmin(self) -> Person:
        """A co-admin who may run reports."""
        return self._directory.people[1]

    @property
    def service_account(self) -> Person:
        """The service account of the authorized app, which has worked here for long."""
        return self._directory.people[self._directory.service_index]

    def add_service_account(self, name: str) -> Person:
        """A further app's service account: same id and login for the same seed and name.

        Nobody lists it and it owns nothing. Adding it again gives the one that is there.
        """
        with self._lock:
            return self._directory.add_service_account(name)

    @property
    def managed_example(self) -> Person:
        """The busiest ordinary managed user."""
        ordinary = self._directory.people[3 : self._directory.user_count]
        return max(ordinary, key=lambda p: p.weight)

    @property
    def external_example(self) -> Person:
        """An external collaborator."""
        return self._directory.people[self._directory.externals[0]]

    @property
    def app_user_example(self) -> Person:
        """A user of an app, who has no mailbox."""
        return self._directory.people[self._directory.app_users[0]]

    def people(self, kinds: Collection[str] | None = None) -> Sequence[Person]:
        """Everyone, or some kinds: managed, admin, coadmin, app_user, service, external."""
        everyone = self._directory.people
        return list(everyone) if kinds is None else [p for p in everyone if p.kind in kinds]

    def person(self, person_id: str) -> Person | None:
        """The person with an id."""
        return self._directory.by_id.get(person_id)

    def person_by_login(self, login: str) -> Person | None:
        """The person with a login, in any case."""
        return self._directory.by_login.get(login.lower())

    def groups(self) -> Sequence[Group]:
        """All groups, by name."""
        return sorted(self._directory.groups, key=lambda g: g.name.lower())

    def group(self, group_id: str) -> Group | None:
        """The group with an id."""
        return next((g for g in self._directory.groups if g.id == group_id), None)

    def memberships(
        self, *, group_id: str | None = None, user_id: str | None = None
    ) -> Sequence[Membership]:
        """Memberships of a group, of a person, or of both."""
        return [
            m
            for m in self._directory.memberships
            if group_id in (None, m.group_id) and user_id in (None, m.user_id)
        ]

    # ------------------------------------------------------------------ files

    def item(self, item_type: str, item_id: str) -> Item | None:
        """The folder or file with an id, as it is now; what is in the trash says so itself."""
        today = self._today()
        if item_type == "folder":
            made = self._made.get(item_id)
            if made is not None:
                return made
            index = self._tree.ids.folder_index(item_id)
            if index is None or not self._tree.exists(index, today):
                return None
            return self._tree.folder(index)
        if item_type != "file":
            return None
        code = self._tree.file_code(item_id, today)
        if code is None:
            return None
        found = self._tree.file(code, today)
        return found if found.created_at < self.as_of() else None

    def children(
        self, folder_id: str, person: Person | None = None, scope: str = ""
    ) -> Sequence[Item]:
        """What is in a folder: folders, then files, by name; with `person` only what they see.

        Of made folders those of `scope`, or of the person's own.
        """
        index = self._tree.ids.folder_index(folder_id)
        today = self._today()
        folders: list[Folder] = []
        files: list[File] = []
        folders += self._made.inside(folder_id, scope if person is None else person.scope)
        if index is not None and self._tree.exists(index, today):
            folders += self._tree.subfolders(index, today)
            if index == 0 and person is not None:
                folders += self._invited(person, today)
            files += self._tree.files(index, to_ms(self.as_of()))
        found: list[Item] = [*sorted(folders, key=_by_name), *sorted(files, key=_by_name)]
        return found if person is None else [i for i in found if self.visible(person, i)]

    def _invited(self, person: Person, today: int) -> list[Folder]:
        """Projects that appear in the root of an external collaborator, who sees no department."""
        if person.kind != "external":
            return []
        number = person.index % len(self._directory.departments)
        indexes = (
            self._tree.project_index(number, p) for p in range(self._tree.projects(number, today))
        )
        return [self._tree.folder(i) for i in indexes if self._tree.invited(person.index, i)]

    def path(self, item: Item) -> Sequence[Folder]:
        """The folders from the root down to the item's parent; empty for the root."""
        found: list[Folder] = []
        parent_id = item.parent_id
        while parent_id is not None:
            made, index = self._made.get(parent_id), self._tree.ids.folder_index(parent_id)
            if made is None and index is None:
                break
            folder: Folder = made or self._tree.folder(index or 0)
            found.append(folder)
            parent_id = folder.parent_id
        return found[::-1]

    def visible(self, person: Person, item: Item) -> bool:
        """Whether a person may see an item in their own content."""
        if isinstance(item, MadeFolder):
            return self._made.visible(person, item)
        if isinstance(item, Folder):
            return self._tree.folder_visible(person, item.index)
        return self._tree.folder_visible(person, self._tree.ids.decode(item.code)[0])

    def recent(self, person: Person, limit: int = 1000) -> Sequence[RecentItem]:
        """What a person worked with in the last 90 days, newest first."""
        if person.index == OUTSIDE:
            return []
        end = self.as_of()
        horizon = end - timedelta(days=90)
        found: list[RecentItem] = []
        for index in self._tree.working_set(person.index, self._today()):
            if not self._tree.folder_visible(person, index):
                continue
            for made in self._tree.files(index, to_ms(end)):
                if made.created_at < horizon:
                    continue
                own = made.created_by_id == person.id
                if own or made.code % 5 == 0:
                    kind = "item_upload" if own else "item_preview"
                    found.append(RecentItem(kind, made.created_at, made))
        found.sort(key=lambda r: (r.interacted_at, r.item.id), reverse=True)
        return found[:limit]

    def search(
        self,
        person: Person | None,
        query: str,
        *,
        item_type: str | None = None,
        extensions: Collection[str] = (),
        ancestor_ids: Collection[str] = (),
        owner_ids: Collection[str] = (),
        limit: int = 1000,
        scope: str = "",
    ) -> Sequence[Item]:
        """Items whose name holds every word of the query; `person` None searches the enterprise.

        Looks at made folders (of `scope`, or of the person's own), at all folders and at the files
        of folders in use, newest folder first.
        """
        words = query.lower().replace('"', " ").split()
        requested = {e.lower().lstrip(".") for e in extensions}
        found: list[Item] = []
        if item_type in (None, "folder") and not requested:
            found += self._made_below(person, words, ancestor_ids, scope)
        today, end = self._today(), to_ms(self.as_of())
        for index in self._folders_below(person, ancestor_ids):
            folder = self._tree.folder(index)
            named = index and not requested and _matches(folder.name, words)
            if item_type in (None, "folder") and named:
                found.append(folder)
            if item_type in (None, "file"):
                for code in self._tree.codes(index, end):
                    name = self._tree.file_name(code)
                    ending = name.rpartition(".")[2].lower()
                    if _matches(name, words) and (not requested or ending in requested):
                        found.append(self._tree.file(code, today))
                        if len(found) >= limit:
                            break
            if owner_ids:
                found = [item for item in found if item.owner_id in owner_ids]
            if len(found) >= limit:
                break
        return found[:limit]

    def _made_below(
        self, person: Person | None, words: list[str], ancestor_ids: Collection[str], scope: str
    ) -> Iterator[MadeFolder]:
        """The made folders with all words in their name, of some ancestors if any are named."""
        for folder in self._made.all(scope if person is None else person.scope):
            below = not ancestor_ids or any(f.id in ancestor_ids for f in self.path(folder))
            seen = person is None or self.visible(person, folder)
            if below and seen and _matches(folder.name, words):
                yield folder

    def make_folder(
        self, person: Person, parent: Folder, name: str, service: tuple[str, str]
    ) -> MadeFolder:
        """A new folder, and the event of it. `service` is name and id of the app that is used.

        Raises NameTaken when something in the parent has that name, Full when there are too many.
        """
        with self._lock:
            at = from_ms(self._present())
            beside = self.children(parent.id, person)
            folder = self._made.make(person, parent, name, at, beside)
        self._tell_of(folder, "UPLOAD", person, service)
        return folder

    def delete_folder(self, person: Person, folder: MadeFolder, service: tuple[str, str]) -> None:
        """Puts a made folder into the trash with everything in it: one event."""
        with self._lock:
            gone = self._made.trash(folder, from_ms(self._present()))
        self._tell_of(gone, "DELETE", person, service)

    def forget_folders(self, scope: str) -> None:
        """Drops a visitor's folders without a word."""
        with self._lock:
            self._made.forget(scope)

    def _tell_of(
        self, folder: MadeFolder, kind: str, person: Person, service: tuple[str, str]
    ) -> None:
        actor = person.index if person.index >= 0 else IDLESS
        address = None if person.index >= 0 else _OF_SERVICES
        extra = self._made.reported(folder, self.path(folder), person, service)
        self._happen([(kind, actor, None, address, extra)])

    def _folders_below(self, person: Person | None, ancestor_ids: Collection[str]) -> Iterator[int]:
        """The indexes of all folders that may be searched, depth first."""
        today = self._today()
        stack = list(ancestor_ids) or [ROOT_ID]
        seen: set[int] = set()
        while stack:
            index = self._tree.ids.folder_index(stack.pop())
            if index is None or index in seen or not self._tree.exists(index, today):
                continue
            seen.add(index)
            if person is not None and not self._tree.folder_visible(person, index):
                continue
            yield index
            below = list(self._tree.subfolders(index, today))
            if index == 0 and person is not None:
                below += self._invited(person, today)
            stack += [folder.id for folder in below]

    def _today(self) -> int:
        return ordinal_of(to_ms(self.as_of()) - 1)

    # ------------------------------------------------------------------ events

    def enterprise_events(
        self,
        stream: str,
        *,
        position: int | None,
        limit: int,
        created_after: datetime | None = None,
        created_before: datetime | None = None,
        event_types: frozenset[str] = frozenset(),
    ) -> StreamPage:
        """A page of `admin_logs` or `admin_logs_streaming`; position None: from the oldest kept."""
        if stream not in ENTERPRISE_STREAMS:
            raise ValueError(f"{stream} is not an enterprise stream")
        windowed = stream == ADMIN_LOGS
        with self._lock:
            return self._streams.page(
                stream,
                None,
                self._instant(),
                position=position,
                limit=limit,
                after=created_after if windowed else None,
                before=created_before if windowed else None,
                types=event_types,
            )

    def user_events(
        self, person: Person, stream: str, *, position: int | None, limit: int
    ) -> StreamPage:
        """A page of a person's `all`, `changes` or `sync`; position None: from the oldest kept."""
        if stream not in USER_STREAMS:
            raise ValueError(f"{stream} is not a user's stream")
        with self._lock:
            return self._streams.page(
                stream, person, self._instant(), position=position, limit=limit
            )

    def now_position(
        self,
        stream: str,
        person: Person | None = None,
        event_types: frozenset[str] = frozenset(),
    ) -> int:
        """The position behind which only events of the future come, for the same filter."""
        with self._lock:
            return self._streams.now_position(stream, person, event_types, self._instant())

    def position_at(self, stream: str, instant: datetime, person: Person | None = None) -> int:
        """The position behind which the deliveries from a moment on come, without a filter."""
        return self._streams.position_at(stream, person, to_ms(instant))

    def facts(self) -> dict[str, Any]:
        """What it is made from: the answer of `GET /sandbox/world`. Makes no events.

        `users` are those made (managed users, co-admins and the admin), `first_day` a UTC date.
        """
        with self._lock:
            return {
                "seed": self.spec.seed,
                "users": self._directory.user_count,
                "days": self.spec.days,
                "events_per_day": self.spec.events_per_day,
                "first_day": self.first_day.date().isoformat(),
                "as_of": self._reported(self._instant(), self._streams.emitted),
                "live": self.spec.live,
            }

    def truth(self) -> dict[str, Any]:
        """What a reader of all of admin_logs must find: the answer of `GET /sandbox/truth`."""
        with self._lock:
            instant, emitted = self._instant(), tuple(self._streams.emitted)
        return {
            "seed": self.spec.seed,
            "as_of": self._reported(instant, emitted),
            "first_day": from_ms(instant.oldest).date().isoformat(),
            **self._truth.tell(instant, emitted),
        }

    @staticmethod
    def _reported(instant: StreamTimes, emitted: Sequence[Action]) -> str:
        """The time up to which there are events, emitted ones too."""
        return rfc3339(from_ms(max(instant.end, emitted[-1].t + 1 if emitted else instant.end)))

    def emit(self, count: int, event_type: str | None = None) -> list[Event]:
        """New events as of now, as the admin streams will show them; listeners hear of them."""
        with self._lock:
            now, before = self._present(), len(self._streams.emitted)
            deeds = [self._deed(now, before + n, event_type) for n in range(count)]
        return self._happen(deeds)

    def _present(self) -> int:
        """The time of what happens now, in milliseconds: never before what happened last."""
        now = max(to_ms(self._clock()), to_ms(self._until))
        return max(now, self._streams.emitted[-1].t) if self._streams.emitted else now

    def _happen(self, deeds: Sequence[_Deed]) -> list[Event]:
        """Adds what was done now to the streams; listeners hear of it."""
        with self._lock:
            now, before = self._present(), len(self._streams.emitted)
            actions = [
                Action(now, EMIT_SERIAL | (now & _MS) << 12 | before + n & 4095, *deed)
                for n, deed in enumerate(deeds)
            ]
            self._streams.emit(actions)
            events = [self._renderer.admin(a) for a in actions]
            listeners = list(self._listeners)
        for listener in listeners:
            listener(events)
        return events

    def subscribe(self, listener: Callable[[list[Event]], None]) -> None:
        """Calls a function with the admin events of every `emit`, in the emitting thread."""
        with self._lock:
            self._listeners.append(listener)

    def _deed(self, ms: int, number: int, kind: str | None) -> _Deed:
        chance = mix(self._emits, ms, number)
        kind = kind or EMITTED_KINDS[chance % len(EMITTED_KINDS)]
        person = self._directory.pick_worker(chance >> 8)
        ordinal = ordinal_of(ms)
        folders = self._tree.working_set(person, ordinal)
        folder = folders[(chance >> 20) % len(folders)]
        item: int | None = None
        form = shape(kind)
        if form is Shape.COLLABORATION:
            item = ~folder
        elif form is Shape.ITEM:
            item = self._tree.old_file(folder, ordinal, chance >> 24)
        return kind, person, item, None, None

    def _instant(self) -> StreamTimes:
        return StreamTimes(
            planted_until=to_ms(self._until),
            end=to_ms(self.as_of()),
            now=to_ms(self._clock()),
            oldest=to_ms(self.first_day),
            live=self.spec.live,
        )


def _midnight(instant: datetime) -> datetime:
    return instant.replace(hour=0, minute=0, second=0, microsecond=0)


def _matches(name: str, words: list[str]) -> bool:
    low = name.lower()
    return all(word in low for word in words)


def _by_name(item: Item) -> tuple[str, str]:
    return (item.name.lower(), item.id)
