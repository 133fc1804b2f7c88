"""Alerts of the Health page: to which host they go, from when on, and how the last ones ended."""

from typing import Final

import pandas as pd
import streamlit as st

from lib.app.background.alerting import Alerter
from lib.core.texts import md, plural, span, when
from lib.settings.profiles import ProfileKind
from lib.store.ledger.incidents import AlertKind, AlertOutcome
from lib.ui.components.auditing import record
from lib.ui.components.outcome import definitions
from lib.ui.components.panels import empty
from lib.ui.components.tables import times
from lib.ui.health.state import Picture
from lib.ui.shell.boundary import boundary
from lib.ui.shell.frame import Context

_KINDS: Final = {
    AlertKind.OPEN: "broke",
    AlertKind.RESOLVE: "holds again",
    AlertKind.REMINDER: "still broken",
    AlertKind.TEST: "test",
    AlertKind.FINDINGS: "new findings",
}
_EXAMPLE: Final = '''[alerts]
url = "https://hooks.slack.com/services/…"
kind = "slack"            # or "generic"
min_severity = "failure"  # or "warning"
after = "10m"'''


def alerts(context: Context, now: Picture) -> None:
    """The settings, a test, and the outcomes."""
    if context.profile.kind is ProfileKind.SESSION:
        empty(
            "No alerts",
            "A session profile is checked on demand only, so nobody is told of it.",
        )
        return
    sender = context.runtime.alerter()
    if sender is None:
        empty(
            "Nobody is told",
            "To have a channel told when something breaks and when it holds again, add this to "
            ".streamlit/secrets.toml on the host and restart:",
        )
        st.code(_EXAMPLE, language="toml")
        return
    _settings(context, now, sender)
    _outcomes(context, now)


def undelivered(context: Context, now: Picture) -> None:
    """Say so when the last alert could not be sent: nobody hears of anything then."""
    if now.outcomes and not now.outcomes[0].ok and context.runtime.alerter() is not None:
        show_failure(context, now.outcomes[0])


def _settings(context: Context, now: Picture, sender: Alerter) -> None:
    chosen = sender.settings
    definitions(
        [
            ("To", f"{md(chosen.host)} (the address itself is a secret)"),
            ("As", {"slack": "Slack's JSON", "generic": "plain JSON"}[chosen.kind]),
            (
                "Of",
                "failures and warnings" if chosen.min_severity == "warning" else "failures",
            ),
            (
                "When",
                f"it has lasted {span(chosen.after)}" if chosen.after else "at once",
            ),
            ("Again", "once a day while it lasts, and once when it is resolved"),
        ]
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        pressed = st.button("Send a test", icon=":material/send:", key="health.alert.test")
        last = next((one for one in now.outcomes if one.kind is AlertKind.TEST), None)
        if last is not None:
            mark = ":green[:material/check_circle:]" if last.ok else ":red[:material/error:]"
            st.caption(f"{mark} Last test {md(when(last.at, context.zone))}: {md(last.detail)}")
    if pressed:
        _test(context, sender)
        st.rerun()


def _test(context: Context, sender: Alerter) -> None:
    with boundary(), st.spinner("Sending…", show_time=True):
        watch = context.runtime.watch_for(context.profile)
        outcome = sender.test(watch.book, context.profile)
        word = "ok" if outcome.ok else "failed"
        record(context, "alert_test", sender.settings.host, outcome=word)


def show_failure(context: Context, outcome: AlertOutcome) -> None:
    """An alert that nobody got: what happened, and what to do."""
    st.error(
        f"**An alert could not be sent.** {md(outcome.detail)}\n\n"
        f"Tried {plural(outcome.attempts, 'time')}, last {md(when(outcome.at, context.zone))}. "
        "**What to do** Compare alerts.url with the channel's settings on the host; a loopback or "
        "private address must be listed in access.allowed_hosts.",
        icon=":material/error:",
    )


def _outcomes(context: Context, now: Picture) -> None:
    if not now.outcomes:
        st.caption("Nothing was sent yet.")
        return
    st.dataframe(
        pd.DataFrame(
            {
                "When": times([one.at for one in now.outcomes], context.zone),
                "What": [_KINDS[one.kind] for one in now.outcomes],
                "Incident": [str(one.incident_id or "") for one in now.outcomes],
                "Outcome": ["✓ sent" if one.ok else "✗ not sent" for one in now.outcomes],
                "Attempts": [one.attempts for one in now.outcomes],
                "Detail": [one.detail for one in now.outcomes],
            }
        ),
        hide_index=True,
        row_height=34,
        column_config={"When": st.column_config.DatetimeColumn(format="YYYY-MM-DD HH:mm:ss")},
        key="health.outcomes",
        alt="The last alerts and how each ended",
    )
