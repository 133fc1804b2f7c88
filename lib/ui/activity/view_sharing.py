"""The view "Sharing": links turned on and off, invitations, and external collaborators."""

from typing import Final

import pandas as pd
import streamlit as st

from lib.activity.queries import anomaly_text, sharing
from lib.activity.queries.sharing import Sharing
from lib.core.texts import md, number
from lib.ui.activity import words_views as words
from lib.ui.activity.view_charts import View, bucket_text, openers, ranking
from lib.ui.activity.view_content import bare, over_time, with_extent
from lib.ui.activity.words import first_of
from lib.ui.components import coverage, panels
from lib.ui.components.charts import ranking_chart
from lib.ui.components.charts.series import SIZES
from lib.ui.shell.boundary import boundary

NAMED_DOMAINS: Final = 5


def view(view: View) -> None:
    """Everything of the view, each part in a frame of its own."""
    found = sharing.sharing(view.events, view.filters, now=view.now, timezone=view.style.zone_name)
    with st.container(horizontal=True, key="sharing_figures"):
        for label, count in (
            (words.LINKS_ON, found.total(sharing.LINKS_ON)),
            (words.LINKS_OFF, found.total(sharing.LINKS_OFF)),
            (words.INVITED, found.invited),
            (words.INVITED_OUTSIDE, found.invited_outside),
            (words.ANONYMOUS, found.anonymous),
        ):
            st.metric(label, number(count), border=True)
    st.caption(md(_domains(found)))
    with st.container(border=True), boundary():
        _over_time(view, found)
    left, right = st.columns([3, 2])
    with left, st.container(border=True, height="stretch"), boundary():
        _external(view, found)
    with right, st.container(border=True, height="stretch"), boundary():
        ranking(_only(view, "sharing", "collaboration"), "item", words.MOST_SHARED, key="shared")
    sharers, types = st.columns(2)
    with sharers, st.container(border=True, height="stretch"), boundary():
        ranking(_only(view, "sharing", "collaboration"), "actor", words.SHARERS, key="sharers")
    with types, st.container(border=True, height="stretch"), boundary():
        ranking(_only(view, "sharing", "collaboration"), "type", words.ACTIONS, key="shares")


def _over_time(view: View, found: Sharing) -> None:
    unit = SIZES[found.size]
    since, until = view.filters.since, min(view.filters.until, view.now)
    wide = found.frame.pivot_table(
        index="bucket", columns="series", values="events", aggfunc="sum"
    ).reindex(found.buckets["bucket"])
    wide = wide.fillna(0).astype("int64")
    wide.index.name = "bucket"
    whole = wide.reset_index()
    whole["events"] = wide.sum(axis=1).to_numpy()
    panels.titled(
        words.sharing_title(unit),
        coverage.sentence(found.coverage, since, until, view.zone),
        bare(whole),
        key="sharing",
        stands_out=anomaly_text.of_series(
            with_extent(whole, found.coverage, view),
            unit,
            bucket_text(found.size),
            words.CHANGES,
        ),
    )
    if found.frame.empty:
        return
    flat = (
        bare(whole).drop(columns=["events"]).melt("bucket", var_name="series", value_name="events")
    )
    panels.chart(
        over_time(view, flat, found.size, found.coverage),
        key=f"sharing.{view.digest}",
        alt=words.sharing_alt(int(whole["events"].sum())),
    )


def _external(view: View, found: Sharing) -> None:
    frame = found.external
    panels.titled(
        words.EXTERNAL,
        "",
        frame.rename(columns={"value": "id", "label": "login"}),
        key="external",
        stands_out=_where(frame),
    )
    if frame.empty:
        return
    top = frame.head(8)
    panels.chart(
        ranking_chart.ranking(
            [str(label) for label in top["label"]],
            [str(value) for value in top["value"]],
            [int(count) for count in top["events"]],
            view.style,
        ),
        key=f"external.{view.digest}",
        alt=first_of(words.EXTERNAL, [str(one) for one in top["label"]]),
        on_points=lambda values, _chosen: view.clicked("target", values),
    )
    openers(view, "actor", top, "external")


def _where(frame: pd.DataFrame) -> str:
    if frame.empty:
        return words.NOBODY_OUTSIDE
    domains = frame.groupby("domain")["events"].sum().sort_values(ascending=False)
    name, most = str(domains.index[0]), int(domains.iloc[0])
    share = most / int(domains.sum())
    counts = words.external_counts(len(frame), len(domains))
    if len(domains) > 2 and share >= anomaly_text.MOST:  # noqa: PLR2004  # of two, one has half
        return words.domain_stands_out(name, share, counts)
    return words.no_domain_stands_out(name, share, counts)


def _domains(found: Sharing) -> str:
    if not found.domains:
        return words.NO_DOMAINS
    named = list(found.domains[:NAMED_DOMAINS])
    return words.own_domains(named, len(found.domains) - NAMED_DOMAINS, found.unknown)


def _only(view: View, *categories: str) -> View:
    """The same view of these categories alone."""
    return view.narrowed("category", categories)
