"""Actions as Box writes them: events of the admin streams and of a person's own streams.

The shapes are those of developer.box.com/reference/resources/event and of answers seen in the
official SDKs' tests: `source` differs by family, `additional_details` too. An event's id and every
detail follow from its day and serial number, so that it reads the same for ever.
"""

from hashlib import blake2b
from struct import pack, unpack_from
from typing import Any

from lib.sandbox.world import kinds, names
from lib.sandbox.world.clockwork import DAY_MS, EPOCH_ORDINAL, OFFICES, from_ms, pacific
from lib.sandbox.world.kinds import Shape
from lib.sandbox.world.mixing import mix, salt
from lib.sandbox.world.model import ANONYMOUS, IDLESS, NOBODY, Action, Event
from lib.sandbox.world.people import Directory
from lib.sandbox.world.tree import Tree

_ANONYMOUS_USER = {"type": "user", "id": "2", "name": "Unknown User", "login": ""}
_IDLESS_USER = {"type": "user", "id": None, "name": "", "login": ""}
_SHARING = frozenset(
    {"SHARE", "UNSHARE", "ITEM_SHARED_UPDATE", "SHARE_EXPIRATION", "UPDATE_SHARE_EXPIRATION",
     "SHARED_LINK_SEND"}
)  # fmt: skip
_SIZED = frozenset(
    {"UPLOAD", "DOWNLOAD", "PREVIEW", "EDIT", "CONTENT_ACCESS", "ITEM_OPEN", "ITEM_MODIFY", "COPY",
     "FILE_WATERMARKED_DOWNLOAD", "DELETE", "MOVE", "RENAME"}
)  # fmt: skip
_ROLES = ("editor", "viewer", "viewer uploader", "co-owner", "previewer")
_OFFICE_NUMBER = {office.name: number for number, office in enumerate(OFFICES)}
_VPN_PERIOD, _VPN_FIRST, _VPN_LAST = 28, 9, 13


class Renderer:
    """Turns actions into JSON-ready dicts; parts of them are shared and must not be changed."""

    def __init__(self, seed: int, directory: Directory, tree: Tree) -> None:
        self._directory = directory
        self._tree = tree
        self._key = pack("<Q", salt(seed, "event ids"))
        self._user_key = pack("<Q", salt(seed, "user event ids"))
        self._ip_salt = salt(seed, "addresses")
        self._app_number = salt(seed, "apps") % 90_000
        self._folders: dict[int, dict[str, Any]] = {}

    # ------------------------------------------------------------------ identity

    def _digest(self, action: Action) -> bytes:
        data = pack("<QQ", action.t // DAY_MS, action.serial)
        return blake2b(data, digest_size=32, key=self._key).digest()

    def event_id(self, action: Action) -> str:
        """The id under which both admin streams show an action: a UUID."""
        return _uuid(self._digest(action))

    # ------------------------------------------------------------------ admin streams

    def admin(self, action: Action) -> Event:
        """An event of `admin_logs` and `admin_logs_streaming`."""
        digest = self._digest(action)
        (chance,) = unpack_from("<Q", digest, 16)
        extra = action.extra or {}
        kind = action.kind
        form = kinds.shape(kind)
        event: Event = {
            "type": "event",
            "event_id": _uuid(digest),
            "event_type": kind,
            "created_at": pacific(action.t),
            "created_by": self._actor(action, extra),
            "source": self._source(action, form, extra, chance),
            "additional_details": self._details(action, form, extra, chance),
            "session_id": f"{digest[24:].hex()}{chance:016x}" if chance & 7 == 0 else None,
            "ip_address": action.ip or self._ip(action, chance),
            "action_by": self._action_by(action, chance),
        }
        if form is Shape.COLLABORATION:
            event["accessible_by"] = self._target(action, extra, chance)
        return event

    def _actor(self, action: Action, extra: dict[str, Any]) -> dict[str, Any] | None:
        if action.actor >= 0:
            return self._directory.minis[action.actor]
        if "by" in extra:
            return {"type": "user", **extra["by"]}
        if action.actor == NOBODY:
            return None
        return _ANONYMOUS_USER if action.actor == ANONYMOUS else _IDLESS_USER

    def _action_by(self, action: Action, chance: int) -> dict[str, str] | None:
        if action.kind == "ADMIN_LOGIN" or (action.kind == "EMAIL_ALIAS_PRIMARY" and chance & 1):
            return self._directory.minis[0]
        return None

    def _target(self, action: Action, extra: dict[str, Any], chance: int) -> dict[str, Any]:
        target = extra.get("target")
        if isinstance(target, dict):
            return {"type": "user", **target}
        if isinstance(target, int):
            return dict(self._directory.minis[target])
        if kinds.shape(action.kind) is Shape.COLLABORATION and chance >> 9 & 15 == 0:
            group = self._directory.groups[1 + (chance >> 16) % (len(self._directory.groups) - 1)]
            return {"type": "group", "id": group.id, "name": group.name}
        return dict(self._directory.minis[self._directory.pick_worker(chance >> 16)])

    def _source(  # noqa: PLR0911  # one return for each family
        self, action: Action, form: Shape, extra: dict[str, Any], chance: int
    ) -> dict[str, Any] | None:
        if form is Shape.ITEM:
            return self._item_source(action, extra, chance)
        if form is Shape.COLLABORATION:
            return self._collaboration_source(action, extra, chance)
        if form is Shape.USER:
            return self._user_source(action, extra, chance)
        if form is Shape.GROUP:
            group = self._directory.groups[1 + (chance >> 20) % (len(self._directory.groups) - 1)]
            return {"group_id": group.id, "group_name": group.name}
        if form is Shape.APP_ITEM:
            return {
                "id": str(7_000_000 + (chance >> 12) % 900_000),
                "type": "app_item",
                "app_item_type": "hub" if chance & 1 else "canvas",
                "user": self._directory.minis[max(action.actor, 0)],
                "group": None,
            }
        if form is Shape.BARRIER:
            return {
                "barrier_id": str(880_000 + (chance >> 12) % 9000),
                "barrier_status": "pending" if action.kind.endswith("PENDING") else "enabled",
                "shield_information_barrier_segments": ["Legal", "Sales"],
            }
        return None

    def _item_source(
        self, action: Action, extra: dict[str, Any], chance: int
    ) -> dict[str, Any] | None:
        item = action.item
        if item is None:
            return extra.get("source")
        tree = self._tree
        if item < 0:
            return self._folder_source(~item)
        facts = tree.file_facts(item)
        folder = self._folder_parts(tree.decode(item)[0])
        source = {
            "item_type": "file",
            "item_id": facts.id,
            "item_name": extra.get("name") or facts.name,
            "parent": folder["as_parent"],
            "owned_by": folder["owned_by"],
        }
        label = "Confidential" if "classified" in extra else facts.label
        if label is not None:
            source["classification"] = {"name": label}
        if chance >> 40 & 255 == 0:
            source["parent"] = None  # the actor can't see the folder above
        return source

    def _folder_parts(self, index: int) -> dict[str, Any]:
        found = self._folders.get(index)
        if found is None:
            folder = self._tree.folder(index)
            owner = self._tree.owner_of(index)
            found = {
                "as_parent": {"type": "folder", "name": folder.name, "id": folder.id},
                "owned_by": self._directory.minis[owner],
                "parent_index": self._tree.spec(index)[4],
            }
            self._folders[index] = found
        return found

    def _folder_source(self, index: int) -> dict[str, Any]:
        parts = self._folder_parts(index)
        return {
            "item_type": "folder",
            "item_id": parts["as_parent"]["id"],
            "item_name": parts["as_parent"]["name"],
            "parent": self._folder_parts(parts["parent_index"])["as_parent"],
            "owned_by": parts["owned_by"],
        }

    def _collaboration_source(
        self, action: Action, extra: dict[str, Any], chance: int
    ) -> dict[str, Any]:
        target = self._target(action, extra, chance)
        source: dict[str, Any]
        if action.item is None or action.item < 0:
            index = 0 if action.item is None else ~action.item
            parts = self._folder_parts(index)
            source = {
                "folder_id": parts["as_parent"]["id"],
                "folder_name": parts["as_parent"]["name"],
                "parent": self._folder_parts(parts["parent_index"])["as_parent"],
            }
        else:
            parts = self._folder_parts(self._tree.decode(action.item)[0])
            source = {
                "file_id": self._tree.file_id(action.item),
                "file_name": self._tree.file_name(action.item),
                "parent": parts["as_parent"],
            }
        if target["type"] == "user":
            source |= {"user_id": target["id"], "user_name": target["name"]}
        else:
            source |= {"group_id": target["id"], "group_name": target["name"]}
        source["owned_by"] = parts["owned_by"]
        return source

    def _user_source(self, action: Action, extra: dict[str, Any], chance: int) -> dict[str, Any]:
        if "target" in extra or action.kind in _ABOUT_OTHERS:
            about = self._target(action, extra, chance)
        elif action.actor >= 0:
            about = self._directory.minis[action.actor]
        else:
            about = _IDLESS_USER
        return {
            **about,
            "status": "active",
            "language": "en",
            "space_amount": 107_374_182_400,
        }

    # ------------------------------------------------------------------ details

    def _details(  # noqa: PLR0911  # one return for each family
        self, action: Action, form: Shape, extra: dict[str, Any], chance: int
    ) -> dict[str, Any] | None:
        kind = action.kind
        if form is Shape.COLLABORATION:
            return {
                "type": "box://event/additional_details/collaboration",
                "collab_id": str(41_000_000_000 + (chance >> 11) % 9_000_000_000),
                "role": _ROLES[(chance >> 7) % len(_ROLES)],
                "is_performed_by_admin": action.actor in (0, 1, 2),
                "invitation_message": "" if chance & 3 else "Please have a look, thanks!",
                **extra.get("details", {}),
            }
        if "alert" in extra:
            return {"shield_alert": self._alert(action, extra, chance)}
        if kind in _SIZED and "source" not in extra:
            return self._file_details(action, extra, chance)
        if kind in _SHARING:
            return {
                "shared_link_id": f"{chance:016x}{mix(chance):016x}",
                "access": ("company", "collaborators", "company", "company")[chance >> 5 & 3],
                "is_password_enabled": chance >> 8 & 7 == 0,
                **extra.get("details", {}),
            }
        if form is Shape.BARRIER:
            group = self._directory.groups[1 + (chance >> 20) % (len(self._directory.groups) - 1)]
            return {"group_id": group.id, "group_name": group.name}
        if kind in ("LOGIN", "FAILED_LOGIN", "ADD_LOGIN_ACTIVITY_DEVICE"):
            browser = names.BROWSERS[mix(action.actor & 0xFFFF, chance & 1) % len(names.BROWSERS)]
            return {"client": browser} if chance >> 3 & 3 else None
        return extra.get("details")

    def _file_details(
        self, action: Action, extra: dict[str, Any], chance: int
    ) -> dict[str, Any] | None:
        item = action.item
        if item is None or item < 0:
            return None
        facts = self._tree.file_facts(item)
        name, number = extra.get("service") or self._service(action.actor, chance)
        return {
            "size": facts.size,
            "version_id": facts.version_id,
            "service_id": number,
            "service_name": name,
            "ekm_id": f"{mix(item, 3):016x}",
        }

    def _service(self, actor: int, chance: int) -> tuple[str, str]:
        if actor == self._directory.service_index:
            return names.ARCHIVE_APP
        if actor >= 0 and self._directory.people[actor].kind == "app_user":
            return self._directory.people[actor].name, str(1_510_000 + self._app_number + actor)
        place = chance >> 33 & 15
        return names.SERVICES[max(0, place - 9)]

    def _alert(self, action: Action, extra: dict[str, Any], chance: int) -> dict[str, Any]:
        rule = extra["alert"]
        suspect = self._directory.people[extra["suspect"]]
        return {
            "rule_category": rule,
            "rule_id": str(123 + chance % 80),
            "rule_name": f"{rule} (standard)",
            "rule_response_action": "alert",
            "risk_score": 50 + chance % 50,
            "alert_summary": {
                "description": f"{rule} by {suspect.name}",
                "alert_activities": [],
            },
            "alert_id": chance >> 30,
            "priority": ("medium", "high", "critical")[chance % 3],
            "user": {"id": int(suspect.id), "name": suspect.name, "email": suspect.login},
            "link": f"https://haldenpryce.app.box.com/master/shield/alerts/{chance >> 30}",
            "created_at": pacific(action.t),
        }

    # ------------------------------------------------------------------ addresses

    def _ip(self, action: Action, chance: int) -> str:  # noqa: PLR0911  # a list of cases
        """One of an actor's usual addresses: office, home, phone; now and then unknown."""
        if chance >> 48 & 255 == 0:
            return "Unknown IP"
        actor = action.actor
        if actor < 0:
            return "Unknown IP" if actor in (NOBODY, IDLESS) else f"198.19.{30 + chance % 60}.9"
        person = self._directory.people[actor]
        own = mix(self._ip_salt, actor)
        if person.kind in ("service", "app_user"):
            return f"198.18.250.{10 + actor % 40}"
        if person.kind == "external":
            return f"198.18.{240 + actor % 8}.{2 + own % 250}"
        place = chance >> 52 & 255
        office = _OFFICE_NUMBER[person.office]
        if place < 90 and self._on_new_vpn(action.t, office):  # noqa: PLR2004
            period = (action.t // DAY_MS + EPOCH_ORDINAL) // _VPN_PERIOD
            return f"198.19.{160 + period % 50}.{7 + own % 3}"
        if place < 178:  # noqa: PLR2004
            return f"198.18.{office}.{10 + own % 6}"
        if place < 244 or office == 4:  # noqa: PLR2004
            return f"198.18.{16 + own % 220}.{2 + (own >> 8) % 250}"
        return f"2001:db8:{office + 10:x}:{own & 0xFFFF:x}::{own >> 16 & 0xFF:x}"

    @staticmethod
    def _on_new_vpn(ms: int, office: int) -> bool:
        """Every 28 days one office tries a new VPN for some days: new networks, nothing wrong."""
        period, day = divmod(ms // DAY_MS + EPOCH_ORDINAL, _VPN_PERIOD)
        return period % len(OFFICES) == office and _VPN_FIRST <= day <= _VPN_LAST

    # ------------------------------------------------------------------ user streams

    def user_event_id(self, action: Action, person: int) -> str:
        """The id under which a person's own streams show an action: 40 hex digits."""
        data = pack("<QQQ", action.t // DAY_MS, action.serial, person)
        return blake2b(data, digest_size=20, key=self._user_key).hexdigest()

    def user(self, action: Action, person: int) -> Event:
        """An event of a person's own streams."""
        chance = mix(action.serial, action.t, person)
        extra = action.extra or {}
        created = pacific(action.t)
        kind = kinds.USER_KINDS[action.kind]
        source: dict[str, Any] | None = self._full_item(action, extra)
        if kind == "LOCK_DESTROY" and chance & 3 == 0:
            source = None
        if kind == "ENABLE_TWO_FACTOR_AUTH":
            source = dict(self._directory.minis[max(action.actor, 0)])
        if kind == "ITEM_UPLOAD" and ("full" in extra or (action.item or 0) < 0):
            kind = "ITEM_CREATE"
        return {
            "type": "event",
            "event_id": self.user_event_id(action, person),
            "event_type": kind,
            "created_at": created,
            "recorded_at": pacific(action.t + 1000 + chance % 3000),
            "created_by": self._actor(action, extra),
            "source": source,
            "session_id": f"{chance:016x}{mix(chance):016x}" if chance & 7 == 0 else None,
        }

    def _full_item(self, action: Action, extra: dict[str, Any]) -> dict[str, Any] | None:
        if action.item is None:
            return extra.get("full")
        if action.item < 0:
            return self._full_folder(~action.item)
        tree, minis = self._tree, self._directory.minis
        made = tree.file(action.item, action.t // DAY_MS + EPOCH_ORDINAL)
        index = tree.decode(action.item)[0]
        uploader = minis[tree.uploader(action.item)]
        stamp = made.created_at.isoformat(timespec="seconds")
        return {
            "type": "file",
            "id": made.id,
            "file_version": {"type": "file_version", "id": made.version_id, "sha1": made.sha1},
            "sequence_id": made.sequence_id,
            "etag": made.etag,
            "sha1": made.sha1,
            "name": extra.get("name") or made.name,
            "description": made.description,
            "size": made.size,
            "path_collection": self._path(index),
            "created_at": stamp,
            "modified_at": from_ms(action.t).isoformat(timespec="seconds"),
            "trashed_at": None,
            "purged_at": None,
            "content_created_at": stamp,
            "content_modified_at": stamp,
            "created_by": uploader,
            "modified_by": minis[action.actor] if action.actor >= 0 else uploader,
            "owned_by": minis[tree.owner_of(index)],
            "shared_link": None,
            "parent": self._mini_folder(index),
            "item_status": "trashed" if action.kind == "DELETE" else "active",
        }

    def _full_folder(self, index: int) -> dict[str, Any]:
        folder = self._tree.folder(index)
        owner = self._directory.minis[self._tree.owner_of(index)]
        parent = self._tree.spec(index)[4]
        stamp = folder.created_at.isoformat(timespec="seconds")
        return {
            **self._mini_folder(index),
            "created_at": stamp,
            "modified_at": stamp,
            "description": folder.description,
            "size": folder.size,
            "path_collection": self._path(parent),
            "created_by": owner,
            "modified_by": owner,
            "trashed_at": None,
            "purged_at": None,
            "content_created_at": stamp,
            "content_modified_at": stamp,
            "owned_by": owner,
            "shared_link": None,
            "folder_upload_email": None,
            "parent": self._mini_folder(parent),
            "item_status": "active",
            "synced": folder.synced,
        }

    def _mini_folder(self, index: int) -> dict[str, Any]:
        folder = self._tree.folder(index)
        root = index == 0
        return {
            "type": "folder",
            "id": folder.id,
            "sequence_id": None if root else folder.sequence_id,
            "etag": None if root else folder.etag,
            "name": folder.name,
        }

    def _path(self, index: int) -> dict[str, Any]:
        entries = [self._mini_folder(index)]
        while index:
            index = self._tree.spec(index)[4]
            entries.append(self._mini_folder(index))
        return {"total_count": len(entries), "entries": entries[::-1]}


_ABOUT_OTHERS = frozenset(
    {"NEW_USER", "EDIT_USER", "DELETE_USER", "CHANGE_ADMIN_ROLE", "GROUP_ADMIN_CREATED",
     "GROUP_ADMIN_DELETED", "ADMIN_LOGIN"}
)  # fmt: skip


def _uuid(digest: bytes) -> str:
    text = digest[:16].hex()
    return (
        f"{text[:8]}-{text[8:12]}-4{text[13:16]}-{'89ab'[digest[8] & 3]}{text[17:20]}-{text[20:]}"
    )
