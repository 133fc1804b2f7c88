"""Alerts of the Health page: where they go, when they are sent, and the latest outcomes."""

import pandas as pd
import streamlit as st

from lib.app.background.alerting import Alerter
from lib.core.texts import md, when
from lib.settings.profiles import ProfileKind
from lib.store.ledger.incidents import AlertKind, AlertOutcome
from lib.ui.components.auditing import record
from lib.ui.components.outcome import definitions
from lib.ui.components.panels import empty
from lib.ui.components.tables import times
from lib.ui.health import words
from lib.ui.health.state import HealthView
from lib.ui.shell.boundary import boundary
from lib.ui.shell.frame import Context


def alerts(context: Context, now: HealthView) -> None:
    """The settings, a test, and the outcomes."""
    if context.profile.kind is ProfileKind.SESSION:
        empty(words.NO_ALERTS, words.NO_ALERTS_HELP)
        return
    sender = context.runtime.alerter()
    if sender is None:
        empty(words.NO_CHANNEL, words.NO_CHANNEL_HELP)
        st.code(words.ALERTS_EXAMPLE, language="toml")
        return
    _settings(context, now, sender)
    _outcomes(context, now)


def undelivered(context: Context, now: HealthView) -> None:
    """Say so when the last alert could not be sent."""
    if now.outcomes and not now.outcomes[0].ok and context.runtime.alerter() is not None:
        show_failure(context, now.outcomes[0])


def _settings(context: Context, now: HealthView, sender: Alerter) -> None:
    chosen = sender.settings
    definitions(
        [
            (words.DESTINATION, words.destination(md(chosen.host))),
            (words.FORMAT, words.FORMATS[chosen.kind]),
            (words.SEVERITY, words.SEVERITIES[chosen.min_severity]),
            (words.DELAY, words.after(chosen.after) if chosen.after else words.AT_ONCE),
            (words.REMINDERS, words.REMINDERS_VALUE),
        ]
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        pressed = st.button(words.SEND_TEST, icon=":material/send:", key="health.alert.test")
        last = next((one for one in now.outcomes if one.kind is AlertKind.TEST), None)
        if last is not None:
            mark = ":green[:material/check_circle:]" if last.ok else ":red[:material/error:]"
            st.caption(f"{mark} {md(words.last_test(last.at, context.zone))}: {md(last.detail)}")
    if pressed:
        _test(context, sender)
        st.rerun()


def _test(context: Context, sender: Alerter) -> None:
    with boundary(), st.spinner(words.SENDING, show_time=True):
        watch = context.runtime.watch_for(context.profile)
        outcome = sender.test(watch.book, context.profile)
        word = "ok" if outcome.ok else "failed"
        record(context, "alert_test", sender.settings.host, outcome=word)


def show_failure(context: Context, outcome: AlertOutcome) -> None:
    """An alert that was not delivered: what happened, and what to do."""
    st.error(
        words.not_delivered(
            md(outcome.detail), outcome.attempts, md(when(outcome.at, context.zone))
        ),
        icon=":material/error:",
    )


def _outcomes(context: Context, now: HealthView) -> None:
    if not now.outcomes:
        st.caption(words.NOTHING_SENT)
        return
    st.dataframe(
        pd.DataFrame(
            {
                words.TIME: times([one.at for one in now.outcomes], context.zone),
                words.KIND: [words.ALERT_KINDS[one.kind] for one in now.outcomes],
                words.INCIDENT: [str(one.incident_id or "") for one in now.outcomes],
                words.OUTCOME: [words.SENT if one.ok else words.NOT_SENT for one in now.outcomes],
                words.ATTEMPTS: [one.attempts for one in now.outcomes],
                words.DETAIL: [one.detail for one in now.outcomes],
            }
        ),
        hide_index=True,
        row_height=34,
        column_config={words.TIME: st.column_config.DatetimeColumn(format="YYYY-MM-DD HH:mm:ss")},
        key="health.outcomes",
        alt=words.OUTCOMES_ALT,
    )
