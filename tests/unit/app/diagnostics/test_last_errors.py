"""The last errors are kept: few, redacted, without a traceback, whatever is logged."""

import logging
from collections.abc import Iterator

import pytest

from lib.app.diagnostics.faults import logged
from lib.app.last_errors import LAST_ERRORS, LIMIT, LONGEST, LastErrors
from lib.app.logs import redact_all_logs
from lib.core.errors import StoreError, Who

CANARY = "canary-4f7a91d2"


@pytest.fixture
def logger() -> Iterator[logging.Logger]:
    """Logs into the ring of this process, which is empty before and after."""
    before = logging.getLogRecordFactory()
    redact_all_logs()
    LAST_ERRORS.clear()
    quiet = logging.getLogger("lib.app.sample")
    quiet.propagate = False
    quiet.addHandler(logging.NullHandler())
    yield quiet
    LAST_ERRORS.clear()
    logging.setLogRecordFactory(before)


def fail(text: str) -> None:
    raise ValueError(text)


def test_an_error_is_kept_with_its_type_and_our_own_frames(logger: logging.Logger) -> None:
    try:
        try:
            fail(f"client_secret={CANARY}")
        except ValueError as error:
            raise StoreError("The event store failed.", cause="", fix="", who=Who.YOU) from error
    except StoreError:
        logger.exception("The drain waits: password=%s", CANARY)
    (kept,) = LAST_ERRORS.lines
    assert (kept.level, kept.logger) == ("ERROR", "lib.app.sample")
    assert kept.exception == ("lib.core.errors.StoreError", "ValueError")
    assert CANARY not in repr(kept)
    (reported,) = logged([kept])
    assert reported["message"].startswith("The drain waits:")
    assert reported["says"] == "The event store failed."


def test_an_error_logged_without_its_trace_is_known_by_the_one_being_handled(
    logger: logging.Logger,
) -> None:
    try:
        fail("x")
    except ValueError:
        logger.error("It stopped.")  # noqa: TRY400  # as `lib.app.background.job_outcome` does
        logger.warning("And a warning.")
    warned, failed = LAST_ERRORS.lines
    assert failed.exception == ("ValueError",)
    assert warned.exception == ()


def test_frames_are_those_of_the_app_relative_to_it(logger: logging.Logger) -> None:
    from lib.settings.loading import load_settings  # noqa: PLC0415  # raises in our own code

    try:
        load_settings(environ={"BOX_RUNBOOK__PROFILES__A": "x"}, secrets={})
    except Exception:
        logger.exception("It stopped.")
    frames = LAST_ERRORS.lines[0].frames
    assert any(
        one.startswith("lib/settings/loading.py:") and " load_settings" in one for one in frames
    )
    assert not any("/work" in one or one.startswith("/") for one in frames)


def test_the_same_line_is_kept_once_with_its_count(logger: logging.Logger) -> None:
    for _ in range(5000):
        logger.error("The drain waits.")
    (kept,) = LAST_ERRORS.lines
    assert kept.times == 5000
    assert kept.first_at <= kept.at
    assert logged([kept])[0]["times"] == 5000


def test_no_more_lines_and_no_longer_ones_are_kept(logger: logging.Logger) -> None:
    for number in range(3 * LIMIT):
        logger.error("%d %s", number, "x" * 10_000)
    kept = LAST_ERRORS.lines
    assert len(kept) == LIMIT
    assert kept[0].message.startswith(f"{3 * LIMIT - 1} ")
    assert all(len(one.message) <= LONGEST for one in kept)


class Odd:
    """An argument that can't be printed."""

    def __str__(self) -> str:
        raise KeyError(CANARY)


def test_a_call_with_wrong_arguments_stops_nobody(logger: logging.Logger) -> None:
    logger.error("%s %s", *["one"])
    logger.error("%d", "two")
    logger.error("%(name)s", {"other": 1})
    logger.error("three %s", Odd())
    logger.error(Odd())
    assert len(LAST_ERRORS.lines) == 5
    assert len(logged(LAST_ERRORS.lines)) == 5


def test_an_exception_that_cannot_be_printed_is_kept_by_its_type(logger: logging.Logger) -> None:
    class Strange(Exception):
        def __str__(self) -> str:
            raise RuntimeError

    record = logger.makeRecord("lib", 40, __file__, 1, "It stopped.", (), None)
    LAST_ERRORS.note(record, Strange())
    assert any("Strange" in one.exception[0] for one in LAST_ERRORS.lines)


def test_info_is_not_kept(logger: logging.Logger) -> None:
    logger.setLevel(logging.DEBUG)
    logger.info("Nothing is wrong.")
    logger.setLevel(logging.NOTSET)
    assert LAST_ERRORS.lines == ()


def test_a_loggers_name_is_shown_where_it_is_a_modules() -> None:
    ring = LastErrors()
    for name in ("lib.app.owner", "json.decoder", f"{CANARY} of a person", "zelda"):
        ring.note(logging.LogRecord(name, 40, __file__, 1, "It stopped.", (), None), None)
    assert [one["logger"] for one in logged(ring.lines)] == [
        "[…]",
        "[…]",
        "json.decoder",
        "lib.app.owner",
    ]
