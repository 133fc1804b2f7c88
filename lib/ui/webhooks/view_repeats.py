"""The charts of what is unusual in the log: bodies that came again, and gaps between deliveries."""

from datetime import datetime, timedelta

import pandas as pd
import streamlit as st

from lib.core.texts import when
from lib.ui.components import panels
from lib.ui.components.charts import ranking_chart
from lib.ui.components.coverage import wall
from lib.ui.webhooks import words, words_log
from lib.ui.webhooks.state import change, current, keep
from lib.ui.webhooks.view_charts import TOP
from lib.ui.webhooks.view_common import View
from lib.webhooks.log import figures


def repeats(view: View) -> None:
    """How often bodies were delivered: by attempt, and the most frequent ones."""
    attempts = view.once("attempts", lambda: figures.by_attempt(view.stores, view.choice))
    most = view.once("most", lambda: figures.most_repeated(view.stores, view.choice, limit=TOP))
    rows = pd.DataFrame(
        {words_log.ATTEMPT_COLUMN: list(attempts), words_log.COUNT: list(attempts.values())}
    )
    panels.titled(words_log.BY_ATTEMPT, "", rows, key="hooks.attempts")
    if not any(attempt > 1 for attempt in attempts):
        st.caption(words_log.NO_DUPLICATES)
        return
    shown = list(attempts)[:TOP]
    panels.chart(
        ranking_chart.ranking(
            [words_log.attempt(attempt) for attempt in shown],
            [str(attempt) for attempt in shown],
            [attempts[attempt] for attempt in shown],
            view.style,
            unit=words_log.COUNT,
        ),
        key=f"hooks.attempts.{view.digest}",
        alt=words_log.attempts_alt(attempts.get(1, 0)),
        on_points=lambda values, _chosen: _keep_attempts(values),
    )
    panels.titled(
        words_log.MOST_DELIVERED,
        "",
        pd.DataFrame(most, columns=words_log.BODY_COLUMNS),
        key="hooks.most",
    )
    panels.chart(
        ranking_chart.ranking(
            [f"{body[:8]}…" if len(body) > 9 else body for body, _ in most],  # noqa: PLR2004  # a long id's beginning
            [body for body, _ in most],
            [times for _, times in most],
            view.style,
            unit=words_log.TIMES,
        ),
        key=f"hooks.most.{view.digest}",
        alt=words_log.MOST_DELIVERED_ALT,
        on_points=lambda values, _chosen: keep("body", values),
    )


def gaps(view: View) -> None:
    """The longest gaps between deliveries; a click zooms into one."""
    least = max(timedelta(minutes=1), (view.choice.until - view.choice.since) / 100)
    found = view.once(
        "gaps", lambda: figures.gaps(view.stores, view.choice, at_least=least, limit=TOP)
    )
    rows = pd.DataFrame(
        {
            words_log.gaps_from(view.style.zone_name): [
                wall(gap.start, view.zone) for gap in found
            ],
            words_log.GAP_TO: [wall(gap.end, view.zone) for gap in found],
            words_log.GAP_LENGTH: [words.length(gap.length) for gap in found],
        }
    )
    panels.titled(words_log.GAPS, "", rows, key="hooks.gaps")
    if not found:
        st.caption(words_log.no_gaps(words.length(least)))
        return
    panels.chart(
        ranking_chart.ranking(
            [f"{when(gap.start, view.zone)}, {words.length(gap.length)}" for gap in found],
            [f"{gap.start.isoformat()}/{gap.end.isoformat()}" for gap in found],
            [round(gap.length / timedelta(minutes=1)) for gap in found],
            view.style,
            unit=words_log.MINUTES,
        ),
        key=f"hooks.gaps.{view.digest}",
        alt=words_log.gaps_alt(words.length(found[0].length)),
        on_points=lambda values, _chosen: _to_gap(values),
    )
    st.caption(words_log.GAPS_NOTE)


def _keep_attempts(values: list[str]) -> None:
    if values:
        number_ = int(values[0])
        same = current().attempts == (number_, number_)
        change(current().changed(attempts=(None, None) if same else (number_, number_)))


def _to_gap(values: list[str]) -> None:
    if not values:
        return
    start, end = (datetime.fromisoformat(part) for part in values[0].split("/"))
    margin = (end - start) / 4
    change(current().zoom(start - margin, end + margin))
