"""The map of the connector guide: each statement has its steps, and a check or a reason."""

import re
import textwrap
from pathlib import Path

import pytest

from lib.runbook.checks.registry import by_id
from lib.runbook.goals import Goal, Road
from lib.runbook.roads.grants import EXTRAS
from lib.runbook.roads.guide import (
    GuideError,
    digest,
    read_map,
    sentences,
    statements,
)
from lib.runbook.roads.roads import steps_for
from lib.runbook.roads.steps import table
from tools.guide import main

# What a guide looks like; none of it is from the real one.
SAMPLE = """# A heading

Connect the pump. Turn the valve, at 2.0 bar!

  1. Open the lid. pump --start in.txt
  • First part
  • Second part

Call “us” at once .
"""
ROW = """
[[statement]]
id = "one"
says = "Ours."
digest = "{digest}"
steps = ["box.plan"]
check = "box.identity"
"""
GOOD = ROW.format(digest="0" * 64)


def test_every_statement_stands_in_steps_that_a_road_with_all_wishes_shows() -> None:
    shown = {step.id for which in Road for step in steps_for(which, Goal.FULL, extras=EXTRAS)}
    assert statements()
    for one in statements():
        assert one.steps, one.id
        assert set(one.steps) <= shown, one.id


def test_every_statement_has_a_check_or_the_reason_why_there_is_none() -> None:
    for one in statements():
        assert (one.check is None) == bool(one.reason), one.id
        if one.check is not None:
            assert by_id(one.check).id == one.check


def test_a_statements_check_proves_one_of_its_steps() -> None:
    loose = [
        one.id
        for one in statements()
        if one.check and not any(one.check in table().steps[step].verify for step in one.steps)
    ]
    assert loose == []


def test_ids_and_digests_are_unique_and_the_paraphrases_are_ours() -> None:
    found = statements()
    assert len({one.id for one in found}) == len({one.digest for one in found}) == len(found)
    assert all(digest(one.says) != one.digest for one in found)


def test_what_is_out_of_date_is_said_in_the_map_and_in_the_step() -> None:
    by = {one.id: one for one in statements()}
    for name, step, reported in (
        ("keys_page", "kloudless.keys.ordinary", "Adobe CQ5"),
        ("webhook_list", "kloudless.box_webhook", "missing from our copy"),
        ("webhook_list", "box.webhook.create", "missing from our copy"),
        ("support_mail", "kloudless.help", "Presumably"),
        ("admin_asked", "box.authorize", "Business Settings"),
        ("enterprise_where", "box.enterprise_id", "Account Info tab"),
        ("jwt_as_user", "box.app.as_user", "Perform Actions as Users"),
    ):
        assert by[name].correction
        assert step in by[name].steps
        spec = table().steps[step]
        assert reported in f"{spec.why} {spec.do}"


def test_the_repository_quotes_no_sentence_of_the_guide() -> None:
    """No step or paraphrase has a sentence whose digest is in the map."""
    known = {one.digest for one in statements()}
    texts = [one.says for one in statements()]
    texts += [f"{one.why}\n\n{one.do}" for one in table().steps.values()]
    single_labels = {"scope_users", "scope_groups", "scope_properties"}  # a label is no sentence
    allowed = {one.digest for one in statements() if one.id in single_labels}
    quoted = {digest(one) for text in texts for one in sentences(text)} & known
    assert quoted <= allowed


# ---------------------------------------------------------------- reading a guide


def test_sentences_and_items_are_statements_and_headings_are_not() -> None:
    assert list(sentences(SAMPLE)) == [
        "Connect the pump.",
        "Turn the valve, at 2.0 bar!",
        "Open the lid.",
        "pump --start in.txt",
        "First part",
        "Second part",
        "Call “us” at once .",
    ]


def test_another_wrapping_of_the_same_text_has_the_same_statements() -> None:
    wrapped = "\n".join(
        textwrap.fill(line, 24, subsequent_indent="    ", break_on_hyphens=False)
        for line in SAMPLE.split("\n")
    )
    assert wrapped != SAMPLE
    assert [digest(one) for one in sentences(wrapped)] == [digest(one) for one in sentences(SAMPLE)]


def test_a_digest_does_not_mind_case_spaces_quotes_and_the_last_sign() -> None:
    assert digest('Call "US"  at once') == digest("call “us” at once .")
    assert digest("a b") != digest("ab")


def test_the_tool_names_what_is_missing_on_either_side(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "guide.md"
    file.write_text(SAMPLE, encoding="utf-8")
    assert main([str(file)]) == 1
    reported = capsys.readouterr().out
    assert f"not in the map: {digest('Connect the pump')}  Connect the pump." in reported
    assert "not in the file: openssl" in reported
    assert "7 statements, 0 of them in the map." in reported
    assert main([]) == main([str(tmp_path / "none")]) == 2


@pytest.mark.parametrize(
    "old,new,reported",
    [
        ('says = "Ours."', "", "says is missing"),
        ("box.plan", "box.plann", "no step box.plann"),
        ('steps = ["box.plan"]', "steps = []", "in no step"),
        ("box.identity", "box.id", "no check box.id"),
        ('check = "box.identity"', "", "a check, or the reason"),
        (
            'check = "box.identity"',
            'check = "box.identity"\nreason = "x"',
            "a check, or the reason",
        ),
        ('check = "box.identity"', 'check = "box.identity"\nquote = "x"', "no field quote"),
        ("0" * 64, "0" * 63, "isn't a SHA-256"),
        ("0" * 64, digest("Ours"), "guide's own words"),
    ],
)
def test_a_wrong_row_is_refused_and_named(old: str, new: str, reported: str) -> None:
    assert old in GOOD
    with pytest.raises(GuideError, match=re.escape(reported)):
        read_map(GOOD.replace(old, new, 1), table())


def test_two_rows_for_one_id_or_one_sentence_are_refused() -> None:
    with pytest.raises(GuideError, match="one is there twice"):
        read_map(GOOD + GOOD.replace("0", "1"), table())
    with pytest.raises(GuideError, match="two and one are the same sentence"):
        read_map(GOOD + GOOD.replace('"one"', '"two"'), table())
    assert [one.id for one in read_map(GOOD, table())] == ["one"]
