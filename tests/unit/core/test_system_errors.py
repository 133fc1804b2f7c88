"""What the system says reaches people by its name, with what mends it."""

import errno
import os

import pytest

from lib.core.errors import StoreError, Who
from lib.core.system_errors import explained, fix_of_engine


@pytest.mark.parametrize(
    "number,fix",
    [
        (errno.ENOSPC, "Make room"),
        (errno.EROFS, "writable"),
        (errno.ENOENT, "store restore"),
        (errno.EISDIR, "Move away"),
        (errno.EIO, "Check the disk"),
    ],
)
def test_a_fault_of_the_system(number: int, fix: str) -> None:
    told = explained(OSError(number, os.strerror(number), "owner.json"), "It can't be written.")
    assert isinstance(told, StoreError)
    assert told.cause == f"{os.strerror(number)} (owner.json)."
    assert fix in told.fix
    assert told.who is Who.YOU


def test_what_is_explained_stays_and_what_nobody_knows_is_ours() -> None:
    known = StoreError("It is so.", cause="", fix="Do this.", who=Who.YOU)
    assert explained(known, "Else.") is known
    unknown = explained(KeyError("a-value"), "It failed.")
    assert unknown.who is Who.THIS_APP
    assert "a-value" not in unknown.cause


@pytest.mark.parametrize(
    "said,fix",
    [
        ("database or disk is full", "Make room"),
        ("database disk image is malformed", "store restore"),
        ("file is not a database", "store restore"),
        ("attempt to write a readonly database", "writable"),
        ("something else", "Check that"),
    ],
)
def test_what_an_engine_says(said: str, fix: str) -> None:
    assert fix in fix_of_engine(said)
