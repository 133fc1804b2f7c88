"""Hand-offs to another person: a card with all they have to do, or a text about one failure.

A card has what that person needs and no secret: which app and enterprise, why, what it may do then,
what fails now that they can fix, where to click, how to undo it, and what is checked afterwards.
Markdown for a ticket or a chat, HTML for printing. What others wrote (the profile's label, what a
failure was told with) is shown as code or escaped. Times are UTC: the reader may be anywhere.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import Final

from lib.core.errors import Who
from lib.runbook.checks.describe import PERSONS, evidence_rows
from lib.runbook.checks.registry import by_id
from lib.runbook.checks.verdict import Verdict
from lib.runbook.goals import GOALS, Goal, Need, Road
from lib.runbook.roads.grants import Grant, grants_for
from lib.runbook.roads.markup import FENCE, code_span, html, one_line
from lib.runbook.roads.placeholders import VALUES, values_for
from lib.runbook.roads.roads import Step, road
from lib.settings.profiles import Profile

TITLES: Final[Mapping[Who, str]] = {
    Who.DEVELOPER: "For the developer of the Box app",
    Who.BOX_ADMIN: "For the admin of the Box enterprise",
    Who.BOX_SUPPORT: "Tickets for Box support",
    Who.KLOUDLESS_ADMIN: "For the Kloudless administrator",
}
"""Who gets a card, and how it addresses them."""
_NO_VALUES: Final = (
    "This page contains no secrets. Please don't send secrets back by mail or chat: use the "
    "password store that you share."
)
_LONGEST_LINE: Final = 2000
_STYLE: Final = """
:root { color-scheme: light }
body { font: 16px/1.5 system-ui, sans-serif; color: #1a1a1a; background: #fff;
  max-width: 46rem; margin: 2rem auto; padding: 0 1rem; overflow-wrap: anywhere }
h1 { font-size: 1.6rem; line-height: 1.2 } h2 { font-size: 1.2rem; margin-top: 2rem }
code { background: #f1f3f5; padding: 0 .25em; border-radius: 3px }
pre { background: #f1f3f5; padding: .75rem; white-space: pre-wrap; border-radius: 6px }
pre code { padding: 0 }
table { border-collapse: collapse; width: 100% }
th, td { border: 1px solid #ced4da; padding: .3rem .5rem; text-align: left; vertical-align: top }
section { break-inside: avoid-page } .box { display: inline-block; width: .9em; height: .9em;
  border: 1.5px solid #1a1a1a; margin-right: .5em; vertical-align: -.05em }
footer { margin-top: 2rem; border-top: 1px solid #ced4da; font-size: .9rem; color: #495057 }
@media print { body { margin: 0; max-width: none; font-size: 11pt } }
"""


@dataclass(frozen=True, slots=True)
class Card:
    """What one person has to do. `steps` are the ids, `file_name` has no suffix.

    `failing` are the ids of the checks that fail now and that they can fix.
    """

    who: Who
    title: str
    steps: tuple[str, ...]
    file_name: str
    markdown: str
    html: str
    failing: tuple[str, ...] = ()

    @property
    def counted(self) -> str:
        """How much the card contains: “3 steps”, “1 step and 2 failing checks”."""
        return _counted(len(self.steps), len(self.failing))


@dataclass(frozen=True, slots=True)
class _Part:
    """A heading, and its text in the few forms of `lib.runbook.roads.markup`."""

    heading: str
    text: str
    is_task: bool = False


def cards(
    steps: Sequence[Step],
    *,
    which: Road,
    goal: Goal,
    extras: frozenset[Need] = frozenset(),
    profile: Profile | None = None,
    failing: Sequence[Verdict] = (),
    at: datetime,
) -> tuple[Card, ...]:
    """A card for each other person among these steps, in the order in which they come up.

    `failing` are verdicts of now: each stands on the card of the person who can fix it. `at` is
    when the card is made (UTC); consoles change, so a card says how old it is.
    """
    people = dict.fromkeys(step.who for step in steps if step.hand_off)
    people |= dict.fromkeys(one.who for one in failing if one.who and one.who in TITLES)
    return tuple(
        _card(
            who,
            [step for step in steps if step.who is who],
            _about(which, goal, extras, profile, who),
            [one for one in failing if one.who is who],
            at,
        )
        for who in people
    )


def handoff_text(verdict: Verdict, profile_label: str, *, also: Sequence[str] = ()) -> str:
    """What the person who can fix it needs, as text to send; `also` names other checks it stops."""
    person = PERSONS[verdict.who] if verdict.who else "whoever can help"
    greeting = f"For {person}: the Box integration “{profile_label}” needs you."
    return "\n".join([greeting, "", *_account(verdict, also)])


def _account(verdict: Verdict, also: Sequence[str] = ()) -> list[str]:
    """One failure in lines of plain text."""
    reported = [
        ("What happened", verdict.cause_title or verdict.title),
        ("Why", verdict.cause_text),
        ("What to do", verdict.fix),
        ("Where", verdict.place),
    ]
    found = [
        ("Found by", f"{verdict.title} ({verdict.id}), {verdict.at:%Y-%m-%d %H:%M} UTC"),
        ("Also affected", ", ".join(also)),
        *evidence_rows(verdict.evidence),
    ]
    return [
        *(f"{term}: {text}" for term, text in reported if text),
        "",
        *(f"{term}: {text}" for term, text in found if text),
    ]


def _counted(steps: int, failing: int) -> str:
    reported = ((steps, "step"), (failing, "failing check"))
    return " and ".join(f"{n} {one}{'' if n == 1 else 's'}" for n, one in reported if n)


def _wrong(failing: Sequence[Verdict]) -> Iterator[_Part]:
    """What fails now, word for word: in a fence nothing of it is read as Markdown."""
    if failing:
        reported = ("\n".join(_fenced(line) for line in _account(one)) for one in failing)
        yield _Part(
            "What fails now",
            "\n\n".join(f"{FENCE}\n{text}\n{FENCE}" for text in reported),
        )


def _fenced(line: str) -> str:
    """On one line, and without what would end the fence."""
    return one_line(line, _LONGEST_LINE).replace("`", "'")


def _card(
    who: Who, steps: Sequence[Step], about: _Part, failing: Sequence[Verdict], at: datetime
) -> Card:
    title = TITLES[who]
    headline = f"{title}: {_counted(len(steps), len(failing))}"
    parts = [
        about,
        *_wrong(failing),
        *(_task(number, step) for number, step in enumerate(steps, start=1)),
    ]
    made = f"Made by Box Runbook on {at:%Y-%m-%d %H:%M} UTC."
    markdown = [f"# {headline}"]
    page = [f"<h1>{escape(headline)}</h1>"]
    for part in parts:
        markdown += [f"## {part.heading}", part.text]
        box = '<span class="box" aria-hidden="true"></span>' if part.is_task else ""
        page.append(f"<section><h2>{box}{escape(part.heading)}</h2>\n{html(part.text)}\n</section>")
    markdown += ["---", f"{_NO_VALUES} {made}"]
    page.append(f"<footer>{html(f'{_NO_VALUES} {made}')}</footer>")
    return Card(
        who,
        title,
        tuple(step.id for step in steps),
        f"box-runbook-{who.value.replace('_', '-')}-{at:%Y-%m-%d}",
        "\n\n".join(markdown) + "\n",
        _page(headline, "\n".join(page)),
        tuple(one.id for one in failing),
    )


def _about(
    which: Road, goal: Goal, extras: frozenset[Need], profile: Profile | None, who: Who
) -> _Part:
    values = values_for(profile, which)
    rows = [("For", code_span(profile.label))] if profile and one_line(profile.label) else []
    rows.append(("Set-up", f"{road(which).title}; {GOALS[goal].title.lower()}"))
    names = ["client_id", "enterprise_id"]
    if who is Who.KLOUDLESS_ADMIN:
        names = ["base_url", "app_id", "client_id"]
    words = {"client_id": "Client ID of the Box app", "enterprise_id": "Enterprise ID at Box"}
    words |= {"base_url": "Kloudless base URL", "app_id": "App ID at Kloudless"}
    rows += [
        (words[name], "not known yet" if values[name] == VALUES[name] else code_span(values[name]))
        for name in names
    ]
    reported = "\n".join(f"- **{name}**: {value}" for name, value in rows)
    grants = grants_for(which, goal, extras)
    asked = who is Who.BOX_SUPPORT  # the rest isn't theirs to grant
    gives = "\n".join(_given(one) for one in (grants.requests if asked else grants.all))
    may = "With this, the app can" if asked else "When everything is done, the app can"
    rights = "\n".join(f"- The right “{right}”" for right in grants.rights)
    needed = f"\n\nIf it works as a co-admin, the co-admin needs:\n\n{rights}" if rights else ""
    return _Part(
        "About this request",
        f"{GOALS[goal].sentence}\n\n{reported}\n\n{may}:\n\n{gives or '- Nothing.'}{needed}",
    )


def _given(grant: Grant) -> str:
    return f"- {grant.gives} (“{grant.label}”)"


def _task(number: int, step: Step) -> _Part:
    where = f"\n\n**Where**: {step.where}, as of {step.known_good}." if step.where else ""
    checked = "; ".join(by_id(one).title for one in step.verify)
    after = (
        f"**Checked afterwards**: {checked}." if checked else f"**Not checked**: {step.no_check}"
    )
    return _Part(
        f"{number}. {step.title}",
        f"**Why**: {step.why}{where}\n\n{step.do}\n\n**To undo it**: {step.undo}\n\n{after}",
        is_task=True,
    )


def _page(title: str, body: str) -> str:
    """One file that loads nothing: it can be mailed, opened and printed."""
    policy = "default-src 'none'; style-src 'unsafe-inline'"
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{_STYLE}</style>\n</head>\n"
        f"<body>\n<main>\n{body}\n</main>\n</body>\n</html>\n"
    )
