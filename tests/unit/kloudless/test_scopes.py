"""Scopes of a sign-in are read before they are sent."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.core.errors import RunbookError
from lib.kloudless.scopes import LONGEST, OFFERED, ScopeEntry, read_scope, wants_admin
from lib.sandbox.kloudless import scopes as sandbox_scopes


def raw(service: str, permission: str) -> ScopeEntry:
    return ScopeEntry(service, api="storage", permission=permission, raw=True)


@pytest.mark.parametrize(
    "text, entries",
    [
        ("box", [ScopeEntry("box")]),
        ("box:admin", [ScopeEntry("box", admin=True)]),
        ("box:normal.storage", [ScopeEntry("box", api="storage")]),
        ("box:admin.storage", [ScopeEntry("box", admin=True, api="storage")]),
        (
            "any.storage box:admin",
            [ScopeEntry("any", api="storage"), ScopeEntry("box", admin=True)],
        ),
        ("  box   storage ", [ScopeEntry("box"), ScopeEntry("storage")]),
        (
            'gdrive.storage."https://a.example/x y, z":raw',
            [raw("gdrive", "https://a.example/x y, z")],
        ),
        ("box.storage.default:raw", [raw("box", "default")]),
    ],
)
def test_a_scope_is_read_as_its_grammar_has_it(text: str, entries: list[ScopeEntry]) -> None:
    assert list(read_scope(text)) == entries


@pytest.mark.parametrize(
    "text, words",
    [
        ("", "scope is empty"),
        ("   ", "scope is empty"),
        ("box,storage", "comma"),
        ("Box", "lower case"),
        ("box:Admin", "account type"),
        ("box:superadmin.storage", "account type"),
        ("box:", "account type"),
        ("box..storage", "isn't a scope entry"),
        ("box.storage.read:kloudless", "Only :raw"),
        ('gdrive.storage."x', "quotation mark isn't closed"),
        ('gdrive.storage."x"', "ends in :raw"),
        ("box box:admin:storage", "account type"),
        ("https://example.com", "account type"),
        ("box&state=x", "isn't a scope entry"),
        ("x" * (LONGEST + 1), "longer than"),
    ],
)
def test_a_slip_is_named(text: str, words: str) -> None:
    with pytest.raises(RunbookError) as caught:
        read_scope(text)
    assert words in f"{caught.value.message} {caught.value.fix}"
    assert caught.value.fix


def test_who_asks_for_an_administrator_is_reported_so() -> None:
    assert wants_admin(read_scope("storage box:admin"))
    assert not wants_admin(read_scope("box:normal.storage"))


@pytest.mark.parametrize("scope", OFFERED)
def test_what_is_offered_is_a_scope_for_both_readings_of_the_grammar(scope: str) -> None:
    ours, theirs = read_scope(scope), sandbox_scopes.parse(scope)
    assert [entry.admin for entry in ours] == [entry.admin for entry in theirs]


def entries_of(text: str) -> tuple[ScopeEntry, ...] | RunbookError:
    try:
        return read_scope(text)
    except RunbookError as error:
        return error


@given(st.text(max_size=200))
def test_any_text_is_a_scope_or_is_refused_in_a_line(text: str) -> None:
    found = entries_of(text)
    assert len(found.message) < 200 if isinstance(found, RunbookError) else found


PIECES = st.sampled_from(
    ["box", "any", "storage", ":admin", ":normal", ".storage", ".", ":", '"', " ", ":raw"]
)


@given(st.lists(PIECES, max_size=8).map("".join))
def test_what_we_let_through_the_other_reading_lets_through_too(text: str) -> None:
    ours = entries_of(text)
    if isinstance(ours, RunbookError):
        return
    try:
        theirs = [entry.admin for entry in sandbox_scopes.parse(text)]
    except sandbox_scopes.BadScope as error:
        if "No service" in str(error):
            return  # only Kloudless knows its services
        raise
    assert [entry.admin for entry in ours] == theirs
