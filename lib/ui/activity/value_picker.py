"""The filters of the Activity page by value: which field, and which of its values."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import streamlit as st

from lib.activity.model.event_names import event_name
from lib.activity.queries import summaries, value_search
from lib.activity.queries.filters import Filters
from lib.store import EventStore
from lib.ui.activity import words
from lib.ui.components.filters import activity_selection, picker
from lib.ui.components.filters.activity_filters import MAX_VALUES, Selection
from lib.ui.components.filters.picker import Field, Find
from lib.ui.shell.frame import Context
from lib.ui.shell.session import seed, state, value

if TYPE_CHECKING:
    import pandas as pd

_OFFERED: Final = 200
_ITEMS_OFFERED: Final = 50  # from there on every item has to be counted
_FITTING: Final = 50
_CALLED_BY_ID: Final = frozenset({"actor", "item", "parent", "owner", "target", "service"})
_FEW: Final = frozenset({"type", "category", "kind", "item_type", "file_type", "stream", "account"})
_FIELD: Final = "activity.field"


@dataclass(slots=True)
class Shown:
    """The field whose values are offered."""

    name: str = "actor"


def pickers(context: Context, events: EventStore, chosen: Selection) -> None:
    """One filter at a time: each of their lists is a question to the store."""
    shown = state(Shown)
    seed(_FIELD, shown.name)
    st.pills(words.FILTER_BY, list(words.NAMES), key=_FIELD, required=True,
             format_func=words.NAMES.__getitem__, on_change=_show)  # fmt: skip
    name = shown.name
    wide = replace(chosen, include={}, exclude={}, text="").filters(
        context.profile.key, context.now
    )
    limit = _ITEMS_OFFERED if name == "item" else _OFFERED
    found = summaries.top(events, wide, name, limit=limit)
    for which in ("include", "exclude"):
        values = getattr(chosen, which).get(name, ())
        labels = offered(found) | called(events, wide, name, values)
        picker.pick(_field(which, name, values, labels, finder(events, wide, name)))


def offered(found: "pd.DataFrame") -> dict[str, str]:
    """The values of a top list with what they are called."""
    return {str(row.value): picker.named(str(row.label), row.detail) for row in found.itertuples()}


def finder(events: EventStore, filters: Filters, name: str) -> Find:
    """Looks a typed text up among everything that is kept of the source."""
    return lambda text: value_search.find(events, filters, name, text, limit=_FITTING)


def called(
    events: EventStore, filters: Filters, name: str, values: tuple[str, ...]
) -> dict[str, str]:
    """What chosen values are called, whenever they were last seen."""
    if name == "type":
        return {one: _type_label(one) for one in values}
    if name not in _CALLED_BY_ID:
        return {}
    found = value_search.known(events, filters, name, values)
    return {one: picker.match_label(match) for one, match in found.items()}


def _type_label(event_type: str) -> str:
    name = event_name(event_type)
    return picker.named(name, None if name == event_type else event_type)


def _field(
    which: str, name: str, values: tuple[str, ...], labels: Mapping[str, str], find: Find
) -> Field:
    return Field(
        key=f"activity.{which}.{name}",
        label=words.field_label(name, which),
        what=words.NOUNS[name],
        chosen=values,
        offered=labels,
        find=find,
        choose=lambda new: activity_selection.change(
            activity_selection.current().with_values(which, name, new)
        ),
        most=MAX_VALUES,
        all_at_once=name in _FEW,
        placeholder=words.PLACEHOLDERS[which],
    )


def _show() -> None:
    state(Shown).name = str(value(_FIELD))
    picker.forget()
