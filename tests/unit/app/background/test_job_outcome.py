"""How background work ends, whatever it does."""

import logging

import pytest

from lib.app.background.job_outcome import Words, ended
from lib.core.errors import RunbookError, StoreError, Who
from lib.store.ledger.reading_runs import RunState

WORDS = Words("Reading", "Read again")


def test_work_is_done_or_was_cancelled() -> None:
    done: list[int] = []
    assert ended(lambda: done.append(1), cancelled=lambda: False, words=WORDS) == (
        RunState.DONE,
        None,
    )
    assert ended(lambda: None, cancelled=lambda: True, words=WORDS) == (RunState.CANCELLED, None)
    assert done == [1]


def test_an_error_of_ours_is_handed_on_as_it_is() -> None:
    reported = StoreError("The disk is full.", cause="c", fix="f", who=Who.YOU)

    def work() -> None:
        raise reported

    assert ended(work, cancelled=lambda: True, words=WORDS) == (RunState.FAILED, reported)


def test_any_other_fault_has_a_cause_and_a_fix_and_no_secret_gets_into_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def work() -> None:
        raise KeyError("access_token=abcdefghijklmnop")

    with caplog.at_level(logging.ERROR):
        state, error = ended(work, cancelled=lambda: False, words=WORDS)
    assert state is RunState.FAILED
    assert isinstance(error, RunbookError)
    assert error.message == "Reading stopped because of a fault in this app."
    assert error.fix.startswith("Read again.")
    assert error.who is Who.THIS_APP
    assert "Reading stopped because of a fault: KeyError" in caplog.text
    assert "abcdefghijklmnop" not in caplog.text
