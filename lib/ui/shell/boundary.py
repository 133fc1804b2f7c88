"""The one place where a page meets an error.

A RunbookError becomes its message, cause, fix and who can do it. Anything else becomes a plain
sentence with a reference; the log gets the same reference and a redacted trace. No stack trace
reaches a page.
"""

import logging
import secrets
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import streamlit as st

from lib.core.errors import REPORT_WITH, ConfigurationError, RunbookError, Who
from lib.core.redaction import redact
from lib.core.texts import md

_log = logging.getLogger(__name__)

WHO: Final = {
    Who.YOU: "You can do this here.",
    Who.DEVELOPER: "A developer of the Box app can do this.",
    Who.BOX_ADMIN: "A Box admin can do this.",
    Who.BOX_SUPPORT: "Box support can do this.",
    Who.KLOUDLESS_ADMIN: "The Kloudless administrator can do this.",
    Who.NETWORK: "Whoever runs the network can do this.",
    Who.THIS_APP: f"This is a fault of the app. Tell whoever hosts it. {REPORT_WITH}",
}


@contextmanager
def boundary() -> Iterator[None]:
    """Show what goes wrong inside, in place of the rest of the block."""
    try:
        yield
    except RunbookError as error:
        show_error(error)
    except Exception as error:  # noqa: BLE001  # the page's last line of defence
        show_unexpected(error)


def show_error(error: RunbookError) -> None:
    """Message, cause, fix and who, in one box."""
    lines = [f"**{md(error.message)}**"]
    if error.cause:
        lines.append(f"**Why** {md(redact(error.cause))}")
    fix = error.fix.removesuffix(REPORT_WITH) if error.who is Who.THIS_APP else error.fix
    if fix:
        lines.append(f"**What to do** {md(fix)}")  # what goes with a report is said once, below
    lines.append(f"**Who** {WHO[error.who]}")
    box = st.warning if isinstance(error, ConfigurationError) else st.error
    box("\n\n".join(lines), icon=":material/error:")


def show_unexpected(error: Exception) -> None:
    """A plain message with a reference; the log has the same reference and the redacted trace."""
    reference = secrets.token_hex(4)
    trace = "".join(traceback.format_exception(error))
    _log.error("Fault %s on a page: %s", reference, redact(trace))
    st.error(
        "**This part of the page could not be shown.**\n\n"
        "**Why** A fault in this app; nothing was changed.\n\n"
        f"**What to do** Reload the page. If it stays, report it with the reference `{reference}`: "
        "the log has the details, without secrets.\n\n"
        f"**Who** {WHO[Who.THIS_APP]}",
        icon=":material/error:",
    )
