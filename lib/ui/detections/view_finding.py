"""One finding, opened: reason, confidence, benign explanations, its events, and decisions."""

from datetime import UTC, datetime, timedelta
from typing import Final

import streamlit as st

from lib.activity.model.event_names import event_name
from lib.core.texts import md, undisguised
from lib.core.time_texts import rfc3339
from lib.detections.evidence import SHOWN, rows_of
from lib.detections.finding import EVIDENCE_LIMIT
from lib.store.ledger.findings import FindingBook, FindingMute, FindingState
from lib.ui.components.auditing import look_up, record
from lib.ui.components.fields import words_field
from lib.ui.components.verdicts import terms
from lib.ui.detections import words
from lib.ui.detections.badges import STATE_ICONS, fact_rows, severity_badge, span_of
from lib.ui.detections.state import MUTED, DetectionsView, Shown
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
NAME: Final = "event_name"
"""A column of the table alone: the readable name beside `event_type`."""


def open_finding(context: Context, one: Shown) -> None:
    """Open a finding; who looks at a person is in the audit record."""
    st.query_params[PARAMETER] = one.kept.key
    if one.kept.actor_id is not None:
        look_up(context, one.kept.actor_id, detail=f"finding {one.kept.key}")


def opened(context: Context, now: DetectionsView) -> None:
    """The finding that the address names, in a drawer."""
    key = st.query_params.get(PARAMETER)
    if key is None:
        return
    one = next((one for one in now.found if one.kept.key == key), None)
    if one is None:
        st.warning(words.UNKNOWN_FINDING, icon=":material/search_off:")
        return
    st.dialog(md(one.title), width="large", on_dismiss=_close)(_finding)(context, now, one)


def _close() -> None:
    st.query_params.pop(PARAMETER, None)


@cleared_with_profile
def _leave() -> str:
    return words.NOT_THERE if st.query_params.pop(PARAMETER, None) else ""


def _finding(context: Context, now: DetectionsView, one: Shown) -> None:
    finding, detection = one.finding, one.detection
    with st.container(horizontal=True, vertical_alignment="center"):
        severity_badge(finding.severity)
        st.markdown(f"{STATE_ICONS[one.state]} {words.STATES[one.state]}", width="content")
        st.caption(
            f"{md(undisguised(one.who))} · {span_of(context, finding.since, finding.until)}"
            f" ({md(context.zone_name)})",
            width="stretch",
        )
    rows = [(words.WHY, md(finding.why)), (words.CONFIDENCE, md(str(finding.confidence)))]
    if detection is not None:
        rows.insert(0, (words.WHAT, md(detection.says)))
        rows.append((words.NEXT_STEP, md(detection.next_step)))
        if detection.attack is not None:
            attack = detection.attack
            rows.append((words.ATTACK, f"[{md(attack.id)} {md(attack.name)}]({attack.url})"))
    terms(rows)
    if detection is not None and detection.benign_causes:
        st.markdown(
            f":gray[{words.BENIGN}]\n"
            + "\n".join(f"- {md(reason)}" for reason in detection.benign_causes)
        )
    _decide(context, now, one)
    _evidence(context, one)


def _evidence(context: Context, one: Shown) -> None:
    finding = one.finding
    with boundary():
        facts = fact_rows(dict(finding.facts))
        if facts:
            with st.expander(words.FIGURES, icon=":material/tag:"):
                terms(facts)
        if not finding.event_ids:
            st.caption(words.NO_EVIDENCE)
            _to_activity(context, one)
            return
        frame = rows_of(context.events, context.profile.key, one.kept.source, finding)
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{words.EVENTS}**", width="content")
            st.caption(_counted(len(frame), finding.events), width="stretch")
            _to_activity(context, one)
        shown = frame.assign(
            occurred_at=frame["occurred_at"].dt.tz_convert(context.zone).dt.tz_localize(None)
        ).fillna("")
        place = list(shown.columns).index("event_type")
        shown.insert(place, NAME, shown["event_type"].map(event_name))
        st.dataframe(
            shown,
            hide_index=True,
            height=min(320, 3 + 35 * (1 + len(shown))),
            key=f"finding.rows.{one.kept.key}",
            column_config={
                name: st.column_config.DatetimeColumn(
                    words.time_in(context.zone_name), format="YYYY-MM-DD HH:mm:ss"
                )
                if name == "occurred_at"
                else st.column_config.TextColumn(title)
                for name, title in {NAME: words.EVENT, **words.COLUMNS}.items()
            },
            alt=words.EVIDENCE_ALT,
        )


def _counted(existing: int, events: int) -> str:
    if events > min(SHOWN, EVIDENCE_LIMIT):
        return words.first_events(existing, events)
    if existing < events:
        return words.events_left(existing, events)
    return words.all_events(events)


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
        label=words.SHOW_ON_ACTIVITY,
        icon=":material/monitoring:",
        query_params={**context.links, **asked},
    )


# -- decisions -------------------------------------------------------------------------------------


def _decide(context: Context, now: DetectionsView, one: Shown) -> None:
    if not may_act(context):
        st.caption(words.NO_RIGHT)
        return
    key, kept = one.kept.key, one.kept
    note = words_field(
        words.NOTE,
        value=kept.note,
        key=f"finding.note.{key}",
        placeholder=words.NOTE_PLACEHOLDER,
        max_chars=500,
    )
    with st.container(horizontal=True, vertical_alignment="bottom", key=f"finding.acts.{key}"):
        for state, label, icon in (
            (FindingState.ACKNOWLEDGED, words.ACKNOWLEDGE, ":material/visibility:"),
            (FindingState.RESOLVED, words.RESOLVE, ":material/check_circle:"),
            (FindingState.OPEN, words.REOPEN, ":material/undo:"),
        ):
            if state is kept.state:
                continue
            if st.button(label, icon=icon, key=f"finding.{state}.{key}"):
                _set(context, now, one, state, note)
        if note != kept.note and st.button(
            words.SAVE_NOTE, icon=":material/save:", key=f"finding.save.{key}"
        ):
            _set(context, now, one, kept.state, note)
        _mute(context, now, one)


def _set(context: Context, now: DetectionsView, one: Shown, state: FindingState, note: str) -> None:
    _book(now).decide(context.profile.key, one.kept.key, state, note=note, at=datetime.now(UTC))
    record(context, f"finding_{state}", one.kept.key, detail=note or None)
    muted = one.mute is not None and state is not FindingState.RESOLVED
    listed = words.STATES[MUTED if muted else str(state)]
    tell(words.decided(str(state), listed, note_only=state is one.kept.state))
    st.rerun()


def _mute(context: Context, now: DetectionsView, one: Shown) -> None:
    key = one.kept.key
    if one.mute is not None:
        st.caption(
            ":material/notifications_off:"
            f" {md(words.muted_until(one.mute.until, context.zone))}:"
            f" {md(undisguised(one.mute.reason))}"
        )
        if st.button(words.UNMUTE, icon=":material/notifications:", key=f"finding.unmute.{key}"):
            _book(now).unmute(context.profile.key, one.kept.detection, one.kept.subject)
            record(context, "finding_unmute", key)
            tell(words.UNMUTED)
            st.rerun()
        return
    with st.popover(words.MUTE, icon=":material/notifications_off:", key=f"finding.mute.{key}"):
        st.caption(words.MUTE_HELP)
        reason = words_field(words.MUTE_WHY, key=f"finding.why.{key}", max_chars=200)
        span = st.selectbox(words.MUTE_FOR, list(MUTE_SPANS), key=f"finding.for.{key}")
        if st.button(words.MUTE_DO, key=f"finding.mute.do.{key}", type="primary"):
            if not reason:
                st.error(words.MUTE_NEEDS_WHY, icon=":material/edit:")
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
            tell(words.muted_for(span))
            st.rerun()


def _book(now: DetectionsView) -> FindingBook:
    return now.detecting.stores.ledger.findings
