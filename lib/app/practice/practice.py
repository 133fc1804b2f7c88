"""Practice: a session injects faults into its own copy of the sandbox's apps.

The sandbox gives a visitor Box apps and a Kloudless application of its own; a fault is active for
exactly these. A rehearsal is found by its profile's key, which only its session knows, and its apps
are returned to the sandbox when it is forgotten. Nothing else of the sandbox is
touched, and no secret leaves this module but inside the profile.
"""

import contextlib
import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from lib.app.practice.faults import Area, PracticeFault, offers_of
from lib.app.practice.sandbox_calls import SandboxCalls
from lib.core.errors import RunbookError, Who
from lib.settings.profiles import Profile, visitor_profile

if TYPE_CHECKING:
    import httpx

TIMEOUT_S: Final = 10.0
VISITORS: Final = "/sandbox/visitors"
FAULTS: Final = "/sandbox/faults"
_MADE: Final = 201
_OK: Final = 200
_NOT_FOUND: Final = 404

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _PracticeSession:
    """One rehearsal: its ids at the sandbox, and the fault that is active for them."""

    client_id: str
    app_id: str
    offer: PracticeFault | None = None

    def ids(self, area: Area) -> tuple[str, ...]:
        """The ids whose calls a fault of that area disturbs."""
        return {
            Area.BOX: (self.client_id,),
            Area.KLOUDLESS: (self.app_id,),
            Area.BOTH: (self.client_id, self.app_id),
        }[area]


class PracticeSessions:
    """The rehearsals of this process, by the key of their profile.

    Every method that asks the sandbox raises RunbookError when it can't do what it is asked for.
    """

    def __init__(self, sandbox_url: Callable[[], str | None]) -> None:
        self._calls = SandboxCalls(sandbox_url)
        self._lock = threading.Lock()
        self._existing: dict[str, _PracticeSession] = {}

    def __len__(self) -> int:
        return len(self._existing)

    def offers(self) -> tuple[PracticeFault, ...]:
        """What can be broken, as the sandbox says at this moment."""
        listing = self._ask("GET", FAULTS)
        try:
            return offers_of(listing)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise _strange() from error

    def begin(self) -> Profile:
        """A profile of the kind session, with apps that the sandbox made for it alone."""
        answer = self._ask("POST", VISITORS, ok=_MADE)
        try:
            profile = visitor_profile(answer)
            existing = _PracticeSession(
                str(answer["box"]["config"]["boxAppSettings"]["clientID"]), ""
            )
            existing.app_id = str(answer["kloudless"]["app_id"])
        except (KeyError, TypeError, AttributeError) as error:
            raise _strange() from error
        with self._lock:
            self._existing[profile.key] = existing
        return profile

    def active(self, key: str) -> PracticeFault | None:
        """What is switched on for that rehearsal."""
        existing = self._existing.get(key)
        return None if existing is None else existing.offer

    def switch_on(self, key: str, offer: PracticeFault) -> None:
        """Break it, for the apps of that rehearsal only; what was broken before is mended."""
        existing = self._known(key)
        self._off(existing)
        try:
            for client_id in existing.ids(offer.area):
                order = {**offer.options, "name": offer.name, "client_id": client_id}
                self._ask("POST", FAULTS, order)
        except RunbookError:
            with contextlib.suppress(RunbookError):
                self._off(existing)  # never half active
            raise
        existing.offer = offer

    def switch_off(self, key: str) -> None:
        """Remove all faults from the apps of that rehearsal."""
        self._off(self._known(key))

    def forget(self, key: str) -> None:
        """Return the apps of that rehearsal, if there is one; their faults end with them."""
        with self._lock:
            existing = self._existing.pop(key, None)
        if existing is None:
            return
        try:
            self._send("DELETE", f"{VISITORS}/{existing.client_id}")
        except RunbookError as error:  # gone with its sandbox, or the sandbox with it
            _log.info("The apps of a rehearsal could not be returned: %s", error.message)

    def close(self) -> None:
        """Return all apps."""
        for key in list(self._existing):
            self.forget(key)
        self._calls.close()

    def _off(self, existing: _PracticeSession) -> None:
        for client_id in existing.ids(Area.BOTH):
            self._ask("DELETE", FAULTS, {"client_id": client_id})
        existing.offer = None

    def _known(self, key: str) -> _PracticeSession:
        """The rehearsal, after the sandbox has said that it still knows it."""
        existing = self._existing.get(key)
        if (
            existing is None
            or self._send("GET", f"{VISITORS}/{existing.client_id}").status_code != _OK
        ):
            raise RunbookError(
                "The sandbox no longer knows these apps.",
                cause="It was restarted since they were created, or too many visitors came later.",
                fix="Press “Leave”, then inject a fault again: that creates new ones.",
                who=Who.YOU,
            )
        return existing

    def _ask(
        self, method: str, path: str, body: Mapping[str, Any] | None = None, *, ok: int = _OK
    ) -> Any:
        """The JSON of one of the sandbox's own responses."""
        response = self._send(method, path, body)
        if response.status_code != ok:
            raise _refused(response)
        try:
            return response.json()
        except ValueError as error:
            raise _strange() from error

    def _send(
        self, method: str, path: str, body: Mapping[str, Any] | None = None
    ) -> "httpx.Response":
        return self._calls.send(method, path, body, timeout_s=TIMEOUT_S)


def _strange() -> RunbookError:
    return RunbookError(
        "The sandbox's response can't be read.",
        cause="Its version differs from this app's, or something else answers at its address.",
        fix="Start this version's with `python -m lib sandbox`, or unset BOX_RUNBOOK_SANDBOX.",
        who=Who.THIS_APP,
    )


def _refused(response: "httpx.Response") -> RunbookError:
    """The sandbox's own words where it has some."""
    if response.status_code == _NOT_FOUND:
        return _strange()
    try:
        said = str(response.json()["error"])
    except (ValueError, KeyError, TypeError):
        return _strange()
    return RunbookError(
        "The sandbox can't inject this fault.",
        cause=said,
        fix="Choose another fault. The list is loaded again each time it opens.",
        who=Who.YOU,
    )
