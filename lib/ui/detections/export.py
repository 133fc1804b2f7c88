"""Findings as a file: the ones that the page shows, as they stand when the file is fetched.

JSON Lines carries all that a finding has, its event ids too. CSV leaves those out, a spreadsheet's
cell can't hold them, and has a guard against formulas. What looks like a secret is hidden in both:
a name, an address or a note is what somebody else wrote.
"""

import csv
import io
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Final

import orjson
import streamlit as st

from lib.activity.exporting.csv_safety import guarded
from lib.activity.exporting.event_files import ExportFormat
from lib.app.routes.downloads import Download
from lib.core.redaction import redact_value
from lib.core.time_texts import rfc3339
from lib.ui.components.auditing import record
from lib.ui.components.downloads import button
from lib.ui.detections import words
from lib.ui.detections.state import Shown, picture
from lib.ui.shell.frame import Context

EVENT_IDS: Final = "event_ids"
COLUMNS: Final = (
    "key",
    "profile",
    "source",
    "detection",
    "title",
    "severity",
    "confidence",
    "state",
    "note",
    "muted_until",
    "mute_reason",
    "from",
    "to",
    "actor_id",
    "who",
    "subject",
    "why",
    "events",
    "facts",
    "first_at",
    "seen_at",
    "changed_at",
    "attack",
)
FORMATS: Final = (ExportFormat.CSV, ExportFormat.JSONL)


def downloads(context: Context, shown: Sequence[Shown]) -> None:
    """The button "Download" for the findings that are shown, in their order."""
    with st.popover(words.DOWNLOAD, icon=":material/file_download:", on_change="rerun") as box:
        if not box.open:
            return
        st.caption(words.download_note(len(shown)))
        keys = [one.kept.key for one in shown]
        for form in FORMATS:
            button(
                words.FORMATS[form],
                Download(
                    f"box-findings-{context.now:%Y%m%dT%H%M%SZ}.{form}",
                    form.media_type,
                    lambda form=form: _recorded(context, keys, form),  # type: ignore[misc]
                    context.profile.key,
                ),
                key=f"findings.download.{form}",
            )


def row(one: Shown) -> dict[str, Any]:
    """A finding as JSON, in the order of `COLUMNS` and with its event ids; secrets hidden."""
    kept, finding, attack = one.kept, one.finding, one.detection and one.detection.attack
    values = (
        kept.key,
        kept.profile,
        kept.source,
        kept.detection,
        one.title,
        kept.severity,
        str(finding.confidence),
        one.state,
        kept.note,
        _time(one.mute.until) if one.mute else None,
        one.mute.reason if one.mute else None,
        _time(kept.since),
        _time(kept.until),
        kept.actor_id,
        one.who,
        kept.subject,
        finding.why,
        kept.events,
        dict(finding.facts),
        _time(kept.first_at),
        _time(kept.seen_at),
        _time(kept.changed_at),
        attack.id if attack else None,
    )
    plain = {name: redact_value(value) for name, value in zip(COLUMNS, values, strict=True)}
    return {**plain, EVENT_IDS: list(finding.event_ids)}


def csv_of(found: Sequence[Shown]) -> Iterator[bytes]:
    """A head and a line for each finding; figures are JSON in one cell."""
    for cells in (COLUMNS, *(map(_cell, map(row(one).__getitem__, COLUMNS)) for one in found)):
        line = io.StringIO(newline="")
        csv.writer(line).writerow(cells)
        yield line.getvalue().encode()


def jsonl_of(found: Sequence[Shown]) -> Iterator[bytes]:
    """A line of JSON for each finding."""
    for one in found:
        yield orjson.dumps(row(one)) + b"\n"


def _recorded(context: Context, keys: Sequence[str], form: ExportFormat) -> Iterator[bytes]:
    """The bytes of the file; the audit record says how far it went."""
    existing = {one.kept.key: one for one in picture(context).found}
    found = [existing[key] for key in keys if key in existing]
    outcome = "stopped"
    try:
        yield from csv_of(found) if form is ExportFormat.CSV else jsonl_of(found)
        outcome = "ok"
    finally:
        detail = f"{form}, {words.findings(len(found))}"
        record(context, "export", None, outcome=outcome, detail=detail)


def _time(instant: datetime | None) -> str | None:
    return rfc3339(instant) if instant else None


def _cell(value: Any) -> str:
    if value is None:
        return ""
    text = value if isinstance(value, str | int) else orjson.dumps(value).decode()
    return guarded(str(text))
