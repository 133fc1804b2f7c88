"""Actions as Box writes them into the admin streams; `user_events` has a person's own.

The shapes are those of developer.box.com/reference/resources/event and of answers seen in the
official SDKs' tests: `source` differs by family, `additional_details` too. An event's id and every
detail follow from its day and serial number, so that it reads the same for ever.
"""

from hashlib import blake2b
from struct import pack, unpack_from
from typing import Any

from lib.sandbox.world import kinds, names
from lib.sandbox.world.actors import IDLESS_USER, actor_of
from lib.sandbox.world.addresses import Addresses
from lib.sandbox.world.clockwork import DAY_MS, pacific
from lib.sandbox.world.kinds import Shape
from lib.sandbox.world.mixing import mix, salt
from lib.sandbox.world.model import Action, Event
from lib.sandbox.world.people import Directory
from lib.sandbox.world.tree import Tree
from lib.sandbox.world.user_events import UserEvents

_SHARING = frozenset(
    {"SHARE", "UNSHARE", "ITEM_SHARED_UPDATE", "SHARE_EXPIRATION", "UPDATE_SHARE_EXPIRATION",
     "SHARED_LINK_SEND"}
)  # fmt: skip
_SIZED = frozenset(
    {"UPLOAD", "DOWNLOAD", "PREVIEW", "EDIT", "CONTENT_ACCESS", "ITEM_OPEN", "ITEM_MODIFY", "COPY",
     "FILE_WATERMARKED_DOWNLOAD", "DELETE", "MOVE", "RENAME"}
)  # fmt: skip
_ROLES = ("editor", "viewer", "viewer uploader", "co-owner", "previewer")


class Renderer:
    """Turns actions into JSON-ready dicts; parts of them are shared and must not be changed."""

    def __init__(self, seed: int, directory: Directory, tree: Tree) -> None:
        self._directory = directory
        self._tree = tree
        self._key = pack("<Q", salt(seed, "event ids"))
        self._addresses = Addresses(seed, directory)
        self._users = UserEvents(seed, directory, tree)
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
            "created_by": actor_of(self._directory, action, extra),
            "source": self._source(action, form, extra, chance),
            "additional_details": self._details(action, form, extra, chance),
            "session_id": f"{digest[24:].hex()}{chance:016x}" if chance & 7 == 0 else None,
            "ip_address": action.ip or self._addresses.of(action, chance),
            "action_by": self._action_by(action, chance),
        }
        if form is Shape.COLLABORATION:
            event["accessible_by"] = self._target(action, extra, chance)
        return event

    def user(self, action: Action, person: int) -> Event:
        """An event of a person's own streams."""
        return self._users.event(action, person)

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
        folder = self._folder_parts(tree.ids.decode(item)[0])
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
            parts = self._folder_parts(self._tree.ids.decode(action.item)[0])
            source = {
                "file_id": self._tree.ids.file(action.item),
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
            about = IDLESS_USER
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


_ABOUT_OTHERS = frozenset(
    {"NEW_USER", "EDIT_USER", "DELETE_USER", "CHANGE_ADMIN_ROLE", "GROUP_ADMIN_CREATED",
     "GROUP_ADMIN_DELETED", "ADMIN_LOGIN"}
)  # fmt: skip


def _uuid(digest: bytes) -> str:
    text = digest[:16].hex()
    return (
        f"{text[:8]}-{text[8:12]}-4{text[13:16]}-{'89ab'[digest[8] & 3]}{text[17:20]}-{text[20:]}"
    )
