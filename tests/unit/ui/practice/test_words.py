"""The texts of practice: never more than its visitor asks for, never more than was proved."""

import pytest

from lib.app.practice.faults import offers_of
from lib.ui.practice.state import Exercise, warnings_of
from lib.ui.practice.words_exercise import outcome_words, state_words
from tests.unit.runbook.verdict_samples import failed, passed, warned

SEEN, UNSEEN = offers_of(
    [
        {"name": "token_exp", "does": "Answers 400 <script>alert(1)</script> *bold*"},
        {"name": "json_403", "does": "Another form."},
    ]
)
PLANTED = warned("kloudless.account.callable", "kloudless.service_unauthorized")


def test_what_was_chosen_is_named_with_what_it_does() -> None:
    said = state_words(Exercise(last=SEEN), broken=True)
    assert "Active fault:" in said
    assert "expiry is refused" in said
    assert "<script>" not in said  # escaped, as all that isn't ours
    assert "*bold*" not in said.replace("\\*", "")


def test_what_was_drawn_is_named_only_when_it_is_revealed_or_mended() -> None:
    drawn = Exercise(last=SEEN, drawn=True)
    said = state_words(drawn, broken=True)
    assert "not named yet" in said
    assert "expiry" not in said
    assert "expiry" in state_words(Exercise(last=SEEN, drawn=True, revealed=True), broken=True)
    mended = Exercise(last=SEEN, drawn=True, revealed=True, mended=True)
    assert state_words(mended, broken=False).startswith(":green[")
    assert "expiry" in state_words(mended, broken=False)


def test_whole_apps_say_so() -> None:
    assert state_words(Exercise(), broken=False) == "No fault is active."


def test_failures_are_counted() -> None:
    assert "1 check fails." in outcome_words([failed("a", "token.exp")], Exercise(), broken=True)
    both = [failed("a", "token.exp"), failed("b", "token.exp"), passed("c")]
    assert "2 checks fail." in outcome_words(both, Exercise(last=SEEN), broken=True)
    # also when nothing should be broken any more: what is seen counts
    assert "1 check fails." in outcome_words([failed("a", "token.exp")], Exercise(), broken=False)


def test_a_warning_from_before_is_not_taken_for_the_fault() -> None:
    before = Exercise(before=warnings_of([PLANTED]), last=SEEN)
    assert "No check has noticed" in outcome_words([PLANTED, passed("a")], before, broken=True)
    assert "there are warnings" in outcome_words(
        [passed("a"), PLANTED, warned("b", "network.slow")], before, broken=True
    )


def test_what_no_check_can_notice_is_admitted() -> None:
    said = outcome_words([passed("a")], Exercise(last=UNSEEN), broken=True)
    assert "No check notices this fault." in said
    assert "Only a refusal shows it" in said


def test_mended_means_that_nothing_fails() -> None:
    mended = Exercise(mended=True, before=warnings_of([PLANTED]))
    said = outcome_words([passed("a"), PLANTED], mended, broken=False)
    assert said.startswith(":green[")
    assert "No check fails." in said
    again = outcome_words([passed("a"), warned("b", "network.slow")], mended, broken=False)
    assert again.startswith(":orange[")


@pytest.mark.parametrize("broken", [True, False])
def test_nothing_is_green_where_no_check_passed(*, broken: bool) -> None:
    for found in ([], [PLANTED]):
        said = outcome_words(found, Exercise(mended=not broken), broken=broken)
        assert said.startswith(":blue[")
        assert "Nothing is proved" in said
