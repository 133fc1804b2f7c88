"""The values of the sandbox's world: people, groups, items, pages of events.

They hold what an answer of the API needs, in plain Python types: ids are text, times are aware
UTC datetimes, sizes are bytes. Nothing here knows HTTP or JSON. Facts: developer.box.com/reference.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

Clock = Callable[[], datetime]
Event = dict[str, Any]

NOBODY, ANONYMOUS, IDLESS = -1, -2, -3  # actors that are no person: null, id "2", id null


class Action(NamedTuple):
    """One thing that somebody did; sorts by time, then serial number.

    `t` is milliseconds since 1970, `serial` unique within its UTC day, `actor` a person's index
    or one of the three above, `item` a file's code, the complement (~) of a folder's index, or
    None. `ip` None: one of the actor's usual addresses. `extra`: what an incident adds.
    """

    t: int
    serial: int
    kind: str
    actor: int
    item: int | None
    ip: str | None
    extra: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class WorldSpec:
    """What a world is made from.

    `days` are counted back from `until`; `events_per_day` is the average over a week; `until`
    (aware; None: the start of the clock's UTC hour) ends the planted world; with `live` the world
    goes on at its rhythm as the clock moves.
    """

    seed: int = 1
    days: int = 90
    users: int = 60
    events_per_day: int = 1111
    until: datetime | None = None
    live: bool = False


@dataclass(frozen=True, slots=True)
class Enterprise:
    """A Box enterprise; `domains` are the mail domains it calls its own."""

    id: str
    name: str
    domains: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Person:
    """A user of Box: one of ours, an app's, or an external collaborator.

    `kind`: managed, admin, coadmin, app_user, service, external. `role` is the API's word (admin,
    coadmin, user). `weight` is the share of the enterprise's work that this person does (0 to 1).
    `scope` is the visitor on whose behalf they are looked at, who sees made folders of their own.
    """

    index: int
    id: str
    name: str
    login: str
    kind: str
    status: str
    role: str
    timezone: str
    language: str
    job_title: str
    phone: str
    address: str
    created_at: datetime
    modified_at: datetime
    space_used: int
    space_amount: int
    enterprise_id: str
    enterprise_name: str
    department: str
    office: str
    weight: float
    can_run_reports: bool = False
    dormant: bool = False
    is_platform_access_only: bool = False
    external_app_user_id: str | None = None
    scope: str = ""

    @property
    def mini(self) -> dict[str, str]:
        """The small user object of events and items."""
        return {"type": "user", "id": self.id, "name": self.name, "login": self.login}


@dataclass(frozen=True, slots=True)
class Group:
    """A group; `group_type` is managed_group or all_users_group."""

    id: str
    name: str
    group_type: str
    description: str
    created_at: datetime
    modified_at: datetime
    provenance: str | None = None
    external_sync_identifier: str | None = None
    invitability_level: str = "admins_and_members"
    member_viewability_level: str = "admins_and_members"


@dataclass(frozen=True, slots=True)
class Membership:
    """One person in one group; `role` is member or admin."""

    id: str
    group_id: str
    user_id: str
    role: str
    created_at: datetime
    modified_at: datetime


@dataclass(frozen=True, slots=True)
class SharedLink:
    """A shared link; `access` is open, company or collaborators."""

    url: str
    access: str
    is_password_enabled: bool
    unshared_at: datetime | None
    download_count: int
    preview_count: int
    can_download: bool = True


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder. `index` is its place in the catalogue; the root is id "0"."""

    index: int
    id: str
    name: str
    parent_id: str | None
    owner_id: str
    created_by_id: str
    modified_by_id: str
    created_at: datetime
    modified_at: datetime
    size: int
    description: str
    kind: str
    department: str
    etag: str = "0"
    sequence_id: str = "0"
    item_status: str = "active"
    shared_link: SharedLink | None = None
    synced: bool = False
    type: str = "folder"


@dataclass(frozen=True, slots=True)
class File:
    """A file; `code` is its place in the catalogue, `sha1` 40 hex digits, `size` bytes."""

    code: int
    id: str
    name: str
    parent_id: str
    owner_id: str
    created_by_id: str
    modified_by_id: str
    created_at: datetime
    modified_at: datetime
    size: int
    description: str
    extension: str
    sha1: str
    version_id: str
    version_number: str
    etag: str = "0"
    sequence_id: str = "0"
    item_status: str = "active"
    trashed_at: datetime | None = None
    comment_count: int = 0
    tags: tuple[str, ...] = ()
    classification: str | None = None
    shared_link: SharedLink | None = None
    type: str = "file"


Item = Folder | File


@dataclass(frozen=True, slots=True)
class RecentItem:
    """One row of recent items; `interaction_type` as the API writes it."""

    interaction_type: str
    interacted_at: datetime
    item: File


@dataclass(frozen=True, slots=True)
class StreamPage:
    """A page of events, ready for JSON, and the position to ask for next.

    The entries share parts (owners, folders) with other events: never change them in place.
    """

    entries: list[Event]
    next_position: int
