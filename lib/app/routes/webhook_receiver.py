"""The receiver of a process, with its own connection to the ledger, which every process may write.

The event store's owner drains what it stores. The app has one, and so has `python -m lib receive`;
the caller says for which profiles it receives.
"""

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from lib.app.loading import LOADING, PACKAGES, load
from lib.app.open_files import OpenFiles
from lib.core.errors import REPORT_WITH, RunbookError, StoreError, Who
from lib.core.system_errors import explained
from lib.settings.profiles import Profile, Settings

if TYPE_CHECKING:
    from lib.store import Ledger
    from lib.webhooks.receive.keeper import Keeper
    from lib.webhooks.receive.receiver import Answer, Kind, Receiver
    from lib.webhooks.signing.sending import Outgoing

_log = logging.getLogger(__name__)

_CLOSED: Final = StoreError(
    "No webhooks are received.",
    cause="The app is still starting, or ending.",
    fix="Try again in a moment.",
    who=Who.THIS_APP,
)


class Receiving:
    """The receiver, from `open()` to `close()`. `woken` is called when something was kept."""

    def __init__(
        self,
        settings: Settings,
        profiles: Callable[[str], Profile | None],
        *,
        woken: Callable[[], None] = lambda: None,
    ) -> None:
        self._settings = settings
        self._profiles = profiles
        self._woken = woken
        self._ledger: Ledger | None = None
        self._before: dict[str, Any] = {}
        self._keeper: Keeper | None = None
        self.receiver: Receiver | None = None
        self.not_upgraded = False
        """Whether the ledger couldn't be opened because its owner has yet to upgrade it."""
        self.problem: RunbookError | None = None
        """Why the ledger couldn't be opened, if so."""
        self._files = OpenFiles(())

    def open(self) -> None:
        """Open the ledger and receive from now on. Raises StoreError when it can't be used."""
        load(*PACKAGES)
        with LOADING:  # a page may be loading the same packages right now
            from lib.store import open_ledger  # noqa: PLC0415  # loads the engines
            from lib.store.paths import is_ledger_file, ledger_path  # noqa: PLC0415  # as above
            from lib.webhooks.receive.keeper import Keeper  # noqa: PLC0415  # as above
            from lib.webhooks.receive.receiver import Receiver  # noqa: PLC0415  # as above

        self._ledger = open_ledger(self._settings)
        file = is_ledger_file(self._settings)
        self._files = OpenFiles([ledger_path(self._settings)] if file else [])
        self._keeper = Keeper(self._ledger.deliveries, woken=self._woken, durable=self._files.check)
        self._keeper.start()
        self.receiver = Receiver(self._profiles, self._keeper)

    def deliver(self, kind: "Kind", profile: str, outgoing: "Outgoing") -> "Answer":
        """Verify and store a delivery as if it had come from outside; returns the response.

        Raises StoreError where nothing can be received.
        """
        from lib.webhooks.receive.ingest import hand_in  # noqa: PLC0415  # as above
        from lib.webhooks.receive.receiver import Receiver  # noqa: PLC0415  # as above

        if self._keeper is None:
            raise StoreError(
                "This process receives no webhooks.",
                cause="It is still starting, or its ledger can't be opened.",
                fix=f"Try again in a moment. If it fails again, report it. {REPORT_WITH}",
                who=Who.THIS_APP,
            )
        return hand_in(Receiver(self._profiles, self._keeper), kind, profile, outgoing)

    def fault(self) -> RunbookError | None:
        """Why no delivery can be kept now, if so."""
        if self._ledger is None or self._keeper is None:
            return self.problem or _CLOSED
        try:
            self._files.check()
            self._ledger.ping()
        except RunbookError as error:
            return error
        return self._keeper.problem

    def tend(self) -> None:
        """Mend what can be: a dead thread is started again, a ledger that is gone opened anew."""
        if self._keeper is None:
            if self.problem is not None:
                self.try_open()
            return
        self._keeper.revive()
        try:
            self._files.check()
        except StoreError:
            self.close()
            self.try_open()

    def done(self) -> dict[str, Any]:
        """What came so far: `accepted`, `repeated`, `refused` by reason, and the app's `own`."""
        return self._before if self._keeper is None else _sum(self._before, self._keeper.done())

    def try_open(self) -> None:
        """As `open`, for a thread of its own: what goes wrong is logged, and senders try again."""
        from lib.store.schema_version import NotUpgradedError  # noqa: PLC0415  # as above

        again = self.not_upgraded
        try:
            self.open()
            self.not_upgraded, self.problem = False, None
        except Exception as fault:  # noqa: BLE001  # a thread's boundary: it is tried again
            error = explained(fault, "Webhooks can't be received.")
            said = self.problem is not None and self.problem.message == error.message
            self.problem = error
            self.not_upgraded = isinstance(error, NotUpgradedError)
            if said or (again and self.not_upgraded):
                return
            _log.error("Webhooks can't be received: %s %s", error.message, error.cause)

    def close(self) -> None:
        """Keep what still waits, then let go."""
        self.receiver = None
        keeper, self._keeper = self._keeper, None
        ledger, self._ledger = self._ledger, None
        if keeper is not None:
            keeper.stop()
            self._before = _sum(self._before, keeper.done())
        if ledger is not None:
            ledger.close()


def _sum(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    """Counts of two keepers, one after the other; those by reason too."""
    found = {**one, **other}
    for name in one.keys() & other.keys():
        mine, its = one[name], other[name]
        found[name] = _sum(mine, its) if isinstance(mine, dict) else mine + its
    return found
