"""The incidents of the Health page: open, muted, resolved; with cause, person, and what to do."""

from datetime import UTC, datetime
from typing import Final

import streamlit as st

from lib.core.texts import md
from lib.runbook.checks.registry import by_id
from lib.runbook.checks.verdict import Verdict
from lib.runbook.health.incidents import verdict_of
from lib.store.ledger.incidents import Incident, IncidentSeverity, Mute
from lib.ui.components.auditing import record
from lib.ui.components.fields import words_field
from lib.ui.components.panels import empty
from lib.ui.components.verdicts import evidence_drawer, handoff_drawer, status_badge, terms
from lib.ui.health import words
from lib.ui.health.state import HealthView
from lib.ui.health.words_summary import incident_lines, severity_status
from lib.ui.shell.boundary import WHO, boundary
from lib.ui.shell.frame import Context
from lib.ui.shell.notices import tell
from lib.ui.shell.session import drop, seed, value

FILTER: Final = "incidents"
SHOWN: Final = 50


def incidents(context: Context, now: HealthView) -> None:
    """The list, one kind at a time."""
    parts = _parted(now)
    with st.container(horizontal=True, vertical_alignment="center", key="health.incidents.head"):
        st.subheader(words.INCIDENTS, anchor=False, width="content")
        chosen = st.segmented_control(
            words.INCIDENTS_SHOWN,
            list(words.LISTS),
            default="open",
            required=True,
            format_func=words.LISTS.__getitem__,  # it is in the address: no count goes into it
            key=FILTER,
            bind="query-params",
            label_visibility="collapsed",
        )
        reported = ", ".join(f"{len(found)} {name}" for name, found in parts.items())
        st.caption(reported, width="content")
    found = parts[chosen or "open"]
    if not found:
        empty(*words.NONE[chosen or "open"])
    for incident in found[:SHOWN]:
        _card(context, now, incident)
    if len(found) > SHOWN:
        st.caption(words.older_ones(len(found) - SHOWN))


def _parted(now: HealthView) -> dict[str, list[Incident]]:
    order = sorted(
        now.incidents, key=lambda one: (one.severity is not IncidentSeverity.FAILURE, -one.id)
    )
    open_ones = [one for one in order if one.open]
    return {
        "open": [one for one in open_ones if one.cause not in now.mutes],
        "muted": [one for one in open_ones if one.cause in now.mutes],
        "resolved": [one for one in now.incidents if not one.open],
    }


def _card(context: Context, now: HealthView, incident: Incident) -> None:
    lines = incident_lines(incident, zone=context.zone, now=now.now, calm=now.patience.calm)
    verdict = verdict_of(incident)
    mute = now.mutes.get(incident.cause)
    with st.container(border=True, gap="xsmall", key=f"incident.{incident.id}"):
        with st.container(horizontal=True, vertical_alignment="center"):
            failure = incident.severity is IncidentSeverity.FAILURE
            word = words.FAILURE if failure else words.WARNING
            status_badge(severity_status(incident.severity), label=word)
            st.markdown(f"**{md(_title(verdict, lines.title))}**", width="stretch")
            st.caption(f"{md(incident.cause)}", width="content")
        st.caption(md(lines.when))
        if lines.state:
            st.caption(f":material/hourglass_bottom: {md(lines.state)}")
        if mute is not None and incident.open:
            st.caption(
                f":material/notifications_off: {md(words.muted_until(mute.until, context.zone))}: "
                f"{md(mute.reason) or words.NO_REASON}"
            )
        _reason(verdict, lines.fault, incident)
        _actions(context, incident, verdict, mute)


def _title(verdict: Verdict | None, title: str) -> str:
    return (verdict.cause_title if verdict else "") or title


def _reason(verdict: Verdict | None, fault: str, incident: Incident) -> None:
    rows = [(words.RESPONSIBLE, md(fault))]
    if verdict is not None:
        rows += [
            (words.WHY, md(verdict.cause_text)),
            (words.WHAT_TO_DO, md(verdict.fix)),
            (words.WHO, WHO[verdict.who] if verdict.who else ""),
            (words.WHERE, md(verdict.place)),
        ]
    rows.append((words.CHECKS, "; ".join(md(_check_title(one)) for one in incident.checks)))
    terms([(term, text) for term, text in rows if text])


def _check_title(check_id: str) -> str:
    try:
        return by_id(check_id).title
    except KeyError:
        return check_id


def _actions(
    context: Context, incident: Incident, verdict: Verdict | None, mute: Mute | None
) -> None:
    with st.container(horizontal=True, key=f"incident.{incident.id}.actions"):
        if verdict is not None:
            evidence_drawer(verdict, context, key=f"incident.{incident.id}")
            others = [_check_title(one) for one in incident.checks if one != verdict.id]
            handoff_drawer(verdict, context, key=f"incident.{incident.id}", also=others)
        if not incident.open:
            return
        if mute is None:
            _mute_form(context, incident)
        else:
            st.button(
                words.UNMUTE,
                icon=":material/notifications:",
                type="tertiary",
                key=f"unmute.{incident.id}",
                on_click=_unmute,
                args=(context, incident),
            )


def _mute_form(context: Context, incident: Incident) -> None:
    with st.popover(
        words.MUTE, icon=":material/notifications_off:", type="tertiary", key=f"mute.{incident.id}"
    ):
        st.caption(words.MUTE_HELP)
        words_field(
            words.REASON,
            key=f"mute.why.{incident.id}",
            max_chars=200,
            placeholder=words.REASON_EXAMPLE,
        )
        st.selectbox(
            words.HOW_LONG, list(words.MUTE_SPANS), index=1, key=f"mute.span.{incident.id}"
        )
        st.button(
            words.MUTE_THIS,
            key=f"mute.do.{incident.id}",
            type="primary",
            on_click=_mute,
            args=(context, incident),
            width="stretch",
        )
        if value(f"mute.missing.{incident.id}"):
            st.caption(f":red[:material/error:] {words.REASON_MISSING}")


def _mute(context: Context, incident: Incident) -> None:
    reason = " ".join(str(value(f"mute.why.{incident.id}") or "").split())
    missing = f"mute.missing.{incident.id}"
    if not reason:
        seed(missing, value=True)
        return
    drop(missing)
    length = words.MUTE_SPANS[str(value(f"mute.span.{incident.id}"))]
    at = datetime.now(UTC)
    with boundary():
        watch = context.runtime.watch_for(context.profile)
        watch.book.mute(Mute(context.profile.key, incident.cause, reason, at, at + length))
        detail = f"until {(at + length).isoformat()}: {reason}"
        record(context, "mute", incident.cause, detail=detail)
        tell(
            words.muted(at + length, context.zone, context.zone_name),
            icon=":material/notifications_off:",
        )


def _unmute(context: Context, incident: Incident) -> None:
    with boundary():
        watch = context.runtime.watch_for(context.profile)
        watch.book.unmute(context.profile.key, incident.cause)
        record(context, "unmute", incident.cause)
        tell(
            words.UNMUTED,
            icon=":material/notifications:",
        )
