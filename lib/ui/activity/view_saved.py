"""Saved views: a choice of events with a name, to come back to and to share as a link.

They are kept in the ledger of the profile, for everyone who may see it; of a session profile they
live in the session's own ledger and are gone with it. What is kept is what an address may carry.
"""

from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlencode

import streamlit as st

from lib.core.texts import md
from lib.settings.profiles import ProfileKind
from lib.store.ledger.saved_views import MOST_NAME, SavedView
from lib.ui.activity import words
from lib.ui.components.auditing import record
from lib.ui.components.fields import words_field
from lib.ui.components.filters import activity_selection
from lib.ui.components.filters.activity_filters import Selection, parse, to_parameters
from lib.ui.shell.boundary import boundary
from lib.ui.shell.frame import Context
from lib.ui.shell.notices import tell
from lib.ui.shell.session import seed, value

_NAME: Final = "activity.view_name"


def control(context: Context, chosen: Selection) -> None:
    """The popover with the views of this profile, and the one at hand to be saved or shared."""
    with st.popover(
        words.SAVED, icon=":material/bookmark:", on_change="rerun", key="saved_views"
    ) as box:
        if not box.open:
            return
        with boundary():
            _list(context)
            _save(context, chosen)
            _share(context, chosen)


def _list(context: Context) -> None:
    saved = context.runtime.stores_for(context.profile).ledger.views.of(context.profile.key)
    if not saved:
        st.caption(words.NO_VIEWS)
    for one in saved:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.button(
                md(one.name),
                key=f"view.open.{one.name}",
                width="stretch",
                on_click=_show,
                args=(one,),
            )
            st.button(
                words.DELETE,
                key=f"view.delete.{one.name}",
                type="tertiary",
                icon=":material/delete:",
                on_click=_delete,
                args=(context, one.name),
            )


def _save(context: Context, chosen: Selection) -> None:
    words_field(
        words.SAVE_AS,
        key=_NAME,
        max_chars=MOST_NAME,
        placeholder=words.SAVE_PLACEHOLDER,
    )
    st.button(
        words.SAVE,
        key="view.save",
        icon=":material/bookmark_add:",
        on_click=_keep,
        args=(context, chosen),
    )
    if activity_selection.unlinked(chosen):
        st.caption(words.UNSAVED)


def _share(context: Context, chosen: Selection) -> None:
    if context.profile.kind is ProfileKind.SESSION:
        st.caption(words.NO_LINK)
        return
    query = urlencode({**context.links, **to_parameters(chosen)}, safe=",:~")
    base = (st.context.url or "").split("?")[0]
    st.caption(words.LINK)
    st.code(f"{base}?{query}" if query else base, language=None, wrap_lines=True)


def _show(one: SavedView) -> None:
    activity_selection.change(parse(dict(one.parameters)))
    tell(words.view_opened(one.name), icon=":material/bookmark:")


def _keep(context: Context, chosen: Selection) -> None:
    name = " ".join(str(value(_NAME) or "").split())
    with boundary():
        views = context.runtime.stores_for(context.profile).ledger.views
        before = {one.name for one in views.of(context.profile.key)}
        views.keep(SavedView(context.profile.key, name, to_parameters(chosen), datetime.now(UTC)))
        record(context, "view.save", name)
        seed(_NAME, "")
        tell(words.view_saved(name, replaced=name in before))


def _delete(context: Context, name: str) -> None:
    with boundary():
        context.runtime.stores_for(context.profile).ledger.views.forget(context.profile.key, name)
        record(context, "view.delete", name)
        tell(words.view_deleted(name), icon=":material/delete:")
