"""What others wrote is shown as they wrote it, and never becomes markup."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.core.texts import ago, md, plural, span
from lib.ui.components.charts.axis_labels import distinct_labels, shorten

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    "hostile",
    ["[click](https://evil.example)", ":material/delete:", "$x^2$", "<b>", "![](x)", "`a`", "# h"],
)
def test_every_mark_of_markdown_is_escaped(hostile: str) -> None:
    escaped = md(hostile).replace(NOTHING, "")
    for mark in "[]()<>:$`#!":
        assert escaped.count("\\" + mark) == escaped.count(mark)


#: What remark-gfm, remark-emoji and Streamlit's own plugins look for in a text, once its escapes
#: are undone and wherever no element stands in between.
FOUND_BY_PLUGINS = re.compile(
    r"(?i)(?:https?://|www(?=\.))[-.\w]+"
    r"|[-.\w+]+@[-\w]+(?:\.[-\w]+)+"
    r"|:[\w+-]+:|:material/"
    r"|(?:^|\s)(?:<->|->|<-|--|>=|<=|~=)(?:\s|$)",
    re.ASCII,
)
NOTHING = ":small[]"
ADDRESSES = (
    *("https://evil.example/x", "HTTP://Evil.example:80/?q=1#x", "www.evil.example", "WwW.x.y"),
    *("a@evil.example", "a.b+c@-x.evil.example", "mailto:a@evil.example", "https://a@b.example"),
    *("x :tada: y", ":+1:", ":material/delete:", ":streamlit:", "::a::b::"),
    *("a -> b", "--", "a <-> b <- c", "1 >= 2 <= 3", "a ~= b", "-> <- -- ->"),
)


def texts_of(source: str) -> list[str]:
    """The text nodes that Markdown makes of it: between elements, escapes undone."""
    return [re.sub(r"\\(.)", r"\1", one) for one in re.split(r"(?<!\\):small\[\]", source)]


def test_nothing_in_a_name_becomes_a_link_an_icon_or_another_character() -> None:
    for hostile in ADDRESSES:
        assert FOUND_BY_PLUGINS.search(hostile), hostile
        assert not any(map(FOUND_BY_PLUGINS.search, texts_of(md(hostile)))), hostile
        # Streamlit looks for this one in the source, before anything is read as Markdown.
        assert ":material/" not in md(hostile), hostile


@given(st.text() | st.lists(st.sampled_from((*ADDRESSES, " ", NOTHING, "\\"))).map("".join))
def test_regression_what_is_shown_is_the_text_itself_without_a_character_more(text: str) -> None:
    texts = texts_of(md(text))
    assert "".join(texts) == " ".join(text.split())
    assert not any(map(FOUND_BY_PLUGINS.search, texts))


@given(st.text())
def test_a_label_of_a_chart_has_no_markup(text: str) -> None:
    label = shorten(text)
    assert "<" not in label
    assert ">" not in label


def test_two_of_one_name_are_told_apart_by_their_ids() -> None:
    long = "Company policies and handbook of all sites"
    shown = distinct_labels(
        ["Planning", "Tooling", "Planning", long], ["1234567", "2", "7654321", "3"]
    )
    assert shown == ["Planning …34567", "Tooling", "Planning …54321", shorten(long)]
    assert distinct_labels([long, long], ["<b>12345", "<b>"]) == [
        "Company policies a… …12345",
        "Company policies a… …&lt;b&gt;",
    ]


def test_numbers_and_times_in_words() -> None:
    assert plural(1, "event") == "1 event"
    assert plural(12345, "event") == "12,345 events"
    assert ago(NOW - timedelta(minutes=5), NOW) == "5 minutes ago"
    assert ago(NOW + timedelta(minutes=5), NOW) == "just now"
    assert ago(NOW - timedelta(days=59), NOW) == "59 days ago"
    assert ago(NOW - timedelta(days=92), NOW) == "3 months ago"
    assert ago(NOW - timedelta(days=1297), NOW) == "3 years ago"
    assert span(timedelta(days=30)) == "30 days"
    assert span(timedelta(hours=24)) == "24 hours"
