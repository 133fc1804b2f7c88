"""The charts of the log: what to ask, how to draw it, what a click means.

All of it counts deliveries of webhooks alone. The same action reaches the stream under another id,
so none of this is ever added to what Activity counts.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final

import pandas as pd
import streamlit as st

from lib.activity.ingest.delivery_events import ACCEPTED
from lib.activity.model.zones import Bucket
from lib.core.texts import number, undisguised
from lib.ui.components import panels
from lib.ui.components.charts import axis_labels, chart_style, ranking_chart, series_chart
from lib.ui.components.charts.chart_style import OTHERS, SHOWN
from lib.ui.components.coverage import edges, wall
from lib.ui.shell.session import seed, value
from lib.ui.webhooks import words, words_log
from lib.ui.webhooks.charts import percentiles
from lib.ui.webhooks.state import change, current, keep
from lib.ui.webhooks.view_common import View
from lib.webhooks.log import delivery_latency, delivery_values, figures
from lib.webhooks.log.delivery_filter import Choice
from lib.webhooks.log.delivery_latency import DeliveryStage
from lib.webhooks.log.figures import NO_TRIGGER, By, Counts
from lib.webhooks.receive.refusals import Refusal

TOP: Final = 8
_BY: Final = "webhooks.by"
_STAGE: Final = "webhooks.stage"


def totals(view: View) -> None:
    """The figures at the top."""
    found = view.once("totals", lambda: figures.totals(view.stores, view.choice))
    refused = sum(found.refused.values())
    stored = view.once(
        "stored",
        lambda: delivery_latency.half_within(
            view.stores, view.choice, DeliveryStage.RECEIVED_TO_STORED
        ),
    )
    for label, text, note in (
        (words_log.DELIVERIES, number(found.kept + refused), words_log.DELIVERIES_HELP),
        (words_log.ACCEPTED, number(found.accepted), words_log.ACCEPTED_HELP),
        (
            words_log.DUPLICATES,
            number(found.repeated),
            words_log.duplicates_help(found.repeated, found.kept),
        ),
        (words_log.REJECTED, number(refused), words_log.REJECTED_HELP),
        (
            words_log.TIME_TO_STORE,
            words.seconds(stored) or words_log.NONE,
            words_log.TIME_TO_STORE_HELP,
        ),
    ):
        st.metric(label, text, border=True, help=note)
    if found.own:
        st.caption(words_log.own_left_out(found.own))


def over_time(view: View) -> None:
    """Deliveries over time; a click filters by a series, a drag zooms into its time."""
    by = view.requested.by
    found = view.once(
        "series",
        lambda: figures.counts(view.stores, view.choice, by=by, timezone=view.style.zone_name),
    )
    unit = _unit(found.bars)
    frame, keys = _folded(found, by)
    with st.container(horizontal=True, vertical_alignment="center", key="hooks.by"):
        seed(_BY, by)
        st.segmented_control(
            words_log.GROUP_BY,
            list(By),
            key=_BY,
            required=True,
            format_func=words_log.GROUPS.__getitem__,
            on_change=lambda: change(current().changed(by=By(value(_BY)))),
            label_visibility="collapsed",
        )
    panels.titled(
        words_log.series_title(unit, by),
        words_log.SERIES_NOTE,
        _rows(frame),
        key="hooks.series",
    )
    if not found.bars:
        st.caption(words_log.NO_PERIOD)
        return
    span = (wall(found.bars[0].start, view.zone), wall(found.bars[-1].end, view.zone))
    figure = series_chart.stacked_series(
        frame,
        view.style,
        bucket_label=unit,
        width=found.bars[0].end - found.bars[0].start,
        span=span,
        shades=edges(span, view.choice.since, min(view.choice.until, view.now), view.zone),
        colours=_colours(keys, view),
        unit=words_log.COUNT,
    )

    def clicked(values: list[str], chosen: dict[str, Any]) -> None:
        if chosen.get("box"):
            _zoom(found.bars, view, chosen["box"][0])
        else:
            keep(str(by), [_unworded(one, by) for one in values])

    panels.chart(
        figure,
        key=f"hooks.series.{view.digest}",
        alt=words_log.series_alt(found.total, by),
        on_points=clicked,
        select_box=True,
    )


def latency(view: View) -> None:
    """Percentiles of one stage over time."""
    found = view.once("latency", lambda: delivery_latency.latency(view.stores, view.choice))
    stage = DeliveryStage(value(_STAGE) or DeliveryStage.RECEIVED_TO_STORED)
    frame = view.once(
        f"latency.{stage}",
        lambda: delivery_latency.latency_over_time(
            view.stores, view.choice, stage, timezone=view.style.zone_name
        ),
    )
    one = next(each for each in found if each.stage is stage)
    shown = [f"{name} {words.seconds(part)}" for name, part in
             (("p50", one.p50), ("p95", one.p95), ("p99", one.p99), (words_log.MAX, one.most))
             if part is not None]  # fmt: skip
    panels.titled(words_log.LATENCY, " · ".join(shown), frame, key="hooks.latency")
    st.segmented_control(
        words_log.STAGE,
        list(words_log.STAGES),
        default=DeliveryStage.RECEIVED_TO_STORED,
        key=_STAGE,
        required=True,
        format_func=words_log.STAGES.__getitem__,
        label_visibility="collapsed",
        help=words_log.STAGE_HELP,
    )
    if frame.empty:
        st.caption(words_log.NO_SEND_TIME)
        return
    span = (wall(view.choice.since, view.zone), wall(view.choice.until, view.zone))
    panels.chart(
        percentiles(frame, view.style, span),
        key=f"hooks.latency.{view.digest}.{stage}",
        alt=words_log.latency_alt(stage, ", ".join(shown)),
    )


def refusals(view: View) -> None:
    """Rejected requests by reason; a click filters by a reason."""
    found = view.once("totals", lambda: figures.totals(view.stores, view.choice)).refused
    rows = pd.DataFrame({words_log.REASON: list(found), words_log.REQUESTS: list(found.values())})
    panels.titled(words_log.REJECTED_BY_REASON, "", rows, key="hooks.refused")
    if not found:
        st.caption(words_log.NOTHING_REJECTED)
        return
    reasons = list(found)[:TOP]
    panels.chart(
        ranking_chart.ranking(
            [words.VERDICTS[Refusal(reason)] for reason in reasons],
            reasons,
            [found[reason] for reason in reasons],
            view.style,
            unit=words_log.REQUESTS,
        ),
        key=f"hooks.refused.{view.digest}",
        alt=words_log.rejected_alt(", ".join(reasons)),
        on_points=lambda values, _chosen: keep("verdict", values),
    )


def ranking(view: View, field: str, title: str) -> None:
    """The values with the most deliveries, each body counted once; a click filters by one."""
    once = current_choice_of_bodies(view)
    found = view.once(
        f"top.{field}", lambda: delivery_values.values(view.stores, once, field, limit=TOP)
    )
    frame = pd.DataFrame(
        [(v, undisguised(label or ""), n) for v, label, n in found],
        columns=words_log.RANKING_COLUMNS,
    )
    panels.titled(title, "", frame, key=f"hooks.top.{field}")
    if not found:
        st.caption(words_log.NO_VALUES)
        return
    panels.chart(
        ranking_chart.ranking(
            [undisguised(label or one) for one, label, _ in found],
            [one for one, _, _ in found],
            [n for _, _, n in found],
            view.style,
            unit=words_log.COUNT,
        ),
        key=f"hooks.top.{field}.{view.digest}",
        alt=f"{title}: {', '.join(undisguised(label or one) for one, label, _ in found[:3])}",
        on_points=lambda values, _chosen: keep(field, values),
    )


def current_choice_of_bodies(view: View) -> Choice:
    """The choice with first attempts alone, so that an action counts once."""
    requested = view.requested
    if requested.verdicts and ACCEPTED not in requested.verdicts:
        return view.choice  # repeats were asked for by name
    return requested.changed(verdicts=(ACCEPTED,)).choice(view.choice.profile, view.now)


def _unit(bars: Sequence[Bucket]) -> str:
    width = bars[0].end - bars[0].start if bars else timedelta(hours=1)
    if width <= timedelta(minutes=1):
        return words_log.MINUTE
    if width <= timedelta(hours=1):
        return words_log.HOUR
    return words_log.DAY if width <= timedelta(hours=25) else words_log.WEEK


def _worded(series: str, by: By) -> str:
    if by is By.VERDICT:
        return words.VERDICTS.get(series, series)
    if by is By.KIND:
        return words.KINDS.get(series, series)
    return (
        axis_labels.shorten(undisguised(series), 40) if series != NO_TRIGGER else words.NO_TRIGGER
    )


def _unworded(shown: str, by: By) -> str:
    """The value behind a series' label; empty for what can't be filtered by."""
    if shown in (OTHERS, words.NO_TRIGGER):
        return ""
    known = {By.VERDICT: words.VERDICTS, By.KIND: words.KINDS}.get(by, {})
    return next((str(one) for one, word in known.items() if word == shown), shown)


def _folded(found: Counts, by: By) -> tuple[pd.DataFrame, list[str]]:
    """The series that have a colour of their own, and the rest as one series."""
    keys = [_worded(name, by) for name in found.order if name != NO_TRIGGER][:SHOWN]
    keys += [words.NO_TRIGGER] if NO_TRIGGER in found.order else []
    frame = found.frame.rename(columns={"deliveries": "events"})
    frame["series"] = [_worded(str(name), by) for name in frame["series"]]
    return series_chart.folded(frame, keys)


def _colours(keys: Sequence[str], view: View) -> dict[str, str]:
    """Grey for deliveries without a trigger: they are no kind of their own."""
    found = chart_style.palette(
        [key for key in keys if key != words.NO_TRIGGER], view.style, fixed=False
    )
    grey = view.style.colour(SHOWN)
    return {key: found.get(key, grey) for key in keys}


def _rows(frame: pd.DataFrame) -> pd.DataFrame:
    wide = frame.pivot_table(
        index="bucket", columns="series", values="events", aggfunc="sum", fill_value=0
    )
    wide.index.name = words_log.BAR_FROM
    return wide.reset_index()


def _zoom(bars: Sequence[Bucket], view: View, box: dict[str, Any]) -> None:
    """Zoom into the dragged span, widened to whole bars."""
    inside = series_chart.dragged(box, [wall(bar.start, view.zone) for bar in bars])
    if inside:
        change(current().zoom(bars[inside[0]].start, bars[inside[-1]].end))
