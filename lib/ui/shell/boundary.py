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
from lib.ui.shell import words

_log = logging.getLogger(__name__)

WHO: Final = words.WHO


@contextmanager
def boundary() -> Iterator[None]:
    """Show an error from inside, in place of the rest of the block."""
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
        lines.append(f"**{words.WHY_TERM}** {md(redact(error.cause))}")
    fix = error.fix.removesuffix(REPORT_WITH) if error.who is Who.THIS_APP else error.fix
    if fix:
        lines.append(
            f"**{words.WHAT_TO_DO_TERM}** {md(fix)}"
        )  # what goes with a report is said once, below
    lines.append(f"**{words.WHO_TERM}** {WHO[error.who]}")
    box = st.warning if isinstance(error, ConfigurationError) else st.error
    box("\n\n".join(lines), icon=":material/error:")


def show_unexpected(error: Exception) -> None:
    """A plain message with a reference; the log has the same reference and the redacted trace."""
    reference = secrets.token_hex(4)
    trace = "".join(traceback.format_exception(error))
    _log.error("Fault %s on a page: %s", reference, redact(trace))
    st.error(
        f"**{words.UNEXPECTED}**\n\n"
        f"**{words.WHY_TERM}** {words.UNEXPECTED_WHY}\n\n"
        f"**{words.WHAT_TO_DO_TERM}** {words.unexpected_fix(reference)}\n\n"
        f"**{words.WHO_TERM}** {WHO[Who.THIS_APP]}",
        icon=":material/error:",
    )
