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
from lib.ui.leaving import cleared_with_profile
from lib.ui.session import seed, state, value

FRESH: Final = timedelta(seconds=60)
MAX_PAGES: Final = 60
T = TypeVar("T")

USERS_PAGE: Final = "users_page"
GROUPS_PAGE: Final = "groups_page"
ACCOUNTS_PAGE: Final = "accounts_page"
ACCOUNTS_SEARCH: Final = "accounts.kloudless.search"
ACCOUNTS_TABLE: Final = "accounts.kloudless.table"
SERVICE: Final = "accounts.kloudless.service"
ACCOUNT_FILTERS: Final = (SERVICE, "account_rights", "account_state")


@dataclass(slots=True)
class Shelf:
    """Fetched pages by what was asked, and the proofs of accounts by profile and account.

    `follow` are the accounts that stay chosen when their list is fetched anew. `search` is what to
    search for from the next run on, so that an account stays found under its new name. `terms`
    are what each list, by the key of its page, was searched for when it was drawn last.
    """

    pages: OrderedDict[Hashable, tuple[datetime, object]] = field(default_factory=OrderedDict)
    proofs: dict[tuple[str, str], Proof] = field(default_factory=dict)
    looked_up: tuple[str, str] | None = None
    follow: tuple[str, ...] | None = None
    search: str | None = None
    terms: dict[str, str] = field(default_factory=dict)


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


def searched(page: str, term: str) -> None:
    """Back to the first page of a list, when what is searched for isn't what it was.

    A search box is emptied with its tab, and no callback tells of it; the page is in the address.
    """
    terms = state(Shelf).terms
    if terms.get(page, term) != term:
        first_page(page)
    terms[page] = term


@cleared_with_profile
def _leave() -> str:
    """Nothing is searched for any more, and every list begins at its first page."""
    shelf = state(Shelf)
    had = any(shelf.terms.values()) or bool(value(ACCOUNTS_SEARCH) or value(SERVICE))
    shelf.terms.clear()
    shelf.follow = shelf.search = shelf.looked_up = None
    for key, empty in ((ACCOUNTS_SEARCH, ""), (SERVICE, None)):
        if value(key):
            seed(key, empty)
    for page in (USERS_PAGE, GROUPS_PAGE, ACCOUNTS_PAGE):
        if page_number(page) > 1:
            first_page(page)
    return "the search on Accounts" if had else ""


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
