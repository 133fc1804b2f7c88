"""Management: Kloudless's webhooks, as far as anything can be known of them with an API key.

The key can't read what is configured: that is in the developer portal. What can be seen is which
accounts of the application were named here, and whether this app answers the signed test as
Kloudless wants it answered. Sources: the published SDKs and receivers of Kloudless's webhooks.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

import pandas as pd
import streamlit as st

from lib.accounts.rows import AccountRow, account_row
from lib.core.errors import RunbookError
from lib.core.texts import md, plural, undisguised
from lib.settings.profiles import KloudlessCredentials, ProfileKind
from lib.ui.components.fetched_pages import kept
from lib.ui.components.outcome import definitions, verbatim
from lib.ui.components.tables import times
from lib.ui.shell.boundary import show_error
from lib.ui.shell.frame import Context, may_act
from lib.ui.webhooks.actions import Outcome, try_delivery
from lib.ui.webhooks.manage.subscription_list import here, stores_of
from lib.webhooks.log.alarms import last_notices
from lib.webhooks.receive.receiver import Kind

MOST: Final = 200
_KEY: Final = "hooks.kloudless"
_UNSEEN: Final = (
    "not to be seen with an API key: only Kloudless's developer portal, or a token for its Meta "
    "API, shows an application's webhooks"
)
_NO_ADDRESS: Final = {
    ProfileKind.SANDBOX: "none: the sandbox delivers by itself, with “Make something happen”",
    ProfileKind.SESSION: "none leads to a profile of this session",
    ProfileKind.CONFIGURED: "unknown: open this page by its public address",
}


def kloudless_section(context: Context) -> None:
    """What is known, the signed test, and the accounts that are covered."""
    credentials = context.profile.kloudless
    if credentials is None:
        return
    with st.expander(
        "Kloudless's webhooks", icon=":material/hub:", key=_KEY, on_change="rerun"
    ) as box:
        if not box.open:
            return
        definitions(_facts(context, credentials))
        if may_act(context) and credentials.api_key is not None:
            _test(context)
        _accounts(context)


def _facts(context: Context, credentials: KloudlessCredentials) -> list[tuple[str, str]]:
    address = _address(context)
    return [
        ("Configured", _UNSEEN),
        ("Application", verbatim(undisguised(credentials.app_id or "unknown"))),
        (
            "Address to enter there",
            verbatim(address) if address else _NO_ADDRESS[context.profile.kind],
        ),
        ("Expected answer", "status 200 with the App ID as the whole body; this app answers so"),
    ]


def _address(context: Context) -> str:
    if context.profile.kind is ProfileKind.SANDBOX:
        return ""
    mine = here(context)
    return mine[0].replace("/webhooks/box/", "/webhooks/kloudless/") if mine else ""


def _test(context: Context) -> None:
    if st.button(
        "Try the signed test",
        icon=":material/outgoing_mail:",
        key="hooks.kloudless.test",
        help="Kloudless calls an address with an empty, signed body before it saves it.",
    ):
        try:
            with st.spinner("Signing, sending, receiving…"):
                outcome = try_delivery(context, Kind.KLOUDLESS)
        except RunbookError as error:
            show_error(error)
            return
        _tested(outcome)


def _tested(outcome: Outcome) -> None:
    if outcome.ok:
        st.success(
            "Received here, genuine, and answered as Kloudless wants it: the address can be saved "
            "in the portal.",
            icon=":material/check_circle:",
        )
    else:
        st.error(f"Not accepted here: {md(outcome.reason or 'unknown')}.", icon=":material/error:")


def _accounts(context: Context) -> None:
    client = context.runtime.clients.kloudless(context.profile)
    with st.spinner("Asking Kloudless…"):
        page, _ = kept(
            ("hooks.accounts", context.profile.key),
            lambda: client.accounts(page_size=MOST),
            now=context.now,
        )
    rows = [account_row(raw) for raw in page.objects]
    stores = stores_of(context)
    named = {} if stores is None else last_notices(stores.events, context.profile.key)
    covered = sum(row.id in named for row in rows)
    st.markdown(
        f"**{covered} of {plural(page.total or len(rows), 'account')}** were named by a notice "
        "that came here. One that nothing happened in isn't named."
    )
    if not rows:
        st.caption("No account is connected yet: connect one on the Accounts page.")
        return
    order = sorted(rows, key=lambda row: row.id not in named)
    st.dataframe(
        pd.DataFrame(
            {
                "Account": [undisguised(row.account) for row in order],
                "Kloudless ID": [row.id for row in order],
                "Covered": [_covered(row, named) for row in order],
                "Notices": [named[row.id][1] if row.id in named else None for row in order],
                "Last notice": times(
                    [named[row.id][0] if row.id in named else None for row in order],
                    context.zone,
                ),
            }
        ),
        hide_index=True,
        height="content" if len(order) <= 12 else 420,  # noqa: PLR2004  # as many as fit a screen
        column_config={"Last notice": st.column_config.DatetimeColumn(format="YYYY-MM-DD HH:mm")},
        placeholder="—",
        alt="Kloudless accounts, and when each was last named by a notice that came here",
    )


def _covered(row: AccountRow, named: Mapping[str, tuple[datetime, int]]) -> str:
    if row.id in named:
        return "✓ named"
    return "? not yet" if row.enabled else "✗ disabled"
