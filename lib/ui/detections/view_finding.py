"""One finding, opened: why, how sure, what it may be instead, its events, and what to decide."""

from datetime import UTC, datetime, timedelta
from typing import Final

import streamlit as st

from lib.core.texts import md, number, plural, undisguised, when
from lib.core.time_texts import rfc3339
from lib.detections.evidence import SHOWN, rows_of
from lib.detections.finding import EVIDENCE_LIMIT
from lib.store.ledger.findings import FindingBook, FindingMute, FindingState
from lib.ui.components.auditing import look_up, record
from lib.ui.components.fields import words_field
from lib.ui.components.verdicts import terms
from lib.ui.detections.state import MUTED, Picture, Shown
from lib.ui.detections.words import STATE_ICONS, STATES, fact_rows, severity_badge, span_of
from lib.ui.shell.boundary import boundary
from lib.ui.shell.frame import Context, may_act
from lib.ui.shell.leaving import cleared_with_profile
from lib.ui.shell.navigation import page
from lib.ui.shell.notices import tell

PARAMETER: Final = "finding"
MUTE_SPANS: Final = {
    "1 day": timedelta(days=1),
    "1 week": timedelta(days=7),
    "30 days": timedelta(days=30),
    "180 days": timedelta(days=180),
}
_SPREAD: Final = 12
_TITLES: Final = {
    "occurred_at": "Time",
    "event_type": "Type",
    "actor_name": "Person",
    "actor_login": "Login",
    "item_name": "Item",
    "parent_name": "Folder",
    "target_login": "Acted on",
    "ip": "IP address",
    "service_name": "App",
    "event_id": "Event id",
}


def open_finding(context: Context, one: Shown) -> None:
    """Open a finding; who looks at a person is in the audit record."""
    st.query_params[PARAMETER] = one.kept.key
    if one.kept.actor_id is not None:
        look_up(context, one.kept.actor_id, detail=f"finding {one.kept.key}")


def opened(context: Context, now: Picture) -> None:
    """The finding that the address names, in a drawer."""
    key = st.query_params.get(PARAMETER)
    if key is None:
        return
    one = next((one for one in now.found if one.kept.key == key), None)
    if one is None:
        st.warning(
            "The finding that this address names isn't there: it belongs to another profile, or was"
            " forgotten.",
            icon=":material/search_off:",
        )
        return
    st.dialog(md(one.title), width="large", on_dismiss=_close)(_finding)(context, now, one)


def _close() -> None:
    st.query_params.pop(PARAMETER, None)


@cleared_with_profile
def _leave() -> str:
    return "the finding that was open" if st.query_params.pop(PARAMETER, None) else ""


def _finding(context: Context, now: Picture, one: Shown) -> None:
    finding, detection = one.finding, one.detection
    with st.container(horizontal=True, vertical_alignment="center"):
        severity_badge(finding.severity)
        st.markdown(f"{STATE_ICONS[one.state]} {STATES[one.state]}", width="content")
        st.caption(
            f"{md(undisguised(one.who))} · {span_of(context, finding.since, finding.until)}"
            f" ({md(context.zone_name)})",
            width="stretch",
        )
    rows = [("Why", md(finding.why)), ("How sure", md(str(finding.confidence)))]
    if detection is not None:
        rows.insert(0, ("What it is", md(detection.says)))
        rows.append(("What to do", md(detection.next_step)))
        if detection.attack is not None:
            attack = detection.attack
            rows.append(("ATT&CK", f"[{md(attack.id)} {md(attack.name)}]({attack.url})"))
    terms(rows)
    if detection is not None and detection.innocent:
        st.markdown(
            ":gray[It may be innocent]\n"
            + "\n".join(f"- {md(reason)}" for reason in detection.innocent)
        )
    _decide(context, now, one)
    _evidence(context, one)


def _evidence(context: Context, one: Shown) -> None:
    finding = one.finding
    with boundary():
        facts = fact_rows(dict(finding.facts))
        if facts:
            with st.expander("Figures", icon=":material/tag:"):
                terms(facts)
        if not finding.event_ids:
            st.caption("There are no events behind this finding: that is what was found.")
            _to_activity(context, one)
            return
        frame = rows_of(context.events, context.profile.key, one.kept.source, finding)
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown("**Events**", width="content")
            st.caption(_counted(len(frame), finding.events), width="stretch")
            _to_activity(context, one)
        shown = frame.assign(
            occurred_at=frame["occurred_at"].dt.tz_convert(context.zone).dt.tz_localize(None)
        ).fillna("")
        st.dataframe(
            shown,
            hide_index=True,
            height=min(320, 3 + 35 * (1 + len(shown))),
            key=f"finding.rows.{one.kept.key}",
            column_config={
                name: st.column_config.DatetimeColumn(
                    f"Time ({context.zone_name})", format="YYYY-MM-DD HH:mm:ss"
                )
                if name == "occurred_at"
                else st.column_config.TextColumn(title)
                for name, title in _TITLES.items()
            },
            alt="The events behind this finding",
        )


def _counted(held: int, events: int) -> str:
    if events > min(SHOWN, EVIDENCE_LIMIT):
        return f"The first {number(held)} of {plural(events, 'event')}; Activity has all."
    if held < events:
        return f"{number(held)} of {plural(events, 'event')}; the others are no longer kept."
    return f"{plural(events, 'event')}, oldest first."


def _to_activity(context: Context, one: Shown) -> None:
    there = page("activity")
    if there is None:
        return
    finding = one.finding
    margin = timedelta(minutes=1)
    start = (finding.since - margin).replace(microsecond=0)
    end = (finding.until + margin).replace(microsecond=0)
    asked = {"from": rfc3339(start), "to": rfc3339(end), "people": "all", "source": one.kept.source}
    if finding.detection == "anonymous_burst":
        asked["item"] = finding.subject
    elif finding.actor_id is not None and finding.detection != "app_and_key_changes":
        asked["actor"] = finding.actor_id
    types = one.detection.types if one.detection else ()
    if types and len(types) <= _SPREAD and finding.detection != "shield_and_policy":
        asked["type"] = ",".join(types)
    elif finding.detection == "shield_and_policy":
        asked.pop("actor", None)
        asked["category"] = "security"
    st.page_link(
        there,
        label="Show on Activity",
        icon=":material/monitoring:",
        query_params={**context.links, **asked},
    )


# -- decisions -------------------------------------------------------------------------------------


def _decide(context: Context, now: Picture, one: Shown) -> None:
    if not may_act(context):
        st.caption("Deciding about findings is a right that this visitor doesn't have.")
        return
    key, kept = one.kept.key, one.kept
    note = words_field(
        "Note",
        value=kept.note,
        key=f"finding.note.{key}",
        placeholder="What was found out, for whoever looks next",
        max_chars=500,
    )
    with st.container(horizontal=True, vertical_alignment="bottom", key=f"finding.acts.{key}"):
        for state, label, icon in (
            (FindingState.ACKNOWLEDGED, "Acknowledge", ":material/visibility:"),
            (FindingState.RESOLVED, "Resolve", ":material/check_circle:"),
            (FindingState.OPEN, "Open again", ":material/undo:"),
        ):
            if state is kept.state:
                continue
            if st.button(label, icon=icon, key=f"finding.{state}.{key}"):
                _set(context, now, one, state, note)
        if note != kept.note and st.button(
            "Save note", icon=":material/save:", key=f"finding.save.{key}"
        ):
            _set(context, now, one, kept.state, note)
        _mute(context, now, one)


def _set(context: Context, now: Picture, one: Shown, state: FindingState, note: str) -> None:
    _book(now).decide(context.profile.key, one.kept.key, state, note=note, at=datetime.now(UTC))
    record(context, f"finding_{state}", one.kept.key, detail=note or None)
    muted = one.mute is not None and state is not FindingState.RESOLVED
    listed = STATES[MUTED if muted else str(state)]
    told = "The note was saved." if state is one.kept.state else f"Noted as {state}."
    tell(f"{told} It is listed under “{listed}”.")
    st.rerun()


def _mute(context: Context, now: Picture, one: Shown) -> None:
    key = one.kept.key
    if one.mute is not None:
        st.caption(
            f":material/notifications_off: Muted until {md(when(one.mute.until, context.zone))}:"
            f" {md(undisguised(one.mute.reason))}"
        )
        if st.button("Unmute", icon=":material/notifications:", key=f"finding.unmute.{key}"):
            _book(now).unmute(context.profile.key, one.kept.detection, one.kept.subject)
            record(context, "finding_unmute", key)
            tell("Not muted any more: people are told of such findings again.")
            st.rerun()
        return
    with st.popover("Mute", icon=":material/notifications_off:", key=f"finding.mute.{key}"):
        st.caption(
            "Findings of this detection about the same person, item or address are still kept, but"
            " nobody is told until then."
        )
        reason = words_field("Why", key=f"finding.why.{key}", max_chars=200)
        span = st.selectbox("For", list(MUTE_SPANS), key=f"finding.for.{key}")
        if st.button("Mute it", key=f"finding.mute.do.{key}", type="primary"):
            if not reason:
                st.error("Say why, so that the next one knows.", icon=":material/edit:")
                return
            at = datetime.now(UTC)
            mute = FindingMute(
                context.profile.key,
                one.kept.detection,
                one.kept.subject,
                reason,
                at,
                at + MUTE_SPANS[span],
            )
            _book(now).mute(mute)
            record(context, "finding_mute", key, detail=f"{span}: {reason}")
            tell(f"Muted for {span}: nobody is told of such findings until then.")
            st.rerun()


def _book(now: Picture) -> FindingBook:
    return now.detecting.stores.ledger.findings
