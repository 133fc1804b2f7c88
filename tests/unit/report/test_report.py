"""Reports: the same figures in every form, no foreign text that acts, nothing from outside."""

import re
from datetime import UTC, timedelta
from html.parser import HTMLParser
from itertools import pairwise

import pytest
from fpdf import FPDF

from lib.activity.queries.filters import Filters
from lib.report import figures, pdf
from lib.report import html as report_html
from lib.report.forms import make
from lib.report.report import ReportFormat, ReportScope, build
from lib.store import Stores
from tests.unit.activity.samples import DAY, NOW, box_event, marker, memory_stores, put, put_events

HOSTILE = (
    "<script>alert(1)</script>", '"><img src=x onerror=1>', "\u202egpj.exe", "</svg>&amp;",
    "💥 ☃ Ж", "a\nb\x00c", "javascript:1", "x" * 300, "**bold** __under__", "\ud7ff",
)  # fmt: skip


def stores_with(days: int = 10) -> Stores:
    stores = memory_stores()
    events = [
        box_event(
            n,
            at=NOW - timedelta(hours=7 * n + 1),
            created_by={
                "id": str(n % 7),
                "name": HOSTILE[n % len(HOSTILE)],
                "login": f"u{n % 7}@x",
            },
            source={"item_type": "file", "item_id": str(n % 5), "item_name": HOSTILE[n % 9]},
        )
        for n in range(days * 3)
    ]
    put_events(stores, events)
    put(stores, marker(NOW - 8 * DAY, NOW))
    return stores


def scope(label: str = "Acme", zone: str = "Europe/Berlin") -> ReportScope:
    return ReportScope(Filters("acme", NOW - 12 * DAY, NOW), label, zone)


class Elements(HTMLParser):
    """The names and attributes of every element of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def test_hostile_names_are_text_and_nothing_is_loaded() -> None:
    stores = stores_with()
    text = make(stores.events, scope(HOSTILE[0]), ReportFormat.HTML, now=NOW).decode()
    page = Elements(text)
    names = {tag for tag, _ in page.found}
    assert names <= {
        "html", "head", "meta", "title", "style", "body", "main", "h1", "h2", "p", "div", "b", "ul",
        "li", "section", "svg", "rect", "text", "details", "summary", "table", "thead", "tbody",
        "tr", "th", "td",
    }  # fmt: skip
    attributes = {name for _, existing in page.found for name in existing}
    assert not attributes & {"src", "href", "style", "onerror", "action", "srcset", "data"}
    assert not re.search(r"url\(|@import|https?://(?!www\.w3\.org/2000/svg)", text)
    assert "default-src 'none'" in text
    assert "\u202e" not in text
    assert any(HOSTILE[0] in reported for reported in page.texts)
    assert HOSTILE[1] in page.texts
    stores.close()


def test_a_report_says_what_was_not_read_and_what_it_counts() -> None:
    stores = stores_with()
    report = build(stores.events, scope(), now=NOW)
    assert report.known.startswith("Complete to 2026-03-15 13:00 (Europe/Berlin), but not read: ")
    text = report_html.render(report).decode()
    assert "box_stream" in text
    assert "Europe/Berlin" in text
    assert "not read" in text
    assert report.remarks[0].startswith("Not compared with the previous period")
    stores.close()


def test_event_types_have_their_name_with_the_raw_one_beside_it() -> None:
    stores = memory_stores()
    put_events(
        stores,
        [box_event(n, at=NOW - timedelta(minutes=n), event_type="FAILED_LOGIN") for n in (1, 2, 3)],
    )
    report = build(stores.events, scope(), now=NOW)
    [types] = [found for found in report.rankings if found.title == "Event types"]
    assert [(row.label, row.detail) for row in types.rows] == [("Failed login", "FAILED_LOGIN")]
    assert "Failed sign-ins: 3." in report.remarks
    text = report_html.render(report).decode()
    assert "<td>Failed login</td><td>FAILED_LOGIN</td>" in text
    stores.close()


def test_both_forms_have_the_same_figures() -> None:
    stores = stores_with()
    report = build(stores.events, scope(), now=NOW)
    assert sum(bar.total for bar in report.bars) == report.totals.current.events == 30
    assert sum(map(sum, report.heat)) == 30
    drawn: list[str] = []

    class Watched(FPDF):
        """A PDF that remembers what it wrote."""

        def text(self, x: float, y: float, text: str = "") -> None:
            drawn.append(text)
            super().text(x, y, text)

    body = pdf.render(report, Watched(format="A4"))
    assert body.startswith(b"%PDF-")
    assert body.rstrip().endswith(b"%%EOF")
    assert b"/JavaScript" not in body
    html = Elements(report_html.render(report).decode())
    for ranking in report.rankings:
        for part in figures.ranking(ranking).parts:
            if isinstance(part, figures.Words):
                assert part.text in drawn
                assert part.text in html.texts
    stores.close()


@pytest.mark.parametrize("form", list(ReportFormat))
def test_a_report_of_nothing_is_a_file_that_says_so(form: ReportFormat) -> None:
    stores = memory_stores()
    body = make(stores.events, scope(), form, now=NOW.astimezone(UTC))
    if form is ReportFormat.HTML:
        assert "No part of this period was read completely." in body.decode()
    assert len(body) > 1000
    stores.close()


@pytest.mark.parametrize("highest", [0, 1, 3, 4, 7, 99, 12_345, 9_999_999])
def test_the_lines_of_a_chart_are_round_and_few(highest: int) -> None:
    ticks = figures._ticks(highest)
    assert ticks[0] == 0
    assert ticks[-1] <= highest
    assert len(ticks) <= 6
    assert len({b - a for a, b in pairwise(ticks)}) <= 1


def test_a_report_tells_numbers_where_a_percentage_would_tell_nothing() -> None:
    for before, remark in (
        (9, "300 events; the previous period of the same length had 9."),
        (29, "300 events; the previous period of the same length had 29."),
        (30, "+900% events compared with the previous period of the same length (30)."),
        (0, "The previous period of the same length had no events."),
    ):
        stores = memory_stores()
        events = [box_event(n, at=NOW - timedelta(minutes=n + 1)) for n in range(280)]
        events += [box_event(300 + n, at=NOW - n * DAY) for n in range(1, 6)]
        events += [box_event(400 + n, at=NOW - timedelta(days=7, minutes=n)) for n in range(15)]
        earlier = NOW - timedelta(days=20)
        events += [box_event(1000 + n, at=earlier + timedelta(minutes=n)) for n in range(before)]
        put_events(stores, events)
        put(stores, marker(NOW - 30 * DAY, NOW))
        reported = build(stores.events, scope(), now=NOW).remarks
        assert reported[0] == remark, (before, reported)
        assert "times the median" not in reported[1], reported
        assert "280 events, compared with a median of 1" in reported[1], reported
        stores.close()
