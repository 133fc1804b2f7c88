"""What all parts of the log share in one script run, with their query results.

Results are cached until something new arrives, a minute passes or the filters change, so that a
click elsewhere on the page queries nothing again.
"""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from typing import Final, TypeVar

from lib.core.texts import short_digest
from lib.store import Stores
from lib.ui.components import panels
from lib.ui.components.charts.chart_style import ChartStyle
from lib.ui.components.page_cache import Answers
from lib.ui.shell.frame import Context, may_act
from lib.ui.shell.session import state
from lib.ui.webhooks.filters import LogFilters, to_parameters
from lib.webhooks.log import log
from lib.webhooks.log.delivery_filter import Choice
from lib.webhooks.log.log import Newest

T = TypeVar("T")
REST: Final = 2.0
LONGEST_REST_S: Final = 2.0
"""After a run, the page rests for `REST` times its length, at most this long."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """Equal as long as the page has nothing new to show."""

    profile: str
    newest: Newest
    minute: datetime


@dataclass(slots=True)
class DrawnLog(Answers):
    """The results of the last run, and how long it took."""

    began_s: float = 0.0
    took_s: float = 0.0


@dataclass(frozen=True, slots=True)
class View:
    """What the parts of one run share.

    `digest` is equal for equal filters, whatever has arrived since: a chart that is only updated
    stays the same widget. `may_read` is the right to bodies and headers.
    """

    stores: Stores
    requested: LogFilters
    choice: Choice
    style: ChartStyle
    zone: tzinfo
    now: datetime
    digest: str
    stamp: Stamp
    may_read: bool
    may_act: bool

    def once(self, name: str, ask: Callable[[], T]) -> T:
        """The result of a query, run once per script run; `name` identifies it fully."""
        return state(DrawnLog).once(name, ask)


def stamp_of(context: Context, now: datetime) -> Stamp:
    """What there is to show now."""
    stores = context.runtime.stores_for(context.profile)
    newest = log.newest(stores, context.profile.key)
    return Stamp(context.profile.key, newest, now.replace(second=0, microsecond=0))


def view_of(context: Context, requested: LogFilters) -> View:
    """What all parts of the log share in this run."""
    stores = context.runtime.stores_for(context.profile)
    stamp = stamp_of(context, context.now)
    style = panels.style(context.zone_name)
    asked = to_parameters(replace(requested, delivery=None))
    text = json.dumps([context.profile.key, style.zone_name, style.dark, asked])
    digest = short_digest(text)
    existing = state(DrawnLog)
    now = existing.about((digest, stamp), context.now)
    existing.began_s = time.monotonic()
    allowed = may_act(context)
    return View(
        stores=stores,
        requested=requested,
        choice=requested.choice(context.profile.key, now),
        style=style,
        zone=context.zone,
        now=now,
        digest=digest,
        stamp=stamp,
        may_read=allowed,
        may_act=allowed,
    )


def drawn() -> float:
    """Record that the run has ended; returns when the next may start by itself (monotonic)."""
    existing = state(DrawnLog)
    existing.took_s = time.monotonic() - existing.began_s
    return time.monotonic() + min(REST * existing.took_s, LONGEST_REST_S)
