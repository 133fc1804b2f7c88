"""Session profiles: their in-memory stores and their reading, dropped when forgotten.

A room is found by the profile's key, which is 128 random bits that only its own session knows. No
byte of it is written to disk, and no thread works for it except a read that its person started.
How many rooms there can be at once is bounded, because each may hold a few hundred megabytes.
"""

import threading
from typing import TYPE_CHECKING, Final

from lib.app.clients import Clients
from lib.core.errors import RunbookError, Who
from lib.settings.profiles import Profile
from lib.settings.watching import HealthSettings

if TYPE_CHECKING:
    from lib.store import Stores
    from lib.webhooks.receive.receiver import Answer, Kind
    from lib.webhooks.signing.sending import Outgoing

MAX_SESSIONS: Final = 24


class SessionStores:
    """One session profile's stores, reading, and checks on demand."""

    def __init__(
        self, profile: Profile, clients: Clients, health: HealthSettings | None = None
    ) -> None:
        from lib.activity.model.directory import ledger_directories  # noqa: PLC0415  # loads the engines
        from lib.app.background.detecting import Detecting  # noqa: PLC0415  # as above
        from lib.app.background.reading import Reader  # noqa: PLC0415  # as above
        from lib.app.background.watching import Watch  # noqa: PLC0415  # as above
        from lib.store import session_stores  # noqa: PLC0415  # as above

        self._profile = profile
        self.stores: Stores = session_stores()
        self.version = 0
        self._directories = ledger_directories(self.stores.ledger)
        self.reader: Reader = Reader(
            profile, clients, self.stores.ledger, woken=self.drain, settle=self._drain_run
        )
        self.watch: Watch = Watch(profile, clients, self.stores.ledger, health or HealthSettings())
        self.detecting: Detecting = Detecting(profile, self.stores, version=lambda: self.version)

    def deliver(self, kind: "Kind", outgoing: "Outgoing") -> "Answer":
        """Have a delivery judged and kept in this room; no address leads here from outside."""
        from lib.webhooks.receive.ingest import hand_in  # noqa: PLC0415  # as above
        from lib.webhooks.receive.keeper import Keeper  # noqa: PLC0415  # as above
        from lib.webhooks.receive.receiver import Receiver  # noqa: PLC0415  # as above

        keeper = Keeper(self.stores.ledger.deliveries)
        keeper.start()
        try:
            receiver = Receiver({self._profile.key: self._profile}.get, keeper)
            answer = hand_in(receiver, kind, self._profile.key, outgoing)
        finally:
            keeper.stop()
        self.drain()
        return answer

    def drain(self) -> None:
        """Bring what waits into the event store, in the calling thread: a session has no other."""
        from lib.activity.ingest.drain import drain_all  # noqa: PLC0415  # as above

        if drain_all(self.stores, self._directories).pages:
            self.version += 1

    def _drain_run(self, _run_id: int) -> None:
        self.drain()

    def close(self) -> None:
        """Stop its reading and its checks, then drop its events."""
        self.watch.cancel()
        self.reader.cancel()
        self.reader.wait(30)
        self.watch.wait(30)
        self.stores.close()


class SessionStoreRegistry:
    """Rooms by the key of a session profile."""

    def __init__(
        self,
        clients: Clients,
        health: HealthSettings | None = None,
        *,
        limit: int = MAX_SESSIONS,
    ) -> None:
        self._clients = clients
        self._health = health
        self._limit = limit
        self._lock = threading.Lock()
        self._stores: dict[str, SessionStores] = {}

    def stores_of(self, profile: Profile) -> SessionStores:
        """The room of a session profile, made the first time.

        Raises RunbookError when too many sessions hold events at once.
        """
        with self._lock:
            existing = self._stores.get(profile.key)
            if existing is None:
                if len(self._stores) >= self._limit:
                    raise RunbookError(
                        "Too many sessions hold their own events right now.",
                        cause=f"This app keeps at most {self._limit} of them in memory.",
                        fix="Try again later, or configure the profile on the host.",
                        who=Who.THIS_APP,
                    )
                existing = self._stores[profile.key] = SessionStores(
                    profile, self._clients, self._health
                )
            return existing

    def __len__(self) -> int:
        return len(self._stores)

    def events_of(self, key: str) -> int:
        """How many events the room of that key holds; none where there is no such room."""
        with self._lock:
            stores_of = self._stores.get(key)
        return stores_of.stores.events.count() if stores_of is not None else 0

    def forget(self, key: str) -> None:
        """Close and drop the room of that key, if there is one."""
        with self._lock:
            existing = self._stores.pop(key, None)
        if existing is not None:
            existing.close()

    def close(self) -> None:
        """Close all."""
        for key in list(self._stores):
            self.forget(key)
