"""Running checks: in order, each once, skipping those whose prerequisite failed.

A call that only worked at its second attempt makes a passed check a warning that names what went
wrong at the first: an intermittent fault is seen, and isn't called an outage.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from lib.core import causes
from lib.core.call import Call
from lib.core.errors import REPORT_WITH, RunbookError, Who
from lib.core.redaction import redact
from lib.runbook.checks.check import Check, CheckSide
from lib.runbook.checks.check_context import CheckContext
from lib.runbook.checks.registry import CHECKS, by_id
from lib.runbook.checks.verdict import (
    CheckOutcome,
    Evidence,
    Status,
    Verdict,
    conclude,
    evidence_of,
    explain_error,
    skipped,
)
from lib.runbook.checks.writes import WRITING

SLOW_MS: Final = 4000.0
_ERROR_FROM: Final = 400
_REFUSED: Final = frozenset({401, 403})


@dataclass(frozen=True, slots=True)
class CheckReport:
    """What a run of checks found, in their order.

    `deciding` are the ids of the checks that decide a road; None without a road. `partial` says
    that only some checks were asked for.
    """

    profile: str
    verdicts: tuple[Verdict, ...]
    deciding: tuple[str, ...] | None = None
    partial: bool = False

    @property
    def ok(self) -> bool:
        """Nothing failed and something passed; on a whole road every deciding check passed.

        A check that would need a write which wasn't allowed doesn't make it false by itself.
        """
        states = [verdict.status for verdict in self.verdicts]
        if Status.FAILED in states or Status.PASSED not in states:
            return False
        if self.deciding is None or self.partial:
            return True
        return all(needs_write for _, needs_write in self.not_proved)

    @property
    def not_proved(self) -> tuple[tuple[str, bool], ...]:
        """The deciding checks that didn't pass, and whether only an allowed write is missing."""
        by_id = {verdict.id: verdict for verdict in self.verdicts}
        return tuple(
            (one, needs_write(by_id.get(one)))
            for one in self.deciding or ()
            if one not in by_id or by_id[one].status is not Status.PASSED
        )

    def as_dict(self) -> dict[str, object]:
        """The shape that `check --json` prints."""
        return {
            "profile": self.profile,
            "ok": self.ok,
            "proved": len(self.deciding or ()) - len(self.not_proved),
            "deciding": len(self.deciding or ()),
            "not_proved": [{"id": one, "needs_write": write} for one, write in self.not_proved],
            "checks": [
                verdict.as_dict(deciding=verdict.id in (self.deciding or ()))
                for verdict in self.verdicts
            ],
        }


def needs_write(verdict: Verdict | None) -> bool:
    """Whether a check is only unproven because nobody allowed it to write."""
    return verdict is not None and verdict.id in WRITING and verdict.status is Status.UNPROVEN


def run(
    context: CheckContext,
    only: Sequence[str] = (),
    *,
    checks: Sequence[Check] = CHECKS,
    stopped: Callable[[], bool] = lambda: False,
) -> Iterator[Verdict]:
    """The verdicts of the checks, one after the other as they are known.

    With `only` these and what they need are run; of the needs only the broken ones are given.
    Raises KeyError for an id that isn't in the registry.
    """
    requested = set(only) or None
    chosen = checks if requested is None else with_needs(requested)
    existing: dict[str, Verdict] = {}
    for check in chosen:
        if stopped():
            return
        verdict = existing[check.id] = judge(check, context, existing)
        if requested is None or check.id in requested or _broken(verdict):
            yield verdict


def report(
    context: CheckContext,
    only: Sequence[str] = (),
    *,
    deciding: tuple[str, ...] | None = None,
    partial: bool = False,
) -> CheckReport:
    """Run checks to the end; see CheckReport for `deciding` and `partial`."""
    return CheckReport(context.profile.key, tuple(run(context, only)), deciding, partial)


def with_needs(ids: set[str]) -> list[Check]:
    """These checks and all that they need, in the registry's order. Raises KeyError."""
    found: set[str] = set()
    waiting = list(ids)
    while waiting:
        one = waiting.pop()
        if one not in found:
            found.add(one)
            waiting.extend((*by_id(one).needs, *by_id(one).builds_on))
    return [check for check in CHECKS if check.id in found]


def judge(check: Check, context: CheckContext, existing: dict[str, Verdict]) -> Verdict:
    """The verdict of one check, given those of the checks before it."""
    started = time.perf_counter()
    before = len(context.journal.calls)

    def ms() -> float:
        return round((time.perf_counter() - started) * 1000, 1)

    reason = _pointless(check, context, existing)
    if reason is not None:
        return conclude(check.id, check.title, reason, Evidence(), at=context.clock(), ms=0.0)
    try:
        finding = check.probe(context)
    except RunbookError as error:
        verdict = explain_error(check.id, check.title, error, at=context.clock(), ms=ms())
        return _beside_the_goal(check, context, verdict)
    except Exception as error:  # noqa: BLE001  # a check's own fault is reported as one
        return _own_fault(check, context, error, ms())
    calls = context.journal.calls[before:]
    if finding.status is Status.PASSED:
        context.facts.granted |= check.grants
        finding = _doubted(finding, calls)
    verdict = conclude(
        check.id, check.title, finding, _evidence(calls), at=context.clock(), ms=ms()
    )
    return _beside_the_goal(check, context, verdict)


def _pointless(
    check: Check, context: CheckContext, existing: dict[str, Verdict]
) -> CheckOutcome | None:
    """Why a check isn't run: its side is missing, it doesn't apply, or a need doesn't hold."""
    if check.side is CheckSide.BOX and context.profile.box is None:
        return skipped("check.not_here", "This profile has no Box app.")
    if check.side is CheckSide.KLOUDLESS and context.profile.kloudless is None:
        return skipped("check.not_here", "This profile has no Kloudless application.")
    reason = check.applies(context)
    if reason is not None:
        return skipped("check.not_here", reason)
    for need in check.needs:
        verdict = existing.get(need)
        if verdict is not None and _broken(verdict):
            how = "failed" if verdict.status is Status.FAILED else "wasn't run"
            return skipped("check.need_failed", f"Prerequisite: “{verdict.title}”, which {how}.")
    return None


def _broken(verdict: Verdict) -> bool:
    return verdict.status is Status.FAILED or verdict.cause == "check.need_failed"


def _beside_the_goal(check: Check, context: CheckContext, verdict: Verdict) -> Verdict:
    """A refusal of what the goal doesn't ask for is no failure."""
    refused = verdict.status is Status.FAILED and verdict.evidence.status in _REFUSED
    if not refused or context.requires(check.grants):
        return verdict
    finding = skipped("check.not_wanted", verdict.cause_title)
    return conclude(check.id, check.title, finding, verdict.evidence, at=verdict.at, ms=verdict.ms)


def _doubted(finding: CheckOutcome, calls: Sequence[Call]) -> CheckOutcome:
    """A passed finding whose calls needed a second attempt, or very long."""
    for call in calls:
        fault = call.status is None or call.status == 429 or call.status >= 500  # noqa: PLR2004
        if fault and any(_same(call, later) and later.attempt > call.attempt for later in calls):
            known = (
                causes.network_error(call.error_code or "")
                if call.status is None
                else _cause_of(call)
            )
            return replace(
                finding,
                status=Status.WARNING,
                cause=known.id,
                detail="The first attempt failed; a later one worked.",
            )
    if any(call.ms >= SLOW_MS for call in calls):
        reported = f"The slowest call took {max(call.ms for call in calls) / 1000:.1f} s."
        return replace(finding, status=Status.WARNING, cause="network.slow", detail=reported)
    return finding


def _cause_of(call: Call) -> causes.Cause:
    status = call.status or 0
    if call.path.startswith("/v1/") or call.path.startswith("/v2/"):
        return causes.kloudless_error(status, call.error_code)
    return causes.box_error(status, code=call.error_code)


def _same(one: Call, other: Call) -> bool:
    return (one.method, one.host, one.path) == (other.method, other.host, other.path)


def _evidence(calls: Sequence[Call]) -> Evidence:
    """The call that decided a finding: the last one that went wrong, else the last one.

    A finding has no call of its own: it may rest on several. An error names its call.
    """
    if not calls:
        return Evidence()
    wrong = [call for call in calls if call.status is None or call.status >= _ERROR_FROM]
    call = calls[-1] if not wrong or calls[-1].attempt > wrong[-1].attempt else wrong[-1]
    return evidence_of(call)


def _own_fault(check: Check, context: CheckContext, error: Exception, ms: float) -> Verdict:
    reported = RunbookError(
        f"The check itself failed ({type(error).__name__}).",
        cause=redact(str(error))[:200],
        fix=f"Report it with this text. {REPORT_WITH}",
        who=Who.THIS_APP,
        cause_id="check.own_fault",
    )
    return explain_error(check.id, check.title, reported, at=context.clock(), ms=ms)
