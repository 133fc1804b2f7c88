"""A person or an item up close: a view with an address of its own, one click from any name."""

from dataclasses import replace
from datetime import timedelta
from typing import Final

import streamlit as st

from lib.activity.queries import content, paging, profiles, summaries
from lib.activity.queries.filters import Filters
from lib.activity.queries.profiles import ACTOR, Subject
from lib.core.texts import ago, md, number, plural, size_words, when
from lib.ui.activity import view_charts, view_events
from lib.ui.activity.view_charts import FIGURES, View, openers, ranking, totals
from lib.ui.components import activity_selection, charts, panels
from lib.ui.shell.boundary import boundary

_LISTS: Final = {
    ACTOR: (
        ("item", "Items"),
        ("type", "What they did"),
        ("network", "IP networks"),
        ("ip", "IP addresses"),
        ("service", "Apps"),
        ("parent", "Folders"),
    ),
    "item": (
        ("actor", "People"),
        ("type", "What was done"),
        ("network", "IP networks"),
        ("ip", "IP addresses"),
        ("service", "Apps"),
        ("target", "People it was shared with"),
    ),
}
_BY: Final = {ACTOR: "by the person", "item": "to the item"}
_SHARING: Final = ("sharing", "collaboration")
_DEVICES: Final = ("ADD_LOGIN_ACTIVITY_DEVICE", "ADD_DEVICE_ASSOCIATION")
RECENT: Final = 20
NEW_WITHIN: Final = timedelta(days=7)


def view(view: View, kind_of: str, value: str) -> None:
    """The profile of an id in the period that is shown."""
    st.button(
        "Back to all activity",
        icon=":material/arrow_back:",
        type="tertiary",
        key="profile.back",
        on_click=lambda: activity_selection.change(replace(view.selection, opened=None)),
    )
    found = profiles.subject(view.events, view.filters, kind_of, value)
    if found is None:
        panels.empty(
            "Nothing is known of it",
            f"No event of this source was done {_BY[kind_of]} {value}. Read a longer time, or "
            "choose another source in “Filters”.",
        )
        return
    own = _of(view, kind_of, value)
    _head(found, own)
    with st.container(horizontal=True, key="profile_figures"):
        other = "Items" if kind_of == ACTOR else "People"
        seen = totals(own, tuple(one for one in FIGURES if one[0] in ("Events", other)))
        _volumes(own)
    if not seen.current.events:
        panels.empty(
            "Nothing in this period",
            f"The newest event is of {when(found.last, view.zone)}: choose a longer period.",
        )
        return
    with st.container(border=True), boundary():
        view_charts.series(own)
    _lists(own, kind_of)
    left, right = st.columns(2)
    with left, st.container(border=True, height="stretch"), boundary():
        if kind_of == ACTOR:
            _peers(view, value)
        else:
            view_charts.week(own)
    with right, st.container(border=True, height="stretch"), boundary():
        _sharing(own, kind_of)
    if kind_of == ACTOR:
        with st.container(border=True), boundary():
            view_charts.week(own)
    with boundary():
        _recent(own, kind_of)


def _of(view: View, kind_of: str, value: str) -> View:
    """The view of one person or item: of every kind of actor, without the other filters."""
    filters = Filters(
        view.filters.profile,
        view.filters.since,
        view.filters.until,
        source=view.filters.source,
        include={kind_of: (value,)},
    )
    chosen = replace(
        view.selection,
        include={kind_of: (value,)},
        exclude={},
        text="",
        everyone=True,
        opened=None,
    )
    digest = f"{view.digest}.{kind_of}.{value}"
    return replace(view, filters=filters, selection=chosen, digest=digest, of_one=True)


def _word(kind_of: str) -> str:
    return "person" if kind_of == ACTOR else "item"


def _head(found: Subject, view: View) -> None:
    st.header(md(found.name), anchor=False)
    parts = [found.kind or _word(found.kind_of), f"id {found.id}"]
    if found.detail and found.detail != found.name:
        parts.insert(1, found.detail if found.kind_of == ACTOR else f"owner {found.detail}")
    if found.place:
        parts.append(f"in {found.place}")
    st.caption(md(" · ".join(parts)))
    fresh = " New: first seen within a week." if view.now - found.first <= NEW_WITHIN else ""
    st.caption(
        md(
            f"First seen {when(found.first, view.zone)}, last seen {when(found.last, view.zone)} "
            f"({ago(found.last, view.now)}); {plural(found.events, 'event')} in all that is kept "
            f"of this source.{fresh}"
        )
    )
    st.button(
        f"Filter by this {_word(found.kind_of)}",
        icon=":material/filter_list:",
        key="profile.keep",
        on_click=lambda: activity_selection.change(
            replace(activity_selection.current(), opened=None, everyone=True).with_values(
                "include", found.kind_of, (found.id,)
            )
        ),
    )


def _volumes(view: View) -> None:
    moved = content.moved(view.events, view.filters, now=view.now).frame
    for label, name in (("Downloads", "downloads"), ("Uploads", "uploads")):
        amount = {"downloads": "downloaded", "uploads": "uploaded"}[name]
        st.metric(
            label,
            number(int(moved[name].sum())),
            border=True,
            height="stretch",
            help=f"{size_words(int(moved[amount].sum()))}, where events tell a size.",
        )


def _lists(view: View, kind_of: str) -> None:
    parts = _LISTS[kind_of]
    for row in (parts[:3], parts[3:]):
        for column, (by, title) in zip(st.columns(3), row, strict=True):
            with column, st.container(border=True, height="stretch"), boundary():
                ranking(view, by, title, limit=6, key=f"profile.{by}")
                if by == "service" and kind_of == ACTOR:
                    _devices(view)


def _devices(view: View) -> None:
    """How many devices were new; what they were isn't told by the events' columns."""
    where = replace(view.filters, include={**view.filters.include, "type": _DEVICES})
    count = summaries.totals(view.events, where, now=view.now).current.events
    st.caption(f"{plural(count, 'sign-in')} from a device not seen before, or newly pinned.")


def _peers(view: View, actor_id: str) -> None:
    everyone = replace(view.filters, include={}, exclude={}, text=None, hide=frozenset())
    found = profiles.peers(view.events, everyone, actor_id)
    panels.titled(
        "People who touched the same items", "", found.rename(columns={"value": "id"}), key="peers"
    )
    if found.empty:
        st.caption("Nobody else touched an item of theirs in this period.")
        return
    panels.chart(
        charts.ranking(
            [str(label) for label in found["label"]],
            [str(one) for one in found["value"]],
            [int(count) for count in found["items"]],
            view.look,
            unit="shared items",
        ),
        key=f"peers.{view.digest}.{actor_id}",
        alt=f"People who touched the same items: {', '.join(map(str, found['label'][:3]))}",
        on_points=lambda values, _chosen: view.open(ACTOR, values[0]) if values else None,
    )
    openers(view, ACTOR, found, "peers")


def _sharing(view: View, kind_of: str) -> None:
    shared = view.narrowed("category", _SHARING)
    by, title = ("target", "Shared with") if kind_of == ACTOR else ("type", "Sharing of it")
    ranking(shared, by, title, limit=6, key=f"profile.shared.{by}")


def _recent(view: View, kind_of: str) -> None:
    st.subheader("Newest events", anchor=False)
    found = paging.page(view.events, view.filters, limit=RECENT)
    view_events.plain(found.frame, view, key="profile.events")
    if found.next is not None:
        st.caption(f"The newest {RECENT}; “Filter by this {_word(kind_of)}” shows all.")
