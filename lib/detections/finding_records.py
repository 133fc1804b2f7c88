"""A report into the ledger, and findings back out of it."""

from datetime import datetime

from lib.detections.finding import Finding
from lib.detections.running import DetectionReport
from lib.store.ledger.findings import DetectionRun, FoundRecord, KeptFinding
from lib.store.ledger.ledger import Ledger


def keep(ledger: Ledger, report: DetectionReport, *, at: datetime) -> list[int]:
    """Keep what a run found; the ids of findings that weren't known before."""
    run = DetectionRun(
        report.profile, at, report.since, report.until, report.source, report.not_judged
    )
    return ledger.findings.keep(
        run,
        [
            FoundRecord(
                key=one.key,
                detection=one.detection,
                subject=one.subject,
                actor_id=one.actor_id,
                since=one.since,
                until=one.until,
                events=one.events,
                severity=str(one.severity),
                record=one.as_dict(),
            )
            for one in report.findings
        ],
    )


def finding_of(kept: KeptFinding) -> Finding:
    """The finding as it was found."""
    return Finding.from_dict(kept.record)
