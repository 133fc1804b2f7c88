"""Which process owns the data folder, and how others find it.

The owner holds an operating-system lock on `owner.lock`; the kernel lets go of it when the process
ends, however it ends. `owner.json` (mode 0600) tells others where it listens and with which token.
A file that is left over names a process that no longer holds the lock, and is not believed.
"""

import json
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from lib.app.locking import lock, unlock
from lib.core.errors import ConfigurationError, Who
from lib.core.private_files import write_private
from lib.core.redaction import Secret
from lib.core.system_errors import of_system

LOCK_NAME: Final = "owner.lock"
OWNER_NAME: Final = "owner.json"
TOKEN_HEADER: Final = "X-Runbook-Token"  # noqa: S105  # the name of a header


@dataclass(frozen=True, slots=True)
class OwnerRecord:
    """Where the owner answers: its process id, loopback URL and token."""

    pid: int
    url: str
    token: Secret


def unwritable(data_dir: Path, error: OSError) -> ConfigurationError:
    """Why a data folder can't be used, and what to do."""
    return ConfigurationError(
        f"The data folder {data_dir} can't be written.",
        cause=f"{error.strerror or type(error).__name__}.",
        fix="Make it writable for this app, or set another in the environment variable"
        " BOX_RUNBOOK_DATA (a command also takes --data), then start again.",
        who=Who.YOU,
    )


class OwnerLock:
    """The lock of one data folder. Held until `release()` or the end of the process."""

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir
        self._descriptor: int | None = None

    @property
    def existing(self) -> bool:
        """Whether this object holds the lock."""
        return self._descriptor is not None

    def acquire(self) -> bool:
        """Try once, without waiting. True when the lock is ours.

        Raises ConfigurationError for a folder that can't be made or written.
        """
        if self._descriptor is not None:
            return True
        try:
            self._data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._descriptor = lock(self._data_dir / LOCK_NAME, wait=False)
        except OSError as error:
            raise unwritable(self._data_dir, error) from error
        return self._descriptor is not None

    def publish(self, record: OwnerRecord) -> None:
        """Tell others where this owner answers. Raises StoreError when it can't be written."""
        text = json.dumps(
            {"pid": record.pid, "url": record.url, "token": record.token.reveal()}, indent=1
        )
        try:
            write_private(self._data_dir / OWNER_NAME, text.encode())
        except OSError as error:
            raise of_system(error, f"{OWNER_NAME} can't be written.") from error

    def release(self) -> None:
        """Withdraw `owner.json` and let go of the lock."""
        if self._descriptor is None:
            return
        with suppress(OSError):  # gone with its folder, or never a file
            (self._data_dir / OWNER_NAME).unlink(missing_ok=True)
        unlock(self._descriptor)
        self._descriptor = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()


def read_owner(data_dir: Path) -> OwnerRecord | None:
    """The owner that says it is there. None without a readable `owner.json`.

    A caller still has to ask it: the file may be left over from a process that was killed.
    """
    try:
        value = json.loads((data_dir / OWNER_NAME).read_text(encoding="utf-8"))
        return OwnerRecord(int(value["pid"]), str(value["url"]), Secret(str(value["token"])))
    except (OSError, ValueError, KeyError, TypeError):
        return None
