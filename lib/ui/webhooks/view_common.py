"""What every part of the log shares in one drawing, and what was asked for it.

Answers are held until something new has come, a minute has passed or something else is asked for,
so that a click elsewhere on the page asks nothing again.
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
from lib.ui.components.charts import Look
from lib.ui.components.page_cache import Answers
from lib.ui.shell.frame import Context, may_act
from lib.ui.shell.session import state
from lib.ui.webhooks.filters import Wanted, to_parameters
from lib.webhooks.log import log
from lib.webhooks.log.delivery_filter import Choice
from lib.webhooks.log.log import Newest

T = TypeVar("T")
REST: Final = 2.0
LONGEST_REST_S: Final = 2.0
"""A drawing is followed by a rest of so many times its length, however much arrives."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """Equal as long as the page has nothing else to show."""

    profile: str
    newest: Newest
    minute: datetime


@dataclass(slots=True)
class Held(Answers):
    """What the last drawing found, and how long it took."""

    began_s: float = 0.0
    took_s: float = 0.0


@dataclass(frozen=True, slots=True)
class View:
    """What the parts of one drawing share.

    `digest` is equal for equal choices, whatever has come since: a chart that is only brought up to
    date stays the same widget. `may_read` is the right to bodies and headers.
    """

    stores: Stores
    wanted: Wanted
    choice: Choice
    look: Look
    zone: tzinfo
    now: datetime
    digest: str
    stamp: Stamp
    may_read: bool
    may_act: bool

    def once(self, name: str, ask: Callable[[], T]) -> T:
        """The answer to a question, asked once a drawing; by name, which says all of it."""
        return state(Held).once(name, ask)


def stamp_of(context: Context, now: datetime) -> Stamp:
    """What there is to show at this moment."""
    stores = context.runtime.stores_for(context.profile)
    newest = log.newest(stores, context.profile.key)
    return Stamp(context.profile.key, newest, now.replace(second=0, microsecond=0))


def view_of(context: Context, wanted: Wanted) -> View:
    """What every part of the log shares in this run."""
    stores = context.runtime.stores_for(context.profile)
    stamp = stamp_of(context, context.now)
    look = panels.look(context.zone_name)
    asked = to_parameters(replace(wanted, delivery=None))
    text = json.dumps([context.profile.key, look.zone_name, look.dark, asked])
    digest = short_digest(text)
    held = state(Held)
    now = held.about((digest, stamp), context.now)
    held.began_s = time.monotonic()
    allowed = may_act(context)
    return View(
        stores=stores,
        wanted=wanted,
        choice=wanted.choice(context.profile.key, now),
        look=look,
        zone=context.zone,
        now=now,
        digest=digest,
        stamp=stamp,
        may_read=allowed,
        may_act=allowed,
    )


def drawn() -> float:
    """Note that the drawing has ended; when the next one may begin by itself (monotonic)."""
    held = state(Held)
    held.took_s = time.monotonic() - held.began_s
    return time.monotonic() + min(REST * held.took_s, LONGEST_REST_S)
