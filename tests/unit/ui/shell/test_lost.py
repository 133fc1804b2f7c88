"""What a session is told of the one before it in the same browser."""

from datetime import UTC, datetime, timedelta

from lib.ui.shell.lost import KEPT, MOST_SESSIONS, Loss, SessionContents, Sessions

NOW = datetime(2026, 11, 2, 12, tzinfo=UTC)
LOSS = Loss("the credentials that were entered", "Enter them again.", "credentials")


def existing(
    session: str, *, browser: str = "b", at: datetime = NOW, losses: tuple[Loss, ...] = (LOSS,)
) -> SessionContents:
    return SessionContents(browser, session, losses, at)


def test_only_a_session_of_this_browser_that_has_ended_is_reported_and_once() -> None:
    connected = {"open"}
    sessions = Sessions(alive=connected.__contains__)
    sessions.note(existing("open"))
    assert sessions.claim("b", "new", NOW) is None  # another tab, still there
    sessions.note(existing("reloaded"))
    assert sessions.claim("stranger", "new", NOW) is None
    assert sessions.claim("b", "reloaded", NOW) is None  # its own
    found = sessions.claim("b", "new", NOW)
    assert found is not None
    assert found.session_id == "reloaded"
    assert sessions.claim("b", "newer", NOW) is None
    connected.clear()
    assert sessions.claim("b", "newer", NOW) == existing("open")


def test_what_was_forgotten_by_its_person_is_not_missed() -> None:
    sessions = Sessions(alive=lambda _: False)
    sessions.note(existing("s"))
    sessions.note(existing("s", losses=()))
    assert sessions.claim("b", "new", NOW) is None


def test_it_is_not_remembered_for_ever_nor_without_bound() -> None:
    sessions = Sessions(alive=lambda _: False)
    sessions.note(existing("old", at=NOW - KEPT - timedelta(seconds=1)))
    assert sessions.claim("b", "new", NOW) is None
    sessions.note(existing("first", browser="first"))
    for n in range(MOST_SESSIONS):
        sessions.note(existing(f"s{n}"))
    assert sessions.claim("first", "new", NOW) is None


def test_a_session_that_comes_back_has_lost_nothing() -> None:
    connected: set[str] = set()
    sessions = Sessions(alive=connected.__contains__)
    sessions.note(existing("asleep"))
    found = sessions.claim("b", "new", NOW)
    assert found is not None
    assert not sessions.is_back(found)
    connected.add("asleep")
    assert sessions.is_back(found)
