"""Makes deliveries durable, many at once: one thread, one transaction, one fsync.

A caller waits until the transaction with its delivery is committed; deliveries that arrive
meanwhile go into the next one. Rejections are counted in memory and written once a second at most,
in detail only for the first few of a reason in a minute, so that a flood of them costs no commits
and little memory.
"""

import asyncio
import logging
import queue
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from lib.core.errors import StoreError
from lib.core.signatures import SignatureVerdict
from lib.store.ledger.deliveries import Kept, Notes, ReceivedDelivery, Reject
from lib.store.ledger.delivery_records import DeliveryRecords

MOST_WAITING: Final = 4_000
MOST_AT_ONCE: Final = 500
NOTE_S: Final = 1.0
PRUNE_S: Final = 600.0
DETAILS_A_MINUTE: Final = 20
"""How many rejections per reason, kind, profile and minute are stored in detail."""

_MOST_DETAILS: Final = 500
_log = logging.getLogger(__name__)


class Busy(Exception):  # an answer, not a fault
    """Too many deliveries wait to be stored, or the keeper has stopped."""


@dataclass(frozen=True, slots=True)
class _Waiting:
    delivery: ReceivedDelivery
    loop: asyncio.AbstractEventLoop
    kept: "asyncio.Future[Kept]"
    own: bool = False


class Keeper:
    """The one writer of a process. `woken` is called after each commit that kept something.

    `durable` raises StoreError when what is committed isn't where another process would read it.
    """

    def __init__(
        self,
        deliveries: DeliveryRecords,
        *,
        woken: Callable[[], None] = lambda: None,
        durable: Callable[[], None] = lambda: None,
    ) -> None:
        self._deliveries = deliveries
        self._woken = woken
        self._durable = durable
        self.problem: StoreError | None = None
        """Why the last commit failed; None once one succeeded again."""
        self._at_hand: list[_Waiting] = []
        self._queue: queue.SimpleQueue[_Waiting | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._reviving = threading.Lock()
        self._notes = Notes()
        self._minute: datetime | None = None
        self._detailed: dict[tuple[str, str, str], int] = {}
        self._noted_at = self._pruned_at = time.monotonic()
        self._waiting = 0
        self._kept: Counter[tuple[bool, int]] = Counter()
        self._refused: Counter[tuple[bool, str]] = Counter()
        self._stopped = False
        self._thread = self._new_thread()

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def revive(self) -> None:
        """Begin again if the thread has died; those who wait are told to send again."""
        with self._reviving:
            if self._stopped or self._thread.ident is None or self._thread.is_alive():
                return
            _log.error("The thread that stores deliveries had ended; it is started again.")
            self._settle((one, Busy()) for one in self._at_hand if not one.kept.done())
            self._at_hand = []
            self._thread = self._new_thread()
            self._thread.start()

    def _new_thread(self) -> threading.Thread:
        return threading.Thread(target=self._run, name="keeper", daemon=True)

    def stop(self) -> None:
        """Keep what still waits, write the notes, and end."""
        self._stopped = True
        self._queue.put(None)
        if self._thread.is_alive():
            self._thread.join(30)

    async def keep(self, delivery: ReceivedDelivery, *, own: bool = False) -> Kept:
        """What became of a delivery, once it is durable. Raises Busy and StoreError.

        `own`: this app sent it.
        """
        if self._stopped or self._waiting >= MOST_WAITING:
            raise Busy
        self.revive()
        loop = asyncio.get_running_loop()
        kept: asyncio.Future[Kept] = loop.create_future()
        with self._lock:
            self._waiting += 1
        self._queue.put(_Waiting(delivery, loop, kept, own))
        return await kept

    def refused(self, reject: Reject, *, own: bool = False) -> None:
        """Count a refusal, also of what this app sent (`own`); without waiting."""
        minute = reject.at.replace(second=0, microsecond=0)
        key = (reject.profile, reject.kind, reject.reason)
        with self._lock:
            self._notes.counts[minute, *key] += 1
            self._refused[own, reject.reason] += 1
            if self._minute != minute:
                self._minute = minute
                self._detailed.clear()
            times = self._detailed[key] = self._detailed.get(key, 0) + 1
            if times <= DETAILS_A_MINUTE:
                self._notes.rejects.append(reject)

    def used(self, profile: str, kind: str, verdict: SignatureVerdict, at: datetime) -> None:
        """Count the keys that a genuine delivery was signed with; without waiting."""
        with self._lock:
            for key in verdict.matched:
                self._notes.used(profile, kind, str(key), at, right=True)
            for key in verdict.mismatched:
                self._notes.used(profile, kind, str(key), at, right=False)

    def done(self) -> dict[str, Any]:
        """What came since the start: `accepted`, `repeated`, and `refused` by reason.

        The same under `own`, of what this app sent itself: that isn't in the other counts.
        """
        with self._lock:
            return {**self._done(own=False), "own": self._done(own=True)}

    def _done(self, *, own: bool) -> dict[str, Any]:
        refused = {reason: n for (mine, reason), n in self._refused.items() if mine is own}
        return {"accepted": self._kept[own, 1], "repeated": self._kept[own, 2], "refused": refused}

    def _run(self) -> None:
        stopping = False
        while not stopping:
            batch, stopping = self._next()
            self._at_hand = batch
            notes = self._due(now=stopping)
            if batch or notes or self.problem is not None:
                self._write(batch, notes)
            self._at_hand = []
            if not batch and time.monotonic() - self._pruned_at > PRUNE_S:
                self._prune()

    def _next(self) -> tuple[list[_Waiting], bool]:
        """All that waits, or nothing after a while; and whether to end."""
        batch: list[_Waiting] = []
        while len(batch) < MOST_AT_ONCE:
            try:
                one = self._queue.get_nowait() if batch else self._queue.get(timeout=NOTE_S)
            except queue.Empty:
                break
            if one is None:
                return batch, True
            batch.append(one)
        return batch, False

    def _due(self, *, now: bool) -> Notes:
        """The notes, if it is time to write them."""
        if not now and time.monotonic() - self._noted_at < NOTE_S:
            return Notes()
        self._noted_at = time.monotonic()
        with self._lock:
            notes, self._notes = self._notes, Notes()
        return notes

    def _write(self, batch: Sequence[_Waiting], notes: Notes) -> None:
        try:
            self._durable()
            kept = self._deliveries.keep([one.delivery for one in batch], notes)
            self._durable()  # deleted meanwhile: then it is committed where nobody looks
            self.problem = None
        except StoreError as error:
            if self.problem is None or batch:
                _log.error("No delivery can be stored: %s %s", error.message, error.cause)
            self.problem = error
            self._put_back(notes)  # writing them shows when it works again
            self._settle((one, error) for one in batch)
        except Exception as error:  # noqa: BLE001  # a thread's last line of defence
            _log.error("A delivery can't be stored: %s", type(error).__name__)
            if len(batch) == 1:
                self._settle((one, error) for one in batch)
            for one in batch if len(batch) > 1 else ():
                self._write([one], Notes())  # one bad delivery must not fail the others
        else:
            with self._lock:
                self._kept.update(
                    (one.own, min(made.attempt, 2)) for one, made in zip(batch, kept, strict=True)
                )
            self._settle(zip(batch, kept, strict=True))
            if batch:
                self._woken()

    def _put_back(self, notes: Notes) -> None:
        """Keep notes that couldn't be written; of the details only the last."""
        with self._lock:
            self._notes.counts.update(notes.counts)
            self._notes.rejects[:0] = notes.rejects
            del self._notes.rejects[:-_MOST_DETAILS]
            self._notes.uses = {**notes.uses, **self._notes.uses}

    def _settle(self, results: Iterable[tuple[_Waiting, Kept | Exception]]) -> None:
        """Tell those who wait, each loop once."""
        by_loop: dict[asyncio.AbstractEventLoop, list[_Result]] = {}
        for one, result in results:
            by_loop.setdefault(one.loop, []).append((one.kept, result))
        for loop, pairs in by_loop.items():
            with self._lock:
                self._waiting -= len(pairs)
            with suppress(RuntimeError):  # a loop that is closed has nobody who waits
                loop.call_soon_threadsafe(_resolve, pairs)

    def _prune(self) -> None:
        self._pruned_at = time.monotonic()
        try:
            while self._deliveries.prune(datetime.now(UTC)):
                if not self._queue.empty():
                    return  # the rest next time
        except StoreError as error:
            _log.warning("Old body IDs can't be removed for now: %s %s", error.message, error.cause)


_Result = tuple["asyncio.Future[Kept]", Kept | Exception]


def _resolve(pairs: Sequence[_Result]) -> None:
    for future, result in pairs:
        if future.done():  # whoever waited has gone
            continue
        if isinstance(result, Exception):
            future.set_exception(result)
        else:
            future.set_result(result)
