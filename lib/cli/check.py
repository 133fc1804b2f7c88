"""`check`: run the checks of a profile, for people, cron and CI."""

import argparse
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from xml.etree import ElementTree as ET  # only writes: nothing foreign is parsed

from lib.cli.arguments import FAILED, OK, Answer, known_ids, unreadable
from lib.cli.out_file import whole_file

if TYPE_CHECKING:
    from lib.runbook.checks.running import CheckReport
    from lib.runbook.checks.verdict import Verdict
    from lib.runbook.goals import Goal, Road

_ROADS: Final = (
    "box-jwt",
    "box-ccg",
    "box-oauth",
    "kloudless-oauth",
    "kloudless-jwt",
    "kloudless-import",
)
_GOALS: Final = ("activity", "people", "webhooks", "full")
_MARKS: Final = {
    "passed": "✓ passed  ",
    "failed": "✗ FAILED  ",
    "warning": "! warning ",
    "skipped": "- skipped ",
    "unproven": "? unproven",
}


def add(commands: Any, common: argparse.ArgumentParser) -> None:
    """Add the command to the parser."""
    command = commands.add_parser("check", parents=[common], help="run the checks of a profile")
    command.add_argument(
        "--profile", metavar="KEY", help="profile (default: the only one, or sandbox)"
    )
    command.add_argument("--data", type=Path, metavar="DIR", help="data folder (default: .data)")
    command.add_argument(
        "--road", choices=_ROADS, help="only the checks for the steps of this road"
    )
    command.add_argument(
        "--goal", choices=_GOALS, help="what must work (default: as in [health], else full)"
    )
    command.add_argument(
        "--only", action="append", metavar="ID", help="only this check; can be repeated"
    )
    command.add_argument("--junit", type=Path, metavar="FILE", help="also write a JUnit report")
    command.set_defaults(run=_check)


def _check(arguments: argparse.Namespace) -> Answer:
    from lib.app.background.checking import context_for  # noqa: PLC0415  # as above
    from lib.cli.host import host  # noqa: PLC0415  # loads the engines
    from lib.runbook.checks.running import report  # noqa: PLC0415  # as above
    from lib.runbook.goals import Goal, Road  # noqa: PLC0415  # as above
    from lib.runbook.health.incidents import Patience  # noqa: PLC0415  # as above
    from lib.runbook.health.recording import record_run  # noqa: PLC0415  # as above
    from lib.runbook.roads.fits import unfit  # noqa: PLC0415  # as above

    asked = _known(arguments.only or ())
    with host(profile=arguments.profile, data=arguments.data, own=False) as found:
        profile = found.profile()
        goal = Goal(arguments.goal or found.settings.health.goal)
        road = Road(arguments.road) if arguments.road else None
        if road is not None and (wrong := unfit(profile, road)) is not None:
            raise wrong
        whole, deciding = _of_road(road, goal) if road is not None else ((), None)
        only = asked or whole
        if asked and deciding is not None:
            deciding = tuple(one for one in deciding if one in asked)
        with context_for(
            profile, found.clients, found.ledger, goal=goal, waiting=arguments.waiting
        ) as context:
            made = report(context, only, deciding=deciding, partial=bool(asked))
        health = found.settings.health
        if (
            goal == health.goal
        ):  # with another goal, verdicts differ from those of the app's own runs
            record_run(
                found.ledger,
                profile.key,
                made.verdicts,
                at=datetime.now(UTC),
                complete=not only,
                patience=Patience(calm=health.calm, every=health.every),
            )
    if arguments.junit is not None:
        _write(arguments.junit, junit(made))
    answer = made.as_dict()
    if not arguments.json:
        answer = {"lines": list(_lines(made))}
    return answer, OK if made.ok else FAILED


def _known(only: Sequence[str]) -> tuple[str, ...]:
    """The ids that were asked for. Raises ConfigurationError for one that doesn't exist."""
    from lib.runbook.checks.registry import CHECKS  # noqa: PLC0415  # as above

    return known_ids("check", only, [check.id for check in CHECKS])


def _of_road(road: "Road", goal: "Goal") -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The ids of the checks for the steps of a road, and of those that decide them."""
    from lib.runbook.roads.roads import checks_of, deciding_of, steps_for  # noqa: PLC0415  # as above

    steps = steps_for(road, goal)
    return checks_of(steps), deciding_of(steps)


def _lines(made: "CheckReport") -> Iterator[str]:
    for verdict in made.verdicts:
        yield f"{_MARKS[verdict.status]} {verdict.id}  {_describe(verdict)}".rstrip()
        if verdict.status.value in ("failed", "warning"):
            yield f"             {verdict.cause_title} {verdict.cause_text}"
            where = f" ({verdict.place})" if verdict.place else ""
            yield f"             {verdict.fix}{where} Who: {verdict.who}."
    counts = dict.fromkeys(_MARKS, 0)
    for verdict in made.verdicts:
        counts[verdict.status] += 1
    yield ", ".join(f"{number} {status}" for status, number in counts.items() if number) + "."
    if made.deciding:
        proved = len(made.deciding) - len(made.not_proved)
        yield f"{proved} of {len(made.deciding)} deciding checks of the road passed."
        for one, needs_write in made.not_proved:
            yield f"Not proved: {one}" + (" (needs a write)" if needs_write else "")


def _describe(verdict: "Verdict") -> str:
    evidence = verdict.evidence
    ids = f" [{', '.join(evidence.request_ids)}]" if evidence.request_ids else ""
    status = f" ({evidence.status}{ids})" if evidence.status else ""
    return f"{verdict.title}{status}"


def junit(made: "CheckReport") -> bytes:
    """A JUnit report: one test case a check, so that CI shows it as it shows tests.

    On a road, a deciding check that didn't pass is a failure, whatever kept it.
    """
    open_ = {one for one, needs_write in made.not_proved if not needs_write}
    as_failed = [] if made.partial else [one for one in made.verdicts if one.id in open_]
    failing = {one.id for one in made.verdicts if one.status.value == "failed"}
    failing |= {one.id for one in as_failed}
    left = [one for one in made.verdicts if one.id not in failing]
    skipping = {one.id for one in left if one.status.value in ("skipped", "unproven")}
    suite = ET.Element(
        "testsuite",
        name=f"box-runbook check {made.profile}",
        tests=str(len(made.verdicts)),
        failures=str(len(failing)),
        errors="0",
        skipped=str(len(skipping)),
        time=f"{sum(verdict.ms for verdict in made.verdicts) / 1000:.3f}",
    )
    for verdict in made.verdicts:
        group, _, name = verdict.id.partition(".")
        case = ET.SubElement(
            suite, "testcase", classname=group, name=name, time=f"{verdict.ms / 1000:.3f}"
        )
        text = f"{verdict.cause_title} {verdict.cause_text} {verdict.fix} (who: {verdict.who})"
        if verdict.id in failing:
            ET.SubElement(case, "failure", type=verdict.cause or "", message=_clean(text))
        elif verdict.id in skipping:
            ET.SubElement(case, "skipped", message=_clean(text))
        elif verdict.status.value == "warning":
            ET.SubElement(case, "system-out").text = _clean(f"warning: {text}")
    return bytes(ET.tostring(suite, encoding="utf-8", xml_declaration=True))


def _clean(text: str) -> str:
    """Without what XML 1.0 can't hold: texts of the other side are in here."""
    return "".join(c for c in text if c in "\t\n" or (c.isprintable() and c <= "\U0010ffff"))


def _write(path: Path, content: bytes) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise unreadable(path, error) from error
    with whole_file(path) as file:
        file.write(content)
