"""Write the table of steps: for every step of every road, what proves and un-proves it.

`python -m tools.steps` writes `docs/reference/steps.md` from the registry; a test compares them.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from lib.runbook.checks.broken_by import BROKEN_BY
from lib.runbook.goals import Goal, Road
from lib.runbook.roads.fits import FITS
from lib.runbook.roads.grants import EXTRAS
from lib.runbook.roads.roads import Step, road, steps_for

FILE: Final = Path(__file__).resolve().parent.parent / "docs" / "reference" / "steps.md"
_HEAD: Final = """# Steps and their proof

A step is *Proved* when every check that decides it passed, on this profile, by this road. A
warning, a skipped check or an unproven one never proves. A proof lasts for 24 hours and until the
profile changes; after that the step says when it was last proved. `python -m tools.steps` writes
this page from the registry. Tests try each row on the sandbox: a healthy set-up proves the step,
the fault or the missing part doesn't.

## Which way to sign in fits which road

What a check sees under another way to sign in proves nothing on a road. There, `check --road` ends
with exit code 2 and names the roads that fit. On the roads of Kloudless the profile needs a
Kloudless application; it may do without a Box app.

| Road | The Box app signs in with | Kloudless application |
|---|---|---|"""
_SANDBOX: Final = """
The profile `sandbox` has a JWT app and a Kloudless application: it can take `box-jwt`,
`kloudless-jwt` and `kloudless-import`. A developer token is for trials and fits no road."""


def page() -> str:
    """The whole page, as Markdown."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield _HEAD
    for one in Road:
        ways = ", ".join(f"`{way}`" for way in sorted(FITS[one]))
        yield f"| `{one}` | {ways} | {'needed' if one.is_kloudless else 'not needed'} |"
    yield _SANDBOX
    for one in Road:
        yield f"\n## {road(one).title} (`{one}`)\n"
        yield "| Step | A healthy set-up proves it by | What un-proves it | By hand, why |"
        yield "|---|---|---|---|"
        for step in steps_for(one, Goal.FULL, extras=EXTRAS):
            yield _row(step)


def _row(step: Step) -> str:
    checks = ", ".join(f"`{one}`" for one in step.deciding)
    broken = ", ".join(dict.fromkeys(f"`{BROKEN_BY[one]}`" for one in step.deciding))
    return f"| {step.title} | {checks} | {broken} | {step.no_check} |"


if __name__ == "__main__":
    FILE.write_text(page(), encoding="utf-8")
