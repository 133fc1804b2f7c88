"""No line of any log in this process carries a secret, and the last errors are at hand.

Every log record is redacted when it is made, whoever makes it and whichever handler writes it:
Streamlit gives each of its loggers a handler of its own, so filters on handlers would miss some.
Addresses are another matter: that of an alert is a secret as a whole, so the HTTP libraries don't
log theirs at all.
"""

import logging
from collections.abc import Callable
from typing import Any, Final

from lib.app.last_errors import LAST_ERRORS, error_of
from lib.core.redaction import RedactingFilter

_GUARD: Final = RedactingFilter()
_NAME: Final = "lib"
_TELL_ADDRESSES: Final = ("httpx", "httpcore")


def redact_all_logs() -> None:
    """Redact from now on, and write our own warnings to stderr. Calling again does nothing."""
    make: Callable[..., logging.LogRecord] = logging.getLogRecordFactory()
    if getattr(make, "redacts", False):
        return

    def redacted(*args: Any, **kwargs: Any) -> logging.LogRecord:
        record = make(*args, **kwargs)
        error = error_of(record)  # the redaction takes it away
        _GUARD.filter(record)
        if record.levelno >= logging.WARNING:
            LAST_ERRORS.note(record, error)
        return record

    redacted.redacts = True  # type: ignore[attr-defined]
    logging.setLogRecordFactory(redacted)
    for name in _TELL_ADDRESSES:
        logging.getLogger(name).setLevel(logging.WARNING)
    ours = logging.getLogger(_NAME)
    if not ours.handlers and not logging.getLogger().handlers:
        handler = logging.StreamHandler()
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
        ours.addHandler(handler)
