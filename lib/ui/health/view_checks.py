"""Every check of the profile with its latest verdict, in its group."""

import streamlit as st

from lib.runbook.checks.verdict import Status
from lib.runbook.health.groups import grouped
from lib.runbook.health.history import since_when
from lib.ui.components.panels import empty
from lib.ui.components.verdicts import counts_line, verdict_card
from lib.ui.health import words
from lib.ui.health.state import HealthView
from lib.ui.shell.frame import Context


def checks(context: Context, now: HealthView) -> None:
    """The verdicts; failures and warnings are shown in full."""
    verdicts = now.ordered
    if not verdicts:
        empty(words.NO_VERDICTS, words.NO_VERDICTS_HELP)
        return
    for group, part in grouped(verdicts).items():
        with st.container(key=f"health.group.{group.name}", gap="xsmall"):
            st.markdown(f"##### {group.icon} {group.title}")
            st.markdown(counts_line(part))
            for verdict in part:
                since = since_when(now.spans.get(verdict.id, ()), now.now, now.patience.longest_gap)
                note = ""
                if verdict.status is not Status.SKIPPED:
                    note = (
                        words.since_line(since, context.zone)
                        if since
                        else words.tried(verdict.at, now.now)
                    )
                verdict_card(verdict, context, key=verdict.id, note=note)
