"""A report of a period to take away: HTML or PDF, made when its button is pressed."""

from datetime import UTC, datetime, timedelta
from typing import Final

import streamlit as st

from lib.activity.queries.filters import Filters
from lib.report.forms import make
from lib.report.report import ReportFormat, ReportScope, file_name
from lib.store import Stores
from lib.ui.components import words
from lib.ui.components.auditing import record
from lib.ui.shell.frame import Context
from lib.ui.shell.session import value

LABELS: Final = {ReportFormat.HTML: words.REPORT_HTML, ReportFormat.PDF: words.REPORT_PDF}
PERIODS: Final = {
    label: length for label, length in words.LAST_PERIODS.items() if length > timedelta(days=1)
}
_USUAL: Final = "Last 30 days"
_PERIOD: Final = "report.period"


def report_button(context: Context, filters: Filters | None = None) -> None:
    """The button “Report”. With `filters` the report counts what they choose, in their period.

    Without, the period is asked for, and all of the profile's source of record is counted; a
    profile of imported files is reported whole.
    """
    with st.popover(
        words.REPORT, icon=":material/summarize:", on_change="rerun", key="report"
    ) as box:
        if not box.open:
            return
        chosen = filters or _chosen(context)
        if chosen is None:
            st.caption(words.NOTHING_TO_REPORT)
            return
        st.caption(words.REPORT_HELP)
        scope = ReportScope(chosen, context.profile.label, context.zone_name)
        stores = context.runtime.stores_for(context.profile)
        for form in ReportFormat:
            st.download_button(
                LABELS[form],
                data=lambda form=form: _made(context, stores, scope, form),  # type: ignore[misc]
                file_name=file_name(scope, form),
                mime=form.media_type,
                key=f"report.{form}",
                on_click="ignore",
                width="stretch",
            )


def _chosen(context: Context) -> Filters | None:
    found = context.events.sources(context.profile.key)
    if not found:
        return None
    if context.profile.only_imported:
        oldest, newest = min(f.oldest for f in found), max(f.newest for f in found)
        return Filters(context.profile.key, oldest, newest + timedelta(seconds=1))
    st.selectbox(words.PERIOD, list(PERIODS), index=1, key=_PERIOD)
    length = PERIODS[str(value(_PERIOD, _USUAL))]
    return Filters(context.profile.key, context.now - length, context.now)


def _made(context: Context, stores: Stores, scope: ReportScope, form: ReportFormat) -> bytes:
    outcome = "failed"
    try:
        body = make(stores.events, scope, form, now=datetime.now(UTC))
        outcome = "ok"
    finally:
        since, until = scope.filters.since, scope.filters.until
        reported = f"{form}, {since.isoformat()} to {until.isoformat()}"
        record(context, "report", None, detail=reported, outcome=outcome)
    return body
