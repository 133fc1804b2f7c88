"""Pages fetched for a list, cached for a minute: a click on a row makes no call.

A question names the profile: what one profile showed is never shown under another.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, TypeVar

from lib.ui.components.credentials.credential_entry import also_forget
from lib.ui.shell.session import seed, state, value

FRESH: Final = timedelta(seconds=60)
MAX_PAGES: Final = 60
T = TypeVar("T")


@dataclass(slots=True)
class FetchedPages:
    """Pages by what was asked, each with when it was fetched; the newest last."""

    pages: OrderedDict[Hashable, tuple[datetime, object]] = field(default_factory=OrderedDict)


also_forget(FetchedPages)


def kept(question: Hashable, fetch: Callable[[], T], *, now: datetime) -> tuple[T, datetime]:
    """The result of a query and when it was fetched: cached for a minute, then fetched again."""
    pages = state(FetchedPages).pages
    found = pages.get(question)
    if found is None or now - found[0] > FRESH:
        found = (now, fetch())
        pages[question] = found
        while len(pages) > MAX_PAGES:
            pages.popitem(last=False)
    # The question names what kind of answer it has.
    return found[1], found[0]  # type: ignore[return-value]


def refresh() -> None:
    """Fetch everything that is shown again."""
    state(FetchedPages).pages.clear()


def page_number(key: str) -> int:
    """The page that a list is on."""
    number = value(key, 1)
    return number if isinstance(number, int) and number >= 1 else 1


def first_page(key: str) -> None:
    """Back to the first page, when what is searched for changes."""
    seed(key, 1)
