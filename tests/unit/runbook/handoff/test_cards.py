"""Hand-off cards: whole for their reader, and nothing of a hostile profile gets through."""

import re
from collections import Counter
from dataclasses import replace
from functools import cache
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from lib.core.errors import Who
from lib.runbook.checks.registry import by_id
from lib.runbook.checks.verdict import Evidence, Status, Verdict
from lib.runbook.goals import Goal, Road
from lib.runbook.handoff.cards import TITLES, Card, cards, handoff_text
from lib.runbook.roads.grants import EXTRAS
from lib.runbook.roads.markup import html, one_line
from lib.runbook.roads.roads import steps_for
from lib.settings.profiles import BoxCredentials, KloudlessCredentials, Profile, session_profile
from tests.unit.runbook.roads.test_steps import API_KEY, SECRETS, a_profile
from tests.unit.runbook.verdict_samples import NOW

MARKDOWN = MarkdownIt("commonmark").enable("table")
CLIENT_ID = "abcdef0123456789abcdef0123456789"
VOID = {"meta", "br", "hr", "img", "link", "input"}


class Page(HTMLParser):
    """A whole page: its elements in order, whether they are closed rightly, and its text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, tuple[str, ...]]] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, tuple(name for name, _ in attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def made(profile: Profile | None, which: Road = Road.BOX_JWT) -> tuple[Card, ...]:
    steps = steps_for(which, Goal.FULL, extras=EXTRAS, profile=profile)
    return cards(steps, which=which, goal=Goal.FULL, extras=EXTRAS, profile=profile, at=NOW)


@pytest.mark.parametrize("which", Road)
def test_each_other_person_gets_one_card_with_all_their_steps(which: Road) -> None:
    steps = steps_for(which, Goal.FULL, extras=EXTRAS)
    found = made(None, which)
    assert [card.who for card in found] == list(dict.fromkeys(s.who for s in steps if s.hand_off))
    assert Who.YOU not in {card.who for card in found}
    for card in found:
        theirs = [step for step in steps if step.who is card.who]
        assert card.steps == tuple(step.id for step in theirs)
        for step in theirs:
            assert step.do in card.markdown
            assert html(step.do) in card.html
            assert step.undo in card.markdown
            for check in step.verify:
                assert by_id(check).title in card.markdown


def test_the_admins_card_has_what_the_admin_needs() -> None:
    profile = a_profile()
    steps = steps_for(Road.BOX_JWT, Goal.ACTIVITY, profile=profile)
    made = cards(steps, which=Road.BOX_JWT, goal=Goal.ACTIVITY, profile=profile, at=NOW)
    (card,) = (one for one in made if one.who is Who.BOX_ADMIN)
    assert card.title == TITLES[Who.BOX_ADMIN]
    assert card.counted == f"{len(card.steps)} steps"
    for text in (card.markdown, Page(card.html).text):
        assert CLIENT_ID in text
        assert "1234567" in text
        assert "Acme" in text
        assert "Platform Apps Manager" in text
        assert "2026-02-16" in text
        assert "who did what" in text
        assert "Manage enterprise properties" in text
        assert "Manage users" not in text  # activity needs no more
        assert "Made by Box Runbook on 2026-11-02 12:00 UTC." in text
    assert card.file_name == "box-runbook-box-admin-2026-11-02"


def failure(who: Who, text: str = "The admin has not authorized it.") -> Verdict:
    return Verdict(
        "box.token.enterprise",
        "Token for the enterprise",
        Status.FAILED,
        NOW,
        cause="token.app_not_authorized",
        cause_title="Not authorized",
        cause_text=text,
        fix="Authorize it.",
        who=who,
        evidence=Evidence(request="POST /oauth2/token", status=400, request_ids=("r1",)),
    )


def test_what_fails_now_stands_on_the_card_of_whoever_can_fix_it() -> None:
    steps = steps_for(Road.BOX_JWT, Goal.ACTIVITY)
    hostile = "x\n```\n# Head\n<script>alert(1)</script> [a](http://evil.example)"
    verdicts = [failure(Who.BOX_ADMIN, hostile), failure(Who.BOX_SUPPORT), failure(Who.YOU)]
    plain = cards(steps, which=Road.BOX_JWT, goal=Goal.ACTIVITY, at=NOW)
    found = {
        card.who: card
        for card in cards(steps, which=Road.BOX_JWT, goal=Goal.ACTIVITY, failing=verdicts, at=NOW)
    }
    assert Who.BOX_SUPPORT not in {card.who for card in plain}
    assert set(found) == {*(card.who for card in plain), Who.BOX_SUPPORT}
    for who in (Who.BOX_ADMIN, Who.BOX_SUPPORT):
        card = found[who]
        assert card.failing == ("box.token.enterprise",)
        assert "What to do: Authorize it." in card.markdown
        assert "Request IDs: r1" in card.html
        # the very lines that are sent about this failure alone
        (text,) = [handoff_text(one, "x") for one in verdicts[1:2]]
        if who is Who.BOX_SUPPORT:
            assert text.split("\n\n", 1)[1] in card.markdown
    page = Page(found[Who.BOX_ADMIN].html)
    assert not page.open
    assert not {"script", "a"} & {name for name, _ in page.elements}
    headings = [one.tag for one in MARKDOWN.parse(found[Who.BOX_ADMIN].markdown) if one.map]
    assert headings.count("h1") == 1
    assert not found[Who.DEVELOPER].failing


def test_a_card_counts_the_steps_it_holds() -> None:
    steps = steps_for(Road.BOX_JWT, Goal.FULL, extras=EXTRAS)
    theirs = [step for step in steps if step.who is Who.BOX_ADMIN]
    one, two = failure(Who.BOX_ADMIN), failure(Who.BOX_SUPPORT)
    for existing, failing, reported in (
        (theirs, (), f"{len(theirs)} steps"),
        (theirs[:1], (), "1 step"),
        (theirs[:2], (one,), "2 steps and 1 failing check"),
        ([], (two, two), "2 failing checks"),
    ):
        (card,) = cards(existing, which=Road.BOX_JWT, goal=Goal.FULL, failing=failing, at=NOW)
        assert card.counted == reported
        headline = f"{card.title}: {reported}"
        assert card.markdown.startswith(f"# {headline}\n"), reported
        assert f"<h1>{headline}</h1>" in card.html, reported
        assert f"<title>{headline}</title>" in card.html, reported
        numbered = re.findall(r"^## \d+\. ", card.markdown, re.MULTILINE)
        assert len(numbered) == len(card.steps) == len(existing), reported


def test_nobody_gets_a_card_for_nothing() -> None:
    steps = steps_for(Road.BOX_JWT, Goal.ACTIVITY)
    found = {card.who for card in cards(steps, which=Road.BOX_JWT, goal=Goal.ACTIVITY, at=NOW)}
    assert found
    assert not found & {Who.BOX_SUPPORT, Who.YOU}


def test_box_support_is_reported_only_of_what_it_is_asked_for() -> None:
    (card,) = (one for one in made(a_profile()) if one.who is Who.BOX_SUPPORT)
    assert "Global Content Manager" in card.markdown
    assert "List the enterprise's users" not in card.markdown


def test_a_card_has_no_secret() -> None:
    for which in Road:
        for card in made(a_profile(), which):
            reported = card.markdown + card.html
            assert not [one for one in (*SECRETS.values(), API_KEY) if one in reported]


def test_the_page_loads_and_runs_nothing() -> None:
    for card in made(a_profile()):
        page = Page(card.html)
        assert page.open == []
        assert {tag for tag, _ in page.elements}.isdisjoint(
            {"script", "link", "img", "iframe", "a"}
        )
        assert "default-src 'none'" in card.html
        assert "url(" not in card.html


HOSTILE = st.one_of(
    st.text(max_size=80),
    st.sampled_from(
        [
            "<script>alert(1)</script>",
            '"><img src=x onerror=alert(1)>',
            "</style></head>",
            "`](javascript:x)``",
            "a\n\n# Heading\n- item",
            "| a | b |\n|---|---|",
            "{client_id} {ticks}",
            "\u202egnp.exe",
            "&lt;b&gt;",
            "**x** _y_ ~~z~~",
            "```\nfence",
            "\ud800",
        ]
    ),
)


PLAIN = session_profile(
    box=BoxCredentials(client_id="a", enterprise_id="1"),
    kloudless=KloudlessCredentials("https://k.example/v1", "a", None),
    label="Plain",
)


@cache
def plain() -> tuple[tuple[Card, Counter[str], frozenset[str]], ...]:
    return tuple((card, shape(card), kinds(card)) for card in made(PLAIN, Road.KLOUDLESS_JWT))


@settings(deadline=None, max_examples=40)
@given(HOSTILE, HOSTILE)
def test_a_hostile_label_or_id_changes_no_cards_structure(label: str, identifier: str) -> None:
    hostile = replace(
        PLAIN,
        label=label,
        box=BoxCredentials(
            client_id=identifier, enterprise_id=identifier, public_key_id=identifier
        ),
        kloudless=KloudlessCredentials(identifier, identifier, None),
    )
    shown = one_line(label)
    for card, (other, elements, forms) in zip(
        made(hostile, Road.KLOUDLESS_JWT), plain(), strict=True
    ):
        assert shape(card) == elements - (Counter() if shown else Counter({"li": 1, "strong": 1}))
        assert kinds(card) <= forms
        assert shown in Page(card.html).text
        assert "\u202e" not in card.markdown + card.html
        assert card.file_name == other.file_name


def shape(card: Card) -> Counter[str]:
    """How often each element is there; what is code or a word depends on what is known."""
    page = Page(card.html)
    assert page.open == []
    assert {name for _, names in page.elements for name in names} <= {
        *("lang", "charset", "http-equiv", "content", "name", "class", "aria-hidden", "start")
    }
    return Counter(tag for tag, _ in page.elements if tag != "code")


def kinds(card: Card) -> frozenset[str]:
    """What the real parser makes of the Markdown."""
    return frozenset(
        inner.type
        for token in MARKDOWN.parse(card.markdown)
        for inner in (token, *(token.children or ()))
    )
