"""The owner's retention: every hour, what has passed its retention is deleted step by step."""

import logging
import threading
from datetime import UTC, datetime, timedelta
from typing import Final

from lib.core.errors import StoreError
from lib.settings.retention import RetentionSettings
from lib.store import Stores

FIRST_S: Final = 120.0
EVERY_S: Final = 3600.0
BETWEEN_S: Final = 0.2
FORGET_EVERY: Final = timedelta(days=1)
"""Takes two seconds at ten million events."""

_log = logging.getLogger(__name__)


def follow(stores: Stores, settings: RetentionSettings, stopping: threading.Event) -> None:
    """Apply the retention until stopping."""
    # the start doesn't wait for these
    from lib.activity.ingest.retention import beside, step  # noqa: PLC0415
    from lib.store.events.retention import forget_texts  # noqa: PLC0415

    if stopping.wait(FIRST_S):
        return
    dropped, forgot = False, datetime.min.replace(tzinfo=UTC)
    while not stopping.is_set():
        try:
            now = datetime.now(UTC)
            while step(stores.events, settings, now):
                dropped = True
                if stopping.wait(BETWEEN_S):
                    return
            beside(stores.events, settings, now)
            if dropped and now - forgot >= FORGET_EVERY:
                forget_texts(stores.events)
                dropped, forgot = False, now
        except StoreError as error:
            _log.error("Nothing was dropped: %s %s", error.message, error.cause)
        stopping.wait(EVERY_S)
