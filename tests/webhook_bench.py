"""A receiver for tests: the real routes over a real ledger, asked in this process.

Time stands still unless a test moves it. What is kept can be drained into a real event store.
"""

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import orjson
from starlette.applications import Starlette

from lib.activity.ingest.drain import DrainResult, drain_all
from lib.box import signatures as box
from lib.core.redaction import Secret
from lib.kloudless import signatures as kloudless
from lib.settings.profiles import BoxCredentials, KloudlessCredentials, Profile, ProfileKind
from lib.store import EventStore, Ledger, Stores
from lib.webhooks.receive.keeper import Keeper
from lib.webhooks.receive.quota import Quota
from lib.webhooks.receive.receiver import Receiver
from lib.webhooks.receive.routes import routes
from tests.asgi import ask

NOW = datetime(2026, 3, 1, 17, 30, 10, tzinfo=UTC)
KEYS = box.SignatureKeys(Secret("primary-key-of-acme"), Secret("secondary-key-of-acme"))
API_KEY = Secret("api-key-of-acme")
APP_ID = "acme-app"
MAX_BYTES = 20_000


def acme(key: str = "acme", keys: box.SignatureKeys = KEYS) -> Profile:
    """A configured profile with both halves."""
    return Profile(
        key=key,
        label=key.title(),
        kind=ProfileKind.CONFIGURED,
        box=BoxCredentials(webhook_primary_key=keys.primary, webhook_secondary_key=keys.secondary),
        kloudless=KloudlessCredentials("https://kloudless.acme.test/v1", APP_ID, API_KEY),
    )


def box_body(number: int = 1, trigger: str = "FILE.UPLOADED", **changes: Any) -> bytes:
    """The body of one of Box's deliveries; `changes` replace its fields."""
    return orjson.dumps(
        {
            "type": "webhook_event",
            "id": f"0c1f7e6a-0000-4000-8000-{number:012d}",
            "created_at": "2026-03-01T09:30:00-08:00",
            "trigger": trigger,
            "webhook": {"id": "4165", "type": "webhook"},
            "created_by": {"type": "user", "id": "11", "name": "Ada", "login": "ada@acme.test"},
            "source": {"id": "735", "type": "file", "name": "Q1.pdf", "size": 1024},
            "additional_info": [],
        }
        | changes
    )


@dataclass(slots=True)
class Bench:
    """A receiver and what it keeps."""

    stores: Stores
    keeper: Keeper
    profiles: dict[str, Profile]
    app: Starlette = field(init=False)
    now: datetime = NOW

    def __post_init__(self) -> None:
        receiver = Receiver(
            self.profiles.get,
            self.keeper,
            clock=lambda: self.now,
            max_bytes=MAX_BYTES,
            quota=Quota(requests=1000, size=10 * MAX_BYTES),
        )
        self.app = Starlette(routes=routes(lambda: receiver))

    def ask(
        self,
        path: str,
        *,
        method: str = "POST",
        content: Any = b"",
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        """The answer to one request."""
        return ask(self.app, method, path, content=content, headers=headers)

    def box(
        self,
        body: bytes,
        *,
        profile: str = "acme",
        keys: box.SignatureKeys = KEYS,
        age: timedelta = timedelta(),
        delivery: str = "d-1",
    ) -> httpx.Response:
        """The answer to one of Box's deliveries."""
        at = (self.now - age).isoformat(timespec="seconds")
        headers = {box.DELIVERY_ID: delivery, **box.sign(body, at, keys)}
        return self.ask(f"/webhooks/box/{profile}", content=body, headers=headers)

    def kloudless(
        self, body: bytes, *, profile: str = "acme", key: Secret = API_KEY
    ) -> httpx.Response:
        """The answer to one of Kloudless's deliveries."""
        headers = kloudless.sign(body, key)
        return self.ask(f"/webhooks/kloudless/{profile}", content=body, headers=headers)

    def drain(self) -> DrainResult:
        """Bring everything into the event store."""
        return drain_all(self.stores)

    def rows(self, columns: str = "*") -> list[tuple[Any, ...]]:
        """The deliveries in the event store, oldest first."""
        self.drain()
        order = "ORDER BY received_at, id"
        return self.stores.events.rows(f"SELECT {columns} FROM deliveries {order}")  # noqa: S608

    def settle(self) -> None:
        """End the keeper, so that all it noted is written."""
        self.keeper.stop()


@contextlib.contextmanager
def bench(folder: Path, *profiles: Profile) -> Iterator[Bench]:
    """A receiver over stores in a folder, for the profile `acme` unless others are named."""
    ledger = Ledger.open(f"sqlite:///{folder / 'ledger.sqlite'}")
    stores = Stores(ledger, EventStore.open(folder / "events.duckdb", threads=1))
    keeper = Keeper(ledger.deliveries)
    keeper.start()
    try:
        yield Bench(stores, keeper, {p.key: p for p in profiles or (acme(),)})
    finally:
        keeper.stop()
        stores.close()
