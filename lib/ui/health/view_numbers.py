"""Speed and limits: durations of calls, the last event and delivery, ages of token and key."""

from collections.abc import Sequence
from typing import Final

import pandas as pd
import streamlit as st

from lib.core.texts import md
from lib.runbook.health.latency import Latency, latencies
from lib.ui.components import panels
from lib.ui.components.panels import empty
from lib.ui.health import words_numbers as words
from lib.ui.health.charts import dumbbells
from lib.ui.health.facts import facts, shown_in
from lib.ui.health.state import HealthView
from lib.ui.shell.frame import Context

MOST_GROUPS: Final = 14


def numbers(context: Context, now: HealthView) -> None:
    """Facts, then percentiles by server and by what was asked."""
    with st.grid(4, min_column_width=230, key="health.facts"):
        for fact in facts(context, now):
            with st.container(border=True, height="stretch", gap="xsmall"):
                st.caption(fact.label)
                st.markdown(f"**{md(fact.figure)}**")
                st.caption(md(fact.note))
    _speed(context)


def _speed(context: Context) -> None:
    calls = context.runtime.clients.journal(context.profile).calls
    if not calls:
        empty(words.NO_CALLS, words.NO_CALLS_HELP)
        return
    lines = latencies(calls)
    panels.titled(
        words.DURATIONS,
        words.calls_counted(len(calls), shown_in(context.zone, [one.at for one in calls])),
        _frame(lines),
        key="health.speed",
        help_=words.DURATIONS_HELP,
    )
    st.dataframe(
        _frame(latencies(calls, by_group=False)),
        hide_index=True,
        row_height=34,
        key="health.servers",
        alt=words.SERVERS_ALT,
    )
    shown = lines[:MOST_GROUPS]
    panels.chart(
        dumbbells(shown, panels.style(context.zone_name)),
        key="health.speed",
        alt=words.durations_alt(len(shown)),
    )
    if len(lines) > MOST_GROUPS:
        st.caption(words.rarer_calls(len(lines) - MOST_GROUPS))


def _frame(lines: Sequence[Latency]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            words.SERVER: [str(line.server) for line in lines],
            words.CALL: [line.group for line in lines],
            words.CALLS: [line.calls for line in lines],
            words.FAULTS_COLUMN: [line.faults for line in lines],
            words.P50: [round(line.p50, 1) for line in lines],
            words.P95: [round(line.p95, 1) for line in lines],
            words.P99: [round(line.p99, 1) for line in lines],
            words.LONGEST: [round(line.longest, 1) for line in lines],
        }
    )
