"""What is typed into the search form: a query, or what is wrong and how to put it right."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.files.search import Form, query_of
from lib.files.source import ItemRef, SearchQuery


def test_a_filled_form_is_a_query() -> None:
    form = Form(
        words="  plan ",
        kind="file",
        extensions=".pdf, docx;pdf",
        owners="12 34",
        created_from=date(2026, 11, 1),
        updated_to=date(2026, 11, 2),
        size_from=1.5,
        everywhere=True,
    )
    query, problems = query_of(form, ZoneInfo("Europe/Berlin"), below=ItemRef("7"))
    assert problems == ()
    assert query == SearchQuery(
        words="plan",
        kind="file",
        extensions=("pdf", "docx"),
        created=(datetime(2026, 10, 31, 23, tzinfo=UTC), None),
        updated=(None, datetime(2026, 11, 2, 22, 59, 59, tzinfo=UTC)),
        size=(1_500_000, None),
        owners=("12", "34"),
        below=ItemRef("7"),
        everywhere=True,
    )
    assert query.box_only


@pytest.mark.parametrize(
    "form, said",
    [
        (Form(), "Enter a word"),
        (Form(words=" \t"), "Enter a word"),
        (Form(words="a" * 501), "too long"),
        (Form(words="a", extensions="p/f"), "“p/f” isn't a file extension"),
        (Form(words="a", owners="ada@example.com"), "isn't a Box user ID"),
        (Form(words="a", size_from=2, size_to=1), "“size” ends before it starts"),
        (
            Form(words="a", created_from=date(2026, 2, 1), created_to=date(2026, 1, 1)),
            "“created” ends before it starts",
        ),
    ],
)
def test_what_is_wrong_is_said_with_its_cure(form: Form, said: str) -> None:
    query, problems = query_of(form, UTC)
    assert query is None
    assert any(said in one for one in problems)


def test_everything_that_is_wrong_is_said_at_once() -> None:
    assert len(query_of(Form(extensions="??", owners="x"), UTC)[1]) == 3


@given(st.text(), st.text(), st.text())
def test_no_text_breaks_the_form(words: str, extensions: str, owners: str) -> None:
    query, problems = query_of(Form(words=words, extensions=extensions, owners=owners), UTC)
    assert (query is None) is bool(problems)


def test_a_plain_search_needs_nothing_of_box_alone() -> None:
    query, _ = query_of(Form(words="a"), UTC, below=ItemRef("7"))
    assert query is not None
    assert not query.box_only
