"""What the Accounts page keeps in a session: proofs and the state of its lists.

All of it is keyed by profile: what one profile showed is never shown under another.
"""

from dataclasses import dataclass, field
from typing import Final

from lib.accounts.fetch import Proof
from lib.ui.accounts import words
from lib.ui.components.credentials.credential_entry import also_forget
from lib.ui.components.fetched_pages import first_page, page_number
from lib.ui.shell.leaving import cleared_with_profile
from lib.ui.shell.session import seed, state, value

USERS_PAGE: Final = "users_page"
GROUPS_PAGE: Final = "groups_page"
ACCOUNTS_PAGE: Final = "accounts_page"
ACCOUNTS_SEARCH: Final = "accounts.kloudless.search"
ACCOUNTS_TABLE: Final = "accounts.kloudless.table"
SERVICE: Final = "accounts.kloudless.service"
ACCOUNT_FILTERS: Final = (SERVICE, "account_rights", "account_state")


@dataclass(slots=True)
class AccountsState:
    """The proofs of accounts by profile and account, and the state of the lists.

    `follow` are the accounts that stay selected when their list is loaded again. `search` is the
    search text of the next run, so that an account stays found under its new name. `terms` are each
    list's last search text, by the key of its page.
    """

    proofs: dict[tuple[str, str], Proof] = field(default_factory=dict)
    looked_up: tuple[str, str] | None = None
    follow: tuple[str, ...] | None = None
    search: str | None = None
    terms: dict[str, str] = field(default_factory=dict)


also_forget(AccountsState)


def looked_up_anew(profile_key: str, user_id: str) -> bool:
    """Whether this person's details were opened just now, not drawn again."""
    accounts_state, person = state(AccountsState), (profile_key, user_id)
    anew, accounts_state.looked_up = accounts_state.looked_up != person, person
    return anew


def searched(page: str, term: str) -> None:
    """Go back to a list's first page when its search text has changed.

    A search box is emptied with its tab, and no callback reports it; the page is in the address.
    """
    terms = state(AccountsState).terms
    if terms.get(page, term) != term:
        first_page(page)
    terms[page] = term


@cleared_with_profile
def _leave() -> str:
    """Clear every search and show every list from its first page."""
    accounts_state = state(AccountsState)
    had = any(accounts_state.terms.values()) or bool(value(ACCOUNTS_SEARCH) or value(SERVICE))
    accounts_state.terms.clear()
    accounts_state.follow = accounts_state.search = accounts_state.looked_up = None
    for key, empty in ((ACCOUNTS_SEARCH, ""), (SERVICE, None)):
        if value(key):
            seed(key, empty)
    for page in (USERS_PAGE, GROUPS_PAGE, ACCOUNTS_PAGE):
        if page_number(page) > 1:
            first_page(page)
    return words.LEFT_SEARCH if had else ""
