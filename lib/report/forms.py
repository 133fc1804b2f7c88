"""A report in one of its forms: made and rendered in one step."""

from datetime import datetime

from lib.report import html
from lib.report.report import ReportFormat, ReportScope, build
from lib.store.events.events import EventStore


def make(events: EventStore, scope: ReportScope, form: ReportFormat, *, now: datetime) -> bytes:
    """The bytes of the file. Raises as `build`."""
    report = build(events, scope, now=now)
    if form is ReportFormat.HTML:
        return html.render(report)
    from lib.report import pdf  # noqa: PLC0415  # its library loads for nothing else

    return pdf.render(report)
