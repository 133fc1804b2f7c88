"""Controls that pages with filters share: days from and to, and a chip that removes a filter."""

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from typing import Any, Final

import streamlit as st

from lib.core.texts import md
from lib.ui.components import words
from lib.ui.shell.frame import Context
from lib.ui.shell.session import seed, value

_CHIP_LENGTH: Final = 60


def days_field(
    context: Context, since: datetime, until: datetime, *, key: str, on_change: Callable[..., None]
) -> None:
    """The days of a period, to be changed; `on_change` gets the context. See `days_chosen`."""
    last = min(until - timedelta(microseconds=1), context.now).astimezone(context.zone).date()
    seed(key, (since.astimezone(context.zone).date(), last))
    st.date_input(
        words.days(context.zone_name),
        key=key,
        max_value=context.now.astimezone(context.zone).date(),
        on_change=on_change,
        args=(context,),
    )


def days_chosen(context: Context, key: str) -> tuple[datetime, datetime] | None:
    """From the first day's midnight to the last one's end; None until the second day is chosen."""
    days = value(key)
    if not isinstance(days, tuple | list) or len(days) != 2:  # noqa: PLR2004  # first and last
        return None
    first, after = days[0], days[1] + timedelta(days=1)
    start, end = (datetime.combine(day, time.min, tzinfo=context.zone) for day in (first, after))
    return start.astimezone(UTC), end.astimezone(UTC)


def chip(
    label: str, *, key: str, on_click: Callable[..., None], args: tuple[Any, ...] = ()
) -> None:
    """An active filter; a click removes it."""
    short = label if len(label) <= _CHIP_LENGTH else f"{label[: _CHIP_LENGTH - 1]}…"
    st.button(
        md(short),
        icon=":material/close:",
        icon_position="right",
        key=key,
        on_click=on_click,
        args=args,
        help=words.REMOVE_FILTER,
    )
