"""The view "Sharing": links switched on and off, invitations, and who is outside."""

from typing import Final

import pandas as pd
import streamlit as st

from lib.activity.queries import anomaly_text, sharing
from lib.activity.queries.sharing import Sharing
from lib.core.texts import md, number, plural
from lib.ui.activity.view_charts import View, moment, openers, ranking
from lib.ui.activity.view_content import bare, over_time, with_extent
from lib.ui.components import charts, coverage, panels
from lib.ui.components.series import SIZES
from lib.ui.shell.boundary import boundary

NAMED_DOMAINS: Final = 5


def view(view: View) -> None:
    """Everything of the view, each part in a frame of its own."""
    found = sharing.sharing(view.events, view.filters, now=view.now, timezone=view.look.zone_name)
    with st.container(horizontal=True, key="sharing_figures"):
        for label, count in (
            ("Links switched on", found.total("links switched on")),
            ("Links switched off", found.total("links switched off")),
            ("Collaborators invited", found.invited),
            ("Outsiders invited", found.invited_outside),
            ("Events by anonymous visitors", found.anonymous),
        ):
            st.metric(label, number(count), border=True)
    st.caption(md(_domains(found)))
    with st.container(border=True), boundary():
        _over_time(view, found)
    left, right = st.columns([3, 2])
    with left, st.container(border=True, height="stretch"), boundary():
        _external(view, found)
    with right, st.container(border=True, height="stretch"), boundary():
        ranking(_only(view, "sharing", "collaboration"), "item", "Most shared items", key="shared")
    sharers, types = st.columns(2)
    with sharers, st.container(border=True, height="stretch"), boundary():
        ranking(_only(view, "sharing", "collaboration"), "actor", "Who shares most", key="sharers")
    with types, st.container(border=True, height="stretch"), boundary():
        ranking(_only(view, "sharing", "collaboration"), "type", "What was done", key="shares")


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
        f"Sharing per {unit}",
        coverage.sentence(found.coverage, since, until, view.zone),
        bare(whole),
        key="sharing",
        stands_out=anomaly_text.of_series(
            with_extent(whole, found.coverage, view),
            unit,
            moment(found.size),
            "changes to links and collaborators",
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
        alt=f"Links and collaborators over time: {plural(int(whole['events'].sum()), 'event')}",
    )


def _external(view: View, found: Sharing) -> None:
    frame = found.external
    panels.titled(
        "Collaborators outside the own domains",
        "",
        frame.rename(columns={"value": "id", "label": "login"}),
        key="external",
        stands_out=_where(frame),
    )
    if frame.empty:
        return
    top = frame.head(8)
    panels.chart(
        charts.ranking(
            [str(label) for label in top["label"]],
            [str(value) for value in top["value"]],
            [int(count) for count in top["events"]],
            view.look,
        ),
        key=f"external.{view.digest}",
        alt=f"Collaborators outside: {', '.join(str(one) for one in top['label'][:3])}",
        on_points=lambda values, _chosen: view.clicked("target", values),
    )
    openers(view, "actor", top, "external")


def _where(frame: pd.DataFrame) -> str:
    if frame.empty:
        return "Nobody outside in this period, as far as events name logins."
    domains = frame.groupby("domain")["events"].sum().sort_values(ascending=False)
    name, most = str(domains.index[0]), int(domains.iloc[0])
    share = most / int(domains.sum())
    told = f"{plural(len(frame), 'collaborator')} of {plural(len(domains), 'domain')}"
    if len(domains) > 2 and share >= anomaly_text.MOST:  # noqa: PLR2004  # of two, one has half
        return f"Stands out: {name} has {share:.0%} of their events; {told}."
    return f"Nothing stands out: {told}; {name} has {share:.0%} of their events."


def _domains(found: Sharing) -> str:
    if not found.domains:
        return (
            "No managed user with a login is known yet, so nobody can be told to be outside. "
            "“Accounts” reads the people of the enterprise."
        )
    more = len(found.domains) - NAMED_DOMAINS
    own = ", ".join(found.domains[:NAMED_DOMAINS]) + (f" and {more} more" if more > 0 else "")
    text = f"Own domains, from the logins of managed users: {own}. Everyone else is outside."
    if found.unknown:
        text += f" {plural(found.unknown, 'invitation')} name no login: not counted as outside."
    return text


def _only(view: View, *categories: str) -> View:
    """The same view of these categories alone."""
    return view.narrowed("category", categories)
