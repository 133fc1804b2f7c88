"""The button “Download diagnostics”: one file to attach to a report, made when it is pressed."""

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime

import streamlit as st

from lib.app import Runtime
from lib.core.errors import RunbookError
from lib.settings.access import Decision
from lib.settings.profiles import Profile, ProfileKind
from lib.ui.shell import words


def diagnostics_button(
    runtime: Runtime,
    decision: Decision,
    *,
    profile: Profile | None = None,
    made: Callable[[], object] = lambda: None,
) -> None:
    """The button, for whoever may see this server's settings; nobody else gets it.

    `profile` is the one on the page; `made` is called when the file has been made.
    """
    if not decision.may_change:
        return
    from lib.app.diagnostics import MEDIA_TYPE, file_name  # noqa: PLC0415  # one page needs it

    own = profile if profile is not None and profile.kind is ProfileKind.SESSION else None

    def file() -> bytes:
        from lib.app.diagnostics import markdown  # noqa: PLC0415  # as above
        from lib.app.diagnostics.subjects import diagnose  # noqa: PLC0415  # as above

        body = markdown(diagnose(runtime, own))
        with suppress(RunbookError):  # a store that is broken keeps no record, and the file says so
            made()
        return body

    st.download_button(
        words.DIAGNOSTICS,
        data=file,
        file_name=file_name(datetime.now(UTC)),
        mime=MEDIA_TYPE,
        key="diagnostics",
        icon=":material/troubleshoot:",
        on_click="ignore",
        help=words.DIAGNOSTICS_HELP,
    )
