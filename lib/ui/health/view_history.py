"""Health over time: strips for the last 24 hours, 7 or 30 days, with shares and their rows."""

from typing import Final

import pandas as pd
import streamlit as st

from lib.core.texts import md
from lib.runbook.checks.registry import CHECKS
from lib.runbook.checks.verdict import Status
from lib.runbook.health.history import OVERALL, PERIODS, Extent, Segment, uptime
from lib.ui.components import panels
from lib.ui.components.coverage import wall
from lib.ui.components.panels import empty
from lib.ui.components.verdicts import STATUS_LOOKS
from lib.ui.health import words
from lib.ui.health.charts import strips
from lib.ui.health.state import HealthView
from lib.ui.shell.frame import Context

PERIOD: Final = "period"


def history(context: Context, now: HealthView) -> None:
    """Strips and shares of one period."""
    if not now.spans:
        empty(words.NO_HISTORY, words.NO_HISTORY_HELP)
        return
    chosen = st.segmented_control(
        words.PERIOD,
        list(PERIODS),
        default="24 hours",
        required=True,
        key=PERIOD,
        bind="query-params",
        label_visibility="collapsed",
    )
    length = PERIODS[chosen or "24 hours"]
    names = _shown(now)
    rows = {label: now.timeline(check_id, length) for check_id, label in names.items()}
    total = uptime(rows[words.ALL_CHECKS])
    share = words.NO_VERDICT if total.share is None else percent(total.share)
    panels.titled(
        words.no_failures_for(share) if total.share is not None else words.NOTHING_JUDGED,
        words.monitored(percent(total.watched_share), str(chosen)),
        _segments(context, rows),
        key="health.strips",
    )
    panels.chart(
        strips(rows, panels.style(context.zone_name), context.zone),
        key="health.strips",
        alt=words.strips_alt(str(chosen), share),
    )
    st.markdown(f"**{words.UPTIME}**")
    st.dataframe(
        _shares(now, names),
        hide_index=True,
        height=36 + 34 * min(len(names), 14),
        row_height=34,
        key="health.shares",
        alt=words.UPTIME_ALT,
        placeholder="—",
    )


def percent(share: float) -> str:
    """`99.95%`, never rounded up to a whole that it isn't."""
    if share >= 1:
        return "100%"
    return f"{min(share * 100, 99.99):.2f}%"


def _shown(now: HealthView) -> dict[str, str]:
    """The checks that were ever judged in the history, by id, with their titles."""
    names = {OVERALL: words.ALL_CHECKS}
    for check in CHECKS:
        spans = now.spans.get(check.id, ())
        if any(one.status not in (Status.SKIPPED, Status.UNPROVEN) for one in spans):
            side = words.KLOUDLESS if check.id.startswith("kloudless.") else ""
            names[check.id] = side + check.title
    return names


def _shares(now: HealthView, names: dict[str, str]) -> pd.DataFrame:
    frame: dict[str, list[str]] = {words.CHECK: list(names.values()), words.NOW: []}
    frame[words.NOW] = [_word_now(now, check_id) for check_id in names]
    for label, length in PERIODS.items():
        found = [uptime(now.timeline(check_id, length)) for check_id in names]
        frame[label] = ["—" if one.share is None else percent(one.share) for one in found]
    found = [uptime(now.timeline(check_id, PERIODS["30 days"])) for check_id in names]
    frame[words.MONITORED] = [percent(one.watched_share) for one in found]
    return pd.DataFrame(frame)


def _word_now(now: HealthView, check_id: str) -> str:
    spans = now.spans.get(check_id, ())
    if not spans or now.now - spans[-1].seen_at > now.patience.longest_gap:
        return words.NOT_MONITORED
    return STATUS_LOOKS[Status(spans[-1].status)].word


def _segments(context: Context, rows: dict[str, list[Segment]]) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                words.CHECK: label,
                words.FROM: wall(one.start, context.zone),
                words.TO: wall(one.end, context.zone),
                words.STATUS: words.EXTENTS[one.extent],
                words.CAUSE: md(one.cause or "") if one.extent is not Extent.UP else "",
            }
            for label, part in rows.items()
            for one in part
        ]
    )
