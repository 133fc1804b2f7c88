"""The incidents of the Health page: open, muted, resolved; with cause, person, and what to do."""

from datetime import UTC, datetime, timedelta
from typing import Final

import streamlit as st

from lib.core.texts import md, plural, when
from lib.runbook.checks.registry import by_id
from lib.runbook.checks.verdict import Verdict
from lib.runbook.health.incidents import verdict_of
from lib.store.ledger.incidents import Incident, Mute, Severity
from lib.ui.components.auditing import record
from lib.ui.components.fields import words_field
from lib.ui.components.panels import empty
from lib.ui.components.verdicts import evidence_drawer, handoff_drawer, status_badge, terms
from lib.ui.health.state import Picture
from lib.ui.health.words import incident_lines, moment, severity_status
from lib.ui.shell.boundary import WHO, boundary
from lib.ui.shell.frame import Context
from lib.ui.shell.notices import tell
from lib.ui.shell.session import drop, seed, value

FILTER: Final = "incidents"
MUTE_SPANS: Final = {
    "1 hour": timedelta(hours=1),
    "1 day": timedelta(days=1),
    "1 week": timedelta(days=7),
    "30 days": timedelta(days=30),
}
_WORDS: Final = {"open": "Open", "muted": "Muted", "resolved": "Resolved"}
SHOWN: Final = 50


def incidents(context: Context, now: Picture) -> None:
    """The list, one kind at a time."""
    parts = _parted(now)
    with st.container(horizontal=True, vertical_alignment="center", key="health.incidents.head"):
        st.subheader("Incidents", anchor=False, width="content")
        chosen = st.segmented_control(
            "Incidents to show",
            list(_WORDS),
            default="open",
            required=True,
            format_func=_WORDS.__getitem__,  # it is in the address: no count goes into it
            key=FILTER,
            bind="query-params",
            label_visibility="collapsed",
        )
        told = ", ".join(f"{len(found)} {name}" for name, found in parts.items())
        st.caption(told, width="content")
    found = parts[chosen or "open"]
    if not found:
        _none(chosen or "open")
    for incident in found[:SHOWN]:
        _card(context, now, incident)
    if len(found) > SHOWN:
        st.caption(f"{plural(len(found) - SHOWN, 'older one')} not shown.")


def _parted(now: Picture) -> dict[str, list[Incident]]:
    order = sorted(now.incidents, key=lambda one: (one.severity is not Severity.FAILURE, -one.id))
    open_ones = [one for one in order if one.open]
    return {
        "open": [one for one in open_ones if one.cause not in now.mutes],
        "muted": [one for one in open_ones if one.cause in now.mutes],
        "resolved": [one for one in now.incidents if not one.open],
    }


def _none(chosen: str) -> None:
    sentence = {
        "open": "Nothing is broken that isn't muted. What breaks next appears here by itself.",
        "muted": "Nothing is muted. Mute what is known and being worked on, with a reason.",
        "resolved": "Nothing was resolved in the last 90 days.",
    }[chosen]
    empty({"open": "No open incidents"}.get(chosen, f"No {chosen} incidents"), sentence)


def _card(context: Context, now: Picture, incident: Incident) -> None:
    lines = incident_lines(incident, zone=context.zone, now=now.now, calm=now.patience.calm)
    verdict = verdict_of(incident)
    mute = now.mutes.get(incident.cause)
    with st.container(border=True, gap="xsmall", key=f"incident.{incident.id}"):
        with st.container(horizontal=True, vertical_alignment="center"):
            word = "Failure" if incident.severity is Severity.FAILURE else "Warning"
            status_badge(severity_status(incident.severity), label=word)
            st.markdown(f"**{md(_title(verdict, lines.title))}**", width="stretch")
            st.caption(f"{md(incident.cause)}", width="content")
        st.caption(md(lines.when))
        if lines.state:
            st.caption(f":material/hourglass_bottom: {md(lines.state)}")
        if mute is not None and incident.open:
            st.caption(
                f":material/notifications_off: Muted until "
                f"{md(moment(mute.until, context.zone, now.now).partition(' (')[0])}: "
                f"{md(mute.reason) or 'no reason given'}"
            )
        _reason(verdict, lines.fault, incident)
        _actions(context, incident, verdict, mute)


def _title(verdict: Verdict | None, title: str) -> str:
    return (verdict.cause_title if verdict else "") or title


def _reason(verdict: Verdict | None, fault: str, incident: Incident) -> None:
    rows = [("Whose fault", md(fault))]
    if verdict is not None:
        rows += [
            ("Why", md(verdict.cause_text)),
            ("What to do", md(verdict.fix)),
            ("Who", WHO[verdict.who] if verdict.who else ""),
            ("Where", md(verdict.place)),
        ]
    rows.append(("Checks", "; ".join(md(_check_title(one)) for one in incident.checks)))
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
                "Unmute",
                icon=":material/notifications:",
                type="tertiary",
                key=f"unmute.{incident.id}",
                on_click=_unmute,
                args=(context, incident),
            )


def _mute_form(context: Context, incident: Incident) -> None:
    with st.popover(
        "Mute", icon=":material/notifications_off:", type="tertiary", key=f"mute.{incident.id}"
    ):
        st.caption("Nobody is told of this cause until then. It is still checked and counted.")
        words_field(
            "Why",
            key=f"mute.why.{incident.id}",
            max_chars=200,
            placeholder="Ada re-authorizes the app on Monday",
        )
        st.selectbox("For how long", list(MUTE_SPANS), index=1, key=f"mute.span.{incident.id}")
        st.button(
            "Mute it",
            key=f"mute.do.{incident.id}",
            type="primary",
            on_click=_mute,
            args=(context, incident),
            width="stretch",
        )
        if value(f"mute.missing.{incident.id}"):
            st.caption(":red[:material/error:] Say why, so that others know.")


def _mute(context: Context, incident: Incident) -> None:
    reason = " ".join(str(value(f"mute.why.{incident.id}") or "").split())
    missing = f"mute.missing.{incident.id}"
    if not reason:
        seed(missing, value=True)
        return
    drop(missing)
    length = MUTE_SPANS[str(value(f"mute.span.{incident.id}"))]
    at = datetime.now(UTC)
    with boundary():
        watch = context.runtime.watch_for(context.profile)
        watch.book.mute(Mute(context.profile.key, incident.cause, reason, at, at + length))
        detail = f"until {(at + length).isoformat()}: {reason}"
        record(context, "mute", incident.cause, detail=detail)
        tell(
            f"Muted until {when(at + length, context.zone)} ({context.zone_name}): it is under "
            "Muted now, and nobody is told of it.",
            icon=":material/notifications_off:",
        )


def _unmute(context: Context, incident: Incident) -> None:
    with boundary():
        watch = context.runtime.watch_for(context.profile)
        watch.book.unmute(context.profile.key, incident.cause)
        record(context, "unmute", incident.cause)
        tell(
            "Not muted any more: it is under Open again, and people are told of it.",
            icon=":material/notifications:",
        )
