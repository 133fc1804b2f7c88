"""Log lines are redacted whoever writes them, tracebacks too."""

import io
import logging
from collections.abc import Iterator

import pytest

from lib.app.logs import redact_all_logs

CANARY = "canary-4f7a91d2"


@pytest.fixture
def written() -> Iterator[tuple[logging.Logger, io.StringIO]]:
    """A foreign library's logger with a handler of its own, and what it wrote."""
    before = logging.getLogRecordFactory()
    redact_all_logs()
    output = io.StringIO()
    logger = logging.getLogger("some.foreign.library")
    handler = logging.StreamHandler(output)
    logger.addHandler(handler)
    yield logger, output
    logger.removeHandler(handler)
    logging.setLogRecordFactory(before)


def test_messages_arguments_and_traces_are_redacted(
    written: tuple[logging.Logger, io.StringIO],
) -> None:
    logger, output = written
    logger.warning("client_secret=%s", CANARY)
    logger.warning(f"%s has no argument to fit token={CANARY}", "one", "two")  # noqa: G004
    try:
        int(f'{{"access_token": "{CANARY}"}}')
    except ValueError:
        logger.exception("it failed")
    text = output.getvalue()
    assert "it failed" in text
    assert "ValueError" in text
    assert CANARY not in text


def test_redacting_twice_wraps_once() -> None:
    before = logging.getLogRecordFactory()
    try:
        redact_all_logs()
        once = logging.getLogRecordFactory()
        redact_all_logs()
        assert logging.getLogRecordFactory() is once
    finally:
        logging.setLogRecordFactory(before)
