"""Speed and limits: how long Box and Kloudless take, what came last, how old things are."""

from collections.abc import Sequence
from typing import Final

import pandas as pd
import streamlit as st

from lib.core.texts import md, number, plural
from lib.runbook.health.latency import Latency, latencies
from lib.ui.components import panels
from lib.ui.components.panels import empty
from lib.ui.health.charts import dumbbells
from lib.ui.health.facts import facts, shown_in
from lib.ui.health.state import Picture
from lib.ui.shell.frame import Context

MOST_GROUPS: Final = 14


def numbers(context: Context, now: Picture) -> None:
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
        empty(
            "No calls yet",
            "How long calls take is counted from the first one: press “Check now”.",
        )
        return
    lines = latencies(calls)
    panels.titled(
        "How long calls took",
        f"The last {plural(len(calls), 'call')} of this app's process, "
        f"{shown_in(context.zone, [one.at for one in calls])}.",
        _frame(lines),
        key="health.speed",
        help_="Checks, reading and pages together; each attempt counts. A fault is no answer, a "
        "server error, or a refusal for asking too often.",
    )
    st.dataframe(
        _frame(latencies(calls, by_group=False)),
        hide_index=True,
        row_height=34,
        key="health.servers",
        alt="Percentiles of all calls by server",
    )
    shown = lines[:MOST_GROUPS]
    panels.chart(
        dumbbells(shown, panels.look(context.zone_name)),
        key="health.speed",
        alt=f"Median, 95th and 99th percentile of {len(shown)} kinds of calls, in milliseconds",
    )
    if len(lines) > MOST_GROUPS:
        st.caption(f"{number(len(lines) - MOST_GROUPS)} rarer kinds of calls are in the rows.")


def _frame(lines: Sequence[Latency]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "Server": [str(line.server) for line in lines],
            "Call": [line.group for line in lines],
            "Calls": [line.calls for line in lines],
            "Faults": [line.faults for line in lines],
            "p50 ms": [round(line.p50, 1) for line in lines],
            "p95 ms": [round(line.p95, 1) for line in lines],
            "p99 ms": [round(line.p99, 1) for line in lines],
            "longest ms": [round(line.longest, 1) for line in lines],
        }
    )
