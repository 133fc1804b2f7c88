"""What others wrote is shown as they wrote it, and never becomes markup."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.ui.charts import shorten, told_apart
from lib.ui.text import ago, md, plural, span

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    "hostile",
    ["[click](https://evil.example)", ":material/delete:", "$x^2$", "<b>", "![](x)", "`a`", "# h"],
)
def test_every_mark_of_markdown_is_escaped(hostile: str) -> None:
    escaped = md(hostile)
    for mark in "[]()<>:$`#!":
        assert escaped.count("\\" + mark) == escaped.count(mark)


@pytest.mark.parametrize("hostile", ["https://evil.example", "www.evil.example", "a@evil.example"])
def test_an_address_in_a_name_never_becomes_a_link(hostile: str) -> None:
    assert "\u2060" in md(hostile)


@given(st.text())
def test_a_label_of_a_chart_has_no_markup(text: str) -> None:
    label = shorten(text)
    assert "<" not in label
    assert ">" not in label


def test_two_of_one_name_are_told_apart_by_their_ids() -> None:
    long = "Company policies and handbook of all sites"
    shown = told_apart(["Planning", "Tooling", "Planning", long], ["1234567", "2", "7654321", "3"])
    assert shown == ["Planning …34567", "Tooling", "Planning …54321", shorten(long)]
    assert told_apart([long, long], ["<b>12345", "<b>"]) == [
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
