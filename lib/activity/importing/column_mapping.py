"""Which column of a foreign file is which of ours, by its header alone.

No list of columns of other programs' files is claimed here: a header is compared with plain names,
the outcome is shown to the person, and they may choose otherwise. What nobody chose stays in `raw`.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from lib.activity.model.event import COLUMNS, categories
from lib.activity.model.event_names import event_types
from lib.core.errors import ConfigurationError, Who

NEEDED: Final = ("occurred_at", "event_type")
# What a foreign file can't say about itself: we do.
OURS: Final = frozenset({"source", "profile", "received_at", "category", "normaliser", "raw"})
MAPPABLE: Final = tuple(name for name in COLUMNS if name not in OURS)

# The first name of a line that a file has is taken. Names are in lower case, words apart by spaces.
# The Japanese ones are of a published User Activity report (naka-dai/box_download_report).
_NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "event_id": ("event id",),
    "occurred_at": (
        "occurred at", "created at", "date time", "datetime", "timestamp", "event time", "date",
        "time", "when", "日付",
    ),
    "event_type": ("event type", "action type", "action", "event", "activity", "operation", "type",
        "操作"),
    "actor_id": ("actor id", "user id", "created by id", "ユーザーid"),
    "actor_login": (
        "actor login", "user email", "user login", "created by login", "email", "login", "user",
        "ユーザーのメールアドレス",
    ),
    "actor_name": ("actor name", "user name", "username", "created by name", "ユーザー名"),
    "action_by_id": ("action by id",),
    "item_id": (
        "item id", "source item id", "file id", "affected id", "affected item id", "source id",
        "影響を受けるid",
    ),
    "item_name": (
        "item name", "source item name", "affected item", "affected item name", "affected",
        "file name", "filename", "source name", "item", "file", "name",
        "対象",
    ),
    "item_type": ("item type", "source item type", "source type"),
    "parent_id": ("parent id", "parent folder id", "source parent id", "folder id"),
    "parent_name": (
        "parent name", "parent folder", "parent folder name", "source parent name", "folder name",
        "folder", "parent", "親フォルダ",
    ),
    "owner_id": ("owner id", "owned by id", "source owned by id"),
    "owner_login": (
        "owner login", "owner email", "owned by login", "source owned by login", "owner",
        "owned by",
    ),
    "target_id": ("target id", "accessible by id", "collaborator id"),
    "target_login": ("target login", "accessible by login", "collaborator email", "collaborator"),
    "ip": ("ip address", "ip", "ipアドレス"),
    "session_id": ("session id",),
    "service_id": ("service id", "additional details service id", "application id"),
    "service_name": (
        "service name", "additional details service name", "service", "application name",
        "application", "app",
    ),
    "size_bytes": ("size bytes", "additional details size", "size", "file size", "bytes",
        "size kb", "サイズ kb"),
    "enterprise_id": ("enterprise id",),
    "account_id": ("account id",),
}  # fmt: skip
# What an action may be called in words, as the event type that Box's API has for it.
_WORDS: Final[Mapping[str, str]] = {
    "downloaded": "DOWNLOAD", "uploaded": "UPLOAD", "previewed": "PREVIEW", "deleted": "DELETE",
    "moved": "MOVE", "copied": "COPY", "renamed": "RENAME", "edited": "EDIT", "shared": "SHARE",
    "locked": "LOCK", "unlocked": "UNLOCK", "unshared": "UNSHARE", "undeleted": "UNDELETE",
    "restored": "UNDELETE", "logged in": "LOGIN", "log in": "LOGIN",
    "failed log in": "FAILED_LOGIN", "failed to log in": "FAILED_LOGIN",
    "login failed": "FAILED_LOGIN", "プレビュー": "PREVIEW", "ダウンロード": "DOWNLOAD",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of a file: `headers` as they stand, `taken` the column of ours for each, or None.

    Several headers may stand for `occurred_at`: a date and a time are read together.
    """

    headers: tuple[str, ...]
    taken: tuple[str | None, ...]

    @property
    def missing(self) -> tuple[str, ...]:
        """What an event can't be without, and no header stands for."""
        return tuple(name for name in NEEDED if name not in self.taken)


def matched(headers: Sequence[str], chosen: Mapping[str, str | None] | None = None) -> Columns:
    """The columns by their names; `chosen` (header → column, None = leave out) wins.

    Raises ConfigurationError for a chosen header or column that doesn't exist.
    """
    names = _apart(headers)
    chosen = chosen or {}
    _check(names, chosen)
    taken: list[str | None] = [chosen.get(name) for name in names]
    plain = [_plain(name) for name in names]
    for column, aliases in _NAMES.items():
        if column in taken:
            continue
        for alias in aliases:
            place = _free(alias, plain, names, taken, chosen)
            if place is not None:
                taken[place] = column
                break
    _date_with_time(plain, names, taken, chosen)
    return Columns(names, tuple(taken))


def event_type(given: str) -> str:
    """Box's name of a type that is written in other letters or in words; else as it came."""
    low = _plain(given)
    known = low.upper().replace(" ", "_")
    if known in categories():
        return known
    return _WORDS.get(low) or event_types().get(given.strip().casefold(), given)


def unit(header: str) -> int:
    """How many bytes one of the sizes below a header is: `Size (KB)` has 1,024."""
    return _KIB if _plain(header).endswith(" kb") else 1


_KIB: Final = 1_024


def recognised(headers: Sequence[str]) -> int:
    """How many of these headers have a name that we know."""
    return sum(_plain(header) in _KNOWN for header in headers)


_KNOWN: Final = frozenset(alias for aliases in _NAMES.values() for alias in aliases)


def _free(
    alias: str,
    plain: list[str],
    names: tuple[str, ...],
    taken: list[str | None],
    chosen: Mapping[str, str | None],
) -> int | None:
    for place, name in enumerate(plain):
        if name == alias and taken[place] is None and names[place] not in chosen:
            return place
    return None


def _date_with_time(
    plain: list[str],
    names: tuple[str, ...],
    taken: list[str | None],
    chosen: Mapping[str, str | None],
) -> None:
    """A column `Date` beside a column `Time` is half of it."""
    at = [n for n, column in enumerate(taken) if column == "occurred_at"]
    if len(at) == 1 and plain[at[0]] == "date":
        place = _free("time", plain, names, taken, chosen)
        if place is not None and place > at[0]:
            taken[place] = "occurred_at"


def _plain(header: str) -> str:
    return re.sub(r"[\W_]+", " ", header).strip().lower()


def _apart(headers: Sequence[str]) -> tuple[str, ...]:
    """The headers, each once: a repeated one gets a number, an empty one a name."""
    found: list[str] = []
    for place, header in enumerate(headers, start=1):
        name = base = header.strip() or f"column {place}"
        number = 2
        while name in found:
            name, number = f"{base} ({number})", number + 1
        found.append(name)
    return tuple(found)


def _check(names: Sequence[str], chosen: Mapping[str, str | None]) -> None:
    for header, column in chosen.items():
        if header not in names:
            raise ConfigurationError(
                f"The file has no column {header!r}.",
                cause=f"Columns: {', '.join(names)}.",
                fix="Use one of these.",
                who=Who.YOU,
            )
        if column is not None and column not in MAPPABLE:
            raise ConfigurationError(
                f"There is no event column {column!r} for {header!r}.",
                cause=f"Event columns: {', '.join(MAPPABLE)}.",
                fix="Choose one of these.",
                who=Who.YOU,
            )
