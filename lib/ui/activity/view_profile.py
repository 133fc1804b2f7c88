"""A person or an item up close: a view with an address of its own, one click from any name."""

from dataclasses import replace
from datetime import timedelta
from typing import Final

import streamlit as st

from lib.activity.queries import content, paging, period_totals, profiles
from lib.activity.queries.filters import Filters
from lib.activity.queries.profiles import ACTOR, ProfileSubject
from lib.core.texts import md, number
from lib.ui.activity import view_charts, view_events
from lib.ui.activity import words_profile as words
from lib.ui.activity.view_charts import FIGURES, View, openers, ranking, totals
from lib.ui.activity.words import first_of
from lib.ui.components import panels
from lib.ui.components.charts import ranking_chart
from lib.ui.components.filters import activity_selection
from lib.ui.shell.boundary import boundary

_LISTS: Final = {
    ACTOR: tuple(words.PERSON_LISTS.items()),
    "item": tuple(words.ITEM_LISTS.items()),
}
_SHARING: Final = ("sharing", "collaboration")
_DEVICES: Final = ("ADD_LOGIN_ACTIVITY_DEVICE", "ADD_DEVICE_ASSOCIATION")
RECENT: Final = 20
NEW_WITHIN: Final = timedelta(days=7)


def view(view: View, kind_of: str, value: str) -> None:
    """The profile of an id in the period that is shown."""
    st.button(
        words.BACK,
        icon=":material/arrow_back:",
        type="tertiary",
        key="profile.back",
        on_click=lambda: activity_selection.change(replace(view.selection, opened=None)),
    )
    found = profiles.subject(view.events, view.filters, kind_of, value)
    if found is None:
        panels.empty(
            words.UNKNOWN_SUBJECT,
            words.unknown_subject(_word(kind_of), value),
        )
        return
    own = _of(view, kind_of, value)
    _head(found, own)
    with st.container(horizontal=True, key="profile_figures"):
        shown = ("events", "items" if kind_of == ACTOR else "actors")
        seen = totals(own, tuple(one for one in FIGURES if one[1] in shown))
        _volumes(own)
    if not seen.current.events:
        panels.empty(
            words.EMPTY_PERIOD,
            words.newest_event(found.last, view.zone),
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


def _head(found: ProfileSubject, view: View) -> None:
    st.header(md(found.name), anchor=False)
    detail = found.detail if found.detail != found.name else None
    person = found.kind_of == ACTOR
    line = words.subject_line(
        found.kind or _word(found.kind_of),
        detail if person else None,
        None if person else detail,
        found.id,
        found.place or "",
    )
    st.caption(md(line))
    fresh = words.NEW if view.now - found.first <= NEW_WITHIN else ""
    seen = words.seen(found.first, found.last, view.now, view.zone, found.events)
    st.caption(md(seen + fresh))
    st.button(
        words.filter_by_this(_word(found.kind_of)),
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
    for label, name in ((words.DOWNLOADS, "downloads"), (words.UPLOADS, "uploads")):
        amount = {"downloads": "downloaded", "uploads": "uploaded"}[name]
        st.metric(
            label,
            number(int(moved[name].sum())),
            border=True,
            height="stretch",
            help=words.sized(int(moved[amount].sum())),
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
    count = period_totals.totals(view.events, where, now=view.now).current.events
    st.caption(words.devices(count))


def _peers(view: View, actor_id: str) -> None:
    everyone = replace(view.filters, include={}, exclude={}, text=None, hide=frozenset())
    found = profiles.peers(view.events, everyone, actor_id)
    panels.titled(words.PEERS, "", found.rename(columns={"value": "id"}), key="peers")
    if found.empty:
        st.caption(words.NO_PEERS)
        return
    panels.chart(
        ranking_chart.ranking(
            [str(label) for label in found["label"]],
            [str(one) for one in found["value"]],
            [int(count) for count in found["items"]],
            view.style,
            unit=words.ITEMS_IN_COMMON,
        ),
        key=f"peers.{view.digest}.{actor_id}",
        alt=first_of(words.PEERS, [str(label) for label in found["label"]]),
        on_points=lambda values, _chosen: view.open(ACTOR, values[0]) if values else None,
    )
    openers(view, ACTOR, found, "peers")


def _sharing(view: View, kind_of: str) -> None:
    shared = view.narrowed("category", _SHARING)
    by, title = (
        ("target", words.SHARED_WITH) if kind_of == ACTOR else ("type", words.SHARING_ACTIONS)
    )
    ranking(shared, by, title, limit=6, key=f"profile.shared.{by}")


def _recent(view: View, kind_of: str) -> None:
    st.subheader(words.NEWEST, anchor=False)
    found = paging.page(view.events, view.filters, limit=RECENT)
    view_events.plain(found.frame, view, key="profile.events")
    if found.next is not None:
        st.caption(words.newest_only(RECENT, _word(kind_of)))
