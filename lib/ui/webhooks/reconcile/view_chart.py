"""Reconciliation: the figures, their reasons, and both sides over time."""

from bisect import bisect_right
from datetime import datetime

import pandas as pd
import streamlit as st

from lib.activity.model.coverage import coverage
from lib.activity.model.zones import auto_size, buckets
from lib.core.texts import number
from lib.ui.components import coverage as components_coverage
from lib.ui.components import panels
from lib.ui.components.charts import series_chart
from lib.ui.components.coverage import wall
from lib.ui.shell.frame import Context
from lib.ui.webhooks.reconcile import words
from lib.ui.webhooks.reconcile.words import SERIES, explain, side_of
from lib.webhooks.reconcile import stored
from lib.webhooks.reconcile.reconciliation import Reconciliation


def figures(found: Reconciliation) -> None:
    """The counts, and why an action is on one side only."""
    only_hooks = found.reasons(of_stream=False).total()
    bodies = len(found.bodies)
    with st.grid(6, min_column_width=150, gap="small", key="hooks.rec.figures"):
        for label, count, note in (
            (words.IN_BOTH, found.both, words.IN_BOTH_HELP),
            (words.MISSED, found.missed, words.MISSED_HELP),
            (words.HOOKS_ONLY, only_hooks, words.HOOKS_ONLY_HELP),
            (words.LATE_FIGURE, found.late, words.late_help(bodies)),
            (words.DUPLICATES, found.repeated, words.DUPLICATES_HELP),
            (words.OUT_OF_ORDER, found.out_of_order, words.OUT_OF_ORDER_HELP),
        ):
            st.metric(label, number(count), border=True, help=note)
    explained = [
        text
        for of_stream in (True, False)
        for reason, n in sorted(found.reasons(of_stream=of_stream).items())
        if (text := explain(reason, n))
    ]
    if explained:
        st.markdown("\n".join(f"- {text}" for text in explained))
    elif found.both:
        st.success(words.ALL_WELL, icon=":material/check:")


def chart(context: Context, found: Reconciliation, span: tuple[datetime, datetime]) -> None:
    """Actions over time, by side; time for which the stream wasn't read is shaded."""
    style = panels.style(context.zone_name)
    size = auto_size(*span)
    bars = buckets(style.zone_name, *span, size)
    starts = [bar.start for bar in bars]
    counted: dict[tuple[datetime, str], int] = {}
    for line in found.lines:
        bar = max(0, bisect_right(starts, line.at) - 1)
        key = (starts[bar], SERIES[side_of(line)])
        counted[key] = counted.get(key, 0) + 1
    frame = pd.DataFrame(
        [(wall(at, context.zone), name, n) for (at, name), n in sorted(counted.items())],
        columns=["bucket", "series", "events"],
    )
    keys = [name for name in SERIES.values() if name in set(frame["series"])]
    panels.titled(
        words.chart_title(str(size)),
        words.CHART_NOTE,
        frame.rename(columns={"bucket": "from", "series": "side", "events": "actions"}),
        key="hooks.rec.chart",
    )
    axis = (wall(bars[0].start, context.zone), wall(bars[-1].end, context.zone))
    source = stored.stream_source(context.events, context.profile.key)
    read = coverage(context.events, context.profile.key, source, context.now)
    figure = series_chart.stacked_series(
        frame,
        style,
        bucket_label=str(size),
        width=bars[0].end - bars[0].start,
        span=axis,
        shades=components_coverage.shades(read, *span, context.zone),
        colours={
            name: style.colour(number_)
            for number_, name in enumerate(SERIES.values())
            if name in keys
        },
        unit="actions",
    )
    panels.chart(
        figure,
        key="hooks.rec.figure",
        alt=words.chart_alt(len(found.lines)),
    )
