"""Runs the detections of one profile: on a schedule and on demand, one run at a time.

The first run covers the last 30 days, and so does one after older events arrived; other runs cover
what is new and the two days before it, because events can be late. A run waits until nothing is
being read: incomplete history makes everything look new. Findings go into the ledger.
"""

import logging
import threading
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from lib.activity.model.directory import Directory
from lib.app.clients import Clock, utc_now
from lib.app.routes.loopback_api import json_body, other_version
from lib.core.errors import RunbookError
from lib.detections import finding_records
from lib.detections.running import DEFAULT_SPAN, DetectionReport, run, scope_of
from lib.settings.profiles import Profile
from lib.store import Stores

LATE: Final = timedelta(days=2)
"""How late an event may come and still be judged by the next run."""
STEP_S: Final = 5.0
PAUSE_S: Final = 300.0
"""The shortest time between two runs of the schedule."""

_log = logging.getLogger(__name__)


def detect(
    stores: Stores,
    profile: str,
    *,
    since: datetime,
    until: datetime,
    source: str | None = None,
    only: tuple[str, ...] = (),
) -> DetectionReport:
    """Run detections over a profile's events. Nothing is kept."""
    own = Directory.of(stores.ledger.people(profile)).domains
    scope = scope_of(stores.events, profile, since, until, source=source, own_domains=own)
    return run(stores.events, scope, only)


class Detecting:
    """The detections of one profile. `after_run` is called when a run has been kept."""

    def __init__(
        self,
        profile: Profile,
        stores: Stores,
        *,
        version: Callable[[], int],
        after_run: Callable[[Profile], object] = lambda _profile: None,
        clock: Clock = utc_now,
    ) -> None:
        self.profile = profile
        self.scheduled = False
        self._stores = stores
        self._version = version
        self._after_run = after_run
        self._clock = clock
        self._turn = threading.Lock()
        self._seen: int | None = None
        self._oldest: datetime | None = None

    @property
    def stores(self) -> Stores:
        """Where its events and findings are."""
        return self._stores

    @property
    def stale(self) -> bool:
        """Whether something came in that no run of this process has judged."""
        return self._seen != self._version()

    @property
    def running(self) -> bool:
        """Whether a run is at work."""
        return self._turn.locked()

    def refresh(self, *, whole: bool = False) -> DetectionReport:
        """Judge what is new, or with `whole` the last 30 days; kept when it returns."""
        with self._turn:
            version, now = self._version(), self._clock()
            report = detect(
                self._stores, self.profile.key, since=self._since(now, whole=whole), until=now
            )
            finding_records.keep(self._stores.ledger, report, at=now)
            self._seen = version
        self._then()
        return report

    def follow(self, stopping: threading.Event, *, idle: Callable[[], bool]) -> None:
        """Run again and again until stopping, when something is new and nothing is being read."""
        self.scheduled = True
        due = time.monotonic()
        while not stopping.wait(STEP_S):
            if time.monotonic() < due or not self.stale or not idle():
                continue
            try:
                self.refresh()
            except RunbookError as error:
                _log.warning("Detections of %s stopped: %s", self.profile.kind, error.message)
            due = time.monotonic() + PAUSE_S

    def _since(self, now: datetime, *, whole: bool) -> datetime:
        """From when on to judge; everything again when older events came in since."""
        first = now - DEFAULT_SPAN
        facts = self._stores.events.sources(self.profile.key)
        oldest = min((one.oldest for one in facts), default=now)
        grown = self._oldest is None or oldest < self._oldest
        self._oldest = oldest
        last = self._stores.ledger.findings.last_run(self.profile.key)
        if whole or grown or last is None:
            return first
        return max(first, min(last.until, now) - LATE)

    def _then(self) -> None:
        try:
            self._after_run(self.profile)
        except RunbookError as error:
            _log.warning("After detections: %s %s", error.message, error.cause)


# --- between processes


def question(
    profile: str,
    since: datetime,
    until: datetime,
    source: str | None,
    only: tuple[str, ...],
) -> dict[str, Any]:
    """What to judge, as JSON for the owner."""
    return {
        "profile": profile,
        "since": since.isoformat(),
        "until": until.isoformat(),
        "source": source,
        "only": list(only),
    }


async def answer(request: Request, stores: Stores) -> Response:
    """`POST /detect` of the owner: the report as JSON."""
    body: Mapping[str, Any] = await json_body(request)
    try:
        asked: dict[str, Any] = {
            "since": datetime.fromisoformat(body["since"]).astimezone(UTC),
            "until": datetime.fromisoformat(body["until"]).astimezone(UTC),
            "source": body.get("source"),
            "only": tuple(str(one) for one in body.get("only") or ()),
        }
        profile = str(body["profile"])
    except (KeyError, ValueError, TypeError) as error:
        raise other_version("The request isn't valid for detections.") from error
    report = await run_in_threadpool(detect, stores, profile, **asked)
    return JSONResponse(report.as_dict())
