"""Management: Kloudless's webhooks, as far as an API key can tell.

The key can't read what is configured: that is in the developer portal. It can show which accounts
of the application were named by notifications, and whether this app answers the signed test as
Kloudless expects. Sources: the published SDKs and receivers of Kloudless's webhooks.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

import pandas as pd
import streamlit as st

from lib.accounts.rows import AccountRow, account_row
from lib.core.errors import RunbookError
from lib.core.texts import md, undisguised
from lib.settings.profiles import KloudlessCredentials, ProfileKind
from lib.ui.components.fetched_pages import kept
from lib.ui.components.outcome import definitions, verbatim
from lib.ui.components.tables import times
from lib.ui.shell.boundary import show_error
from lib.ui.shell.frame import Context, may_act
from lib.ui.webhooks import words as page_words
from lib.ui.webhooks.actions import Outcome, try_delivery
from lib.ui.webhooks.manage import words
from lib.ui.webhooks.manage.subscription_list import here, stores_of
from lib.webhooks.log.alarms import last_notices
from lib.webhooks.receive.receiver import Kind

MOST: Final = 200
_KEY: Final = "hooks.kloudless"


def kloudless_section(context: Context) -> None:
    """What is known, the signed test, and the covered accounts."""
    credentials = context.profile.kloudless
    if credentials is None:
        return
    with st.expander(words.KLOUDLESS, icon=":material/hub:", key=_KEY, on_change="rerun") as box:
        if not box.open:
            return
        definitions(_facts(context, credentials))
        if may_act(context) and credentials.api_key is not None:
            _test(context)
        _accounts(context)


def _facts(context: Context, credentials: KloudlessCredentials) -> list[tuple[str, str]]:
    address = _address(context)
    return [
        (words.CONFIGURED, words.NOT_VISIBLE_KLOUDLESS),
        (words.APPLICATION, verbatim(undisguised(credentials.app_id or words.UNKNOWN))),
        (
            words.ADDRESS_TO_ENTER,
            verbatim(address) if address else words.NO_ADDRESS[context.profile.kind],
        ),
        (words.EXPECTED, words.EXPECTED_ANSWER),
    ]


def _address(context: Context) -> str:
    if context.profile.kind is ProfileKind.SANDBOX:
        return ""
    mine = here(context)
    return mine[0].replace("/webhooks/box/", "/webhooks/kloudless/") if mine else ""


def _test(context: Context) -> None:
    if st.button(
        words.TRY_TEST,
        icon=":material/outgoing_mail:",
        key="hooks.kloudless.test",
        help=words.TRY_TEST_HELP,
    ):
        try:
            with st.spinner(page_words.TESTING):
                outcome = try_delivery(context, Kind.KLOUDLESS)
        except RunbookError as error:
            show_error(error)
            return
        _tested(outcome)


def _tested(outcome: Outcome) -> None:
    if outcome.ok:
        st.success(words.TESTED, icon=":material/check_circle:")
    else:
        st.error(words.not_accepted(md(outcome.reason or words.UNKNOWN)), icon=":material/error:")


def _accounts(context: Context) -> None:
    client = context.runtime.clients.kloudless(context.profile)
    with st.spinner(words.ASKING_KLOUDLESS):
        page, _ = kept(
            ("hooks.accounts", context.profile.key),
            lambda: client.accounts(page_size=MOST),
            now=context.now,
        )
    rows = [account_row(raw) for raw in page.objects]
    stores = stores_of(context)
    named = {} if stores is None else last_notices(stores.events, context.profile.key)
    covered = sum(row.id in named for row in rows)
    st.markdown(words.covered(covered, page.total or len(rows)))
    if not rows:
        st.caption(words.NO_ACCOUNT)
        return
    order = sorted(rows, key=lambda row: row.id not in named)
    st.dataframe(
        pd.DataFrame(
            {
                words.ACCOUNT: [undisguised(row.account) for row in order],
                words.KLOUDLESS_ID: [row.id for row in order],
                words.COVERED: [_covered(row, named) for row in order],
                words.NOTICES: [named[row.id][1] if row.id in named else None for row in order],
                words.LAST_NOTICE: times(
                    [named[row.id][0] if row.id in named else None for row in order],
                    context.zone,
                ),
            }
        ),
        hide_index=True,
        height="content" if len(order) <= 12 else 420,  # noqa: PLR2004  # as many as fit a screen
        column_config={
            words.LAST_NOTICE: st.column_config.DatetimeColumn(format="YYYY-MM-DD HH:mm")
        },
        placeholder="—",
        alt=words.ACCOUNTS_ALT,
    )


def _covered(row: AccountRow, named: Mapping[str, tuple[datetime, int]]) -> str:
    if row.id in named:
        return words.NAMED
    return words.NOT_YET if row.enabled else words.DISABLED
