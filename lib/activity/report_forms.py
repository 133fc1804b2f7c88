"""A report in one of its forms: made and rendered in one step."""

from datetime import datetime

from lib.activity import report_html
from lib.activity.report import ReportFormat, Scope, build
from lib.store.events import EventStore


def make(events: EventStore, scope: Scope, form: ReportFormat, *, now: datetime) -> bytes:
    """The bytes of the file. Raises as `build`."""
    report = build(events, scope, now=now)
    if form is ReportFormat.HTML:
        return report_html.render(report)
    from lib.activity import report_pdf  # noqa: PLC0415  # its library loads for nothing else

    return report_pdf.render(report)
