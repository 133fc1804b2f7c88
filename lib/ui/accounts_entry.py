"""What the Accounts page keeps in a session: pages that were fetched, proofs, the search texts.

Pages are kept for a minute, so that a click on a row or a way back asks nobody. They are keyed by
profile: what one profile showed is never shown under another.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, TypeVar

from lib.ui.accounts_fetch import Proof
from lib.ui.credentials_entry import also_forget
from lib.ui.session import seed, state, value

FRESH: Final = timedelta(seconds=60)
MAX_PAGES: Final = 60
T = TypeVar("T")

USERS_PAGE: Final = "users_page"
GROUPS_PAGE: Final = "groups_page"
ACCOUNTS_PAGE: Final = "accounts_page"
ACCOUNTS_SEARCH: Final = "accounts.kloudless.search"
ACCOUNTS_TABLE: Final = "accounts.kloudless.table"
ACCOUNT_FILTERS: Final = ("accounts.kloudless.service", "account_rights", "account_state")


@dataclass(slots=True)
class Shelf:
    """Fetched pages by what was asked, and the proofs of accounts by profile and account.

    `follow` are the accounts that stay chosen when their list is fetched anew. `search` is what to
    search for from the next run on, so that an account stays found under its new name.
    """

    pages: OrderedDict[Hashable, tuple[datetime, object]] = field(default_factory=OrderedDict)
    proofs: dict[tuple[str, str], Proof] = field(default_factory=dict)
    looked_up: tuple[str, str] | None = None
    follow: tuple[str, ...] | None = None
    search: str | None = None


also_forget(Shelf)


def kept(question: Hashable, fetch: Callable[[], T], *, now: datetime) -> tuple[T, datetime]:
    """The answer to a question and when it was fetched: kept for a minute, else fetched anew."""
    shelf = state(Shelf)
    found = shelf.pages.get(question)
    if found is None or now - found[0] > FRESH:
        found = (now, fetch())
        shelf.pages[question] = found
        while len(shelf.pages) > MAX_PAGES:
            shelf.pages.popitem(last=False)
    # The question names what kind of answer it has.
    return found[1], found[0]  # type: ignore[return-value]


def looked_up_anew(profile_key: str, user_id: str) -> bool:
    """Whether this person's details were opened just now, rather than drawn once more."""
    shelf, person = state(Shelf), (profile_key, user_id)
    anew, shelf.looked_up = shelf.looked_up != person, person
    return anew


def refresh() -> None:
    """Ask anew for everything that is shown."""
    state(Shelf).pages.clear()


def page_number(key: str) -> int:
    """The page that a list is on."""
    number = value(key, 1)
    return number if isinstance(number, int) and number >= 1 else 1


def first_page(key: str) -> None:
    """Back to the first page, when what is searched for changes."""
    seed(key, 1)
