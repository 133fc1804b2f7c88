"""A run as a report: Markdown with times and evidence, for a ticket or an audit.

Everything in it was redacted where it was made; what others wrote is escaped.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from lib.runbook.checks.describe import PERSONS, evidence_rows
from lib.runbook.checks.verdict import Verdict
from lib.runbook.goals import GOALS
from lib.runbook.roads.roads import Step, road
from lib.runbook.runs.runs import SETTLED, Run, StepState

_SPECIAL: Final = re.compile(r"([\\`*_{}\[\]()#+!|~<>])")
_WORDS: Final = {
    StepState.OPEN: "open",
    StepState.PROVED: "proved",
    StepState.DONE: "done manually",
    StepState.SKIPPED: "skipped",
    StepState.BLOCKED: "blocked",
}


def to_markdown(run: Run, steps: Sequence[Step]) -> str:
    """The whole run, step by step. Times are UTC."""
    return "\n".join(_lines(run, steps)) + "\n"


def _lines(run: Run, steps: Sequence[Step]) -> Iterator[str]:
    settled = run.settled(step.id for step in steps)
    yield f"# Runbook: {_text(run.label)}"
    yield ""
    yield f"- Road: {_text(road(run.road).title)}"
    yield f"- Goal: {_text(GOALS[run.goal].title)}"
    if run.extras:
        yield f"- On request: {', '.join(sorted(run.extras))}"
    yield f"- Started: {run.started_at:%Y-%m-%d %H:%M} UTC"
    yield f"- Last change: {run.updated_at:%Y-%m-%d %H:%M} UTC"
    yield f"- Settled: {settled} of {len(steps)} steps"
    for place, step in enumerate(steps, start=1):
        yield from _step(run, place, step)
    strangers = [one for one in run.steps if one not in {step.id for step in steps}]
    if strangers:
        yield ""
        yield f"Steps of the run that this road no longer has: {', '.join(map(_text, strangers))}"


def _step(run: Run, place: int, step: Step) -> Iterator[str]:
    record = run.step(step.id)
    yield ""
    yield f"## {place}. {_text(step.title)}"
    yield ""
    at = f", {record.at:%Y-%m-%d %H:%M} UTC" if record.at else ""
    yield f"**{_WORDS[record.state].capitalize()}**{at}. For {PERSONS[step.who]}."
    if record.reason:
        yield ""
        yield f"> {_text(record.reason)}"
    last = run.last_proved(step.id, step.deciding)
    if last is not None:
        yield ""
        yield f"Last proved on {last:%Y-%m-%d %H:%M} UTC."
    if run.of_another_app(step.id):
        yield ""
        yield "Proved before this profile changed; run again. Evidence:"
    for verdict in record.verdicts:
        yield ""
        yield from _verdict(verdict)
    if not record.verdicts and record.state not in SETTLED and step.no_check:
        yield ""
        yield f"No check can prove it: {_text(step.no_check)}"


def _verdict(verdict: Verdict) -> Iterator[str]:
    yield f"- **{verdict.status.value}** `{verdict.id}`: {_text(verdict.title)}"
    if verdict.cause and verdict.status.value != "passed":
        yield f"  - {_text(verdict.cause_title)} {_text(verdict.cause_text)}"
        yield f"  - Fix: {_text(verdict.fix)}" + (f" ({verdict.who})" if verdict.who else "")
    for term, value in evidence_rows(verdict.evidence):
        yield f"  - {_text(term)}: {_text(value)}"
    yield f"  - At {verdict.at:%Y-%m-%d %H:%M:%S} UTC, {verdict.ms:.0f} ms"


def _text(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))
