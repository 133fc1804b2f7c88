"""The last verdicts of the checks, without their evidence, which holds names, logins and ids."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from lib.core.causes import all_causes
from lib.core.time_texts import stamp
from lib.runbook.checks.registry import CHECKS
from lib.runbook.checks.verdict import Verdict


def describe_verdicts(records: Iterable[Mapping[str, Any]], now: datetime) -> dict[str, Any]:
    """How many ended how, how old the newest is, and each that isn't of an unknown check."""
    causes = {one.id for one in all_causes()}
    known = {check.id for check in CHECKS}
    verdicts = []
    strange = 0
    for record in records:
        try:
            verdict = Verdict.from_record(record)
        except ValueError:
            strange += 1  # kept by another version of the app
            continue
        if verdict.id in known:
            verdicts.append(verdict)
        else:
            strange += 1
    newest = max((one.at for one in verdicts), default=None)
    counts: dict[str, int] = {}
    for one in verdicts:
        counts[one.status.value] = counts.get(one.status.value, 0) + 1
    return {
        "newest": stamp(newest) if newest else "never checked",
        "newest_age_s": round((now - newest.astimezone(UTC)).total_seconds()) if newest else None,
        "counts": counts,
        "of another version": strange,
        "checks": [
            {
                "id": one.id,
                "status": one.status.value,
                "cause": one.cause
                if one.cause is None or one.cause in causes
                else "unknown to this version",
                "ms": round(one.ms),
                "at": stamp(one.at),
            }
            for one in verdicts
        ],
    }
