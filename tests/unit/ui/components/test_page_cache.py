"""Answers that a page holds between its drawings."""

from datetime import UTC, datetime, timedelta

from lib.ui.components.page_cache import Answers

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)
LATER = NOON + timedelta(seconds=20)


def test_a_question_is_asked_once_as_long_as_the_same_is_shown() -> None:
    answers, asked = Answers(), iter(range(10))
    assert answers.about("this", NOON) == NOON
    assert answers.once("how many", lambda: next(asked)) == 0
    assert answers.once("who", lambda: next(asked)) == 1
    assert answers.about("this", LATER) == NOON  # what is held is about that moment
    assert answers.once("how many", lambda: next(asked)) == 0


def test_something_else_is_asked_anew() -> None:
    answers, asked = Answers(), iter(range(10))
    answers.about("this", NOON)
    answers.once("how many", lambda: next(asked))
    assert answers.about("that", LATER) == LATER
    assert answers.once("how many", lambda: next(asked)) == 1
    assert answers.about("this", LATER) == LATER
    assert answers.once("how many", lambda: next(asked)) == 2


def test_nothing_is_an_answer_and_a_failure_is_none() -> None:
    answers, asked = Answers(), []

    def ask() -> None:
        asked.append(1)
        if len(asked) == 1:
            raise ValueError

    answers.about("this", NOON)
    for _ in range(3):
        try:
            assert answers.once("how many", ask) is None
        except ValueError:
            assert len(asked) == 1
    assert len(asked) == 2
