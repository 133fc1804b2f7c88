"""Keeping what a run of checks found: history, latest verdicts and incidents, in one transaction.

Whoever runs checks calls this: the app's schedule, a page, the command line.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from lib.runbook.checks.verdict import Verdict
from lib.runbook.health.history import overall, samples
from lib.runbook.health.incidents import Patience, advance
from lib.store.ledger.health import RunRecord
from lib.store.ledger.incidents import Incident
from lib.store.ledger.ledger import Ledger


def record_run(
    ledger: Ledger,
    profile: str,
    verdicts: Sequence[Verdict],
    *,
    at: datetime,
    complete: bool,
    patience: Patience,
) -> None:
    """Keep a run that ended at `at` (UTC); `complete` says that every check was run.

    Only a complete run says something about the whole. Raises StoreError.
    """
    if not verdicts:
        return

    def advanced(known: Sequence[Incident]) -> Iterable[Incident]:
        return advance(
            known, verdicts, profile=profile, now=at, calm=patience.calm, complete=complete
        )

    whole = [overall(verdicts, at)] if complete else []
    ledger.health.keep_run(
        profile,
        RunRecord(
            at=at,
            samples=[*samples(verdicts), *whole],
            latest=[(one.id, one.at, one.to_record()) for one in verdicts],
            complete=complete,
        ),
        advanced,
        longest_gap=patience.longest_gap,
        reopens_within=patience.calm,
    )


def latest_verdicts(ledger: Ledger, profile: str) -> dict[str, Verdict]:
    """The latest verdict of each check by its id; records of another shape are left out."""
    found: dict[str, Verdict] = {}
    for record in ledger.health.latest(profile):
        try:
            verdict = Verdict.from_record(record)
        except ValueError:
            continue  # kept by another version of the app; the next run replaces it
        found[verdict.id] = verdict
    return found
