"""Activity in a real browser: its figures are the sandbox's truth, before and after a click."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage, StillApp, settled
from tests.slices import Record, taken

pytestmark = pytest.mark.browser


SEGMENTS = (("stacked", 0), ("stacked", 1), ("lines", 0), ("stacked", 3), ("share", 1))
"""Ways to draw the chart of categories, each with a trace that is clicked."""


def metric(page: Page, label: str) -> int:
    """The figure of a metric, as a number."""
    box = page.get_by_test_id("stMetric").filter(has_text=label).first
    return int(box.get_by_test_id("stMetricValue").inner_text().replace(",", ""))


def click_first_bar(page: Page, chart: str) -> None:
    """Click the first bar of the chart with that key prefix."""
    bar = page.locator(f"[class*='st-key-{chart}'] .barlayer .point").first
    bar.wait_for()
    bar.scroll_into_view_if_needed()
    box = bar.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)


def parameters(page: Page) -> dict[str, list[str]]:
    return parse_qs(urlsplit(page.url).query)


def test_totals_are_the_truth_before_and_after_each_click(
    still: StillApp, open_page: OpenPage
) -> None:
    """People hidden, people shown, one type left out, another one kept."""
    page = open_page(f"{still.app.url}/activity?period=365d")
    settled(page)
    total = still.truth["events"]["total"]
    text = page.get_by_text(re.compile(r"by service and app users hidden")).inner_text()
    hidden = int(re.findall(r"([\d,]+) by service", text)[0].replace(",", ""))
    assert hidden > 0
    assert metric(page, "Events") + hidden == total
    page.get_by_text(re.compile(r"^Service and app users")).click()
    page.wait_for_url(re.compile(r"people=all"))
    settled(page)
    assert metric(page, "Events") == total

    clicks_mean(page, "Exclude")
    click_first_bar(page, "top-type-")
    page.wait_for_url(re.compile(r"not_type="))
    settled(page)
    most, second = sorted(still.truth["events"]["by_type"].items(), key=lambda one: -one[1])[:2]
    assert parameters(page)["not_type"] == [most[0]]
    assert metric(page, "Events") == total - most[1]

    clicks_mean(page, "Filter")
    click_first_bar(page, "top-type-")
    page.wait_for_url(re.compile(r"[?&]type="))
    settled(page)
    assert (parameters(page)["type"], metric(page, "Events")) == ([second[0]], second[1])


def test_an_ip_filter_stays_out_of_the_address(still: StillApp, open_page: OpenPage) -> None:
    page = open_page(f"{still.app.url}/activity?period=365d")
    settled(page)
    before = page.url
    click_first_bar(page, "top-ip-")
    expect(page.get_by_text("A link to this page leaves out")).to_be_visible()
    assert page.url == before


def clicks_mean(page: Page, what: str) -> None:
    """Choose what a click on a bar does."""
    page.get_by_role("radio", name=what, exact=True).click()  # not “Filters”
    expect(page.get_by_role("radio", name=what, exact=True)).to_be_checked()
    settled(page)


def test_a_shared_link_shows_the_same_figures(still: StillApp, open_page: OpenPage) -> None:
    day = sorted(still.days)[-3]
    link = f"/activity?from={day}T00:00:00Z&to={day}T23:59:59Z&people=all"
    page = open_page(still.app.url + link)
    settled(page)
    assert abs(metric(page, "Events") - still.days[day]) <= 1  # its last second is left out


def test_a_row_shows_its_event_as_it_was_sent_and_anybody_of_it_is_found_by_keyboard(
    still: StillApp, open_page: OpenPage
) -> None:
    page = open_page(f"{still.app.url}/activity?period=30d&people=all")
    settled(page)
    table = page.get_by_test_id("stDataFrame").last
    table.scroll_into_view_if_needed()
    box = table.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + 400, box["y"] + 120)  # a cell, not the tick in front of its row
    expect(page.get_by_text('"event_type"').first).to_be_visible()
    person = page.locator(".st-key-open-event-actor button").first
    person.wait_for()
    name = person.inner_text().split("\n")[-1].strip()
    page.get_by_role("button", name=re.compile(r"Find$")).first.press("Enter")
    page.get_by_placeholder("Name, login or ID").press_sequentially(name.upper())
    found = page.locator("[class*=st-key-find-actor] button").first
    expect(found).to_contain_text(name)
    found.press("Enter")
    page.wait_for_url(re.compile(r"[?&]open=actor~\w+"))
    assert name.split()[0] not in page.url
    expect(page.get_by_role("heading", name=name)).to_be_visible()


def test_a_download_is_for_this_browser_alone(still: StillApp, open_page: OpenPage) -> None:
    page = open_page(f"{still.app.url}/activity?period=7d&people=all")
    settled(page)
    page.get_by_role("button", name=re.compile(r"Download$")).last.click()
    for label, first in (("CSV", b"csv_schema,"), ("JSON Lines", b'{"event_id"')):
        link = page.get_by_role("link", name=re.compile(label))
        link.wait_for()
        address = str(link.get_attribute("href"))
        assert still.app.get(urlsplit(address).path).status_code == 404
        answer = page.context.request.get(still.app.url + urlsplit(address).path)
        assert answer.status == 200
        assert answer.body().startswith(first)
        lines = answer.body().count(b"\n") - (label == "CSV")
        assert lines == metric(page, "Events"), label


def test_a_drag_across_the_chart_zooms_into_its_time(still: StillApp, open_page: OpenPage) -> None:
    page = open_page(f"{still.app.url}/activity?period=30d&people=all")
    settled(page)
    chart = page.locator("[class*='st-key-series-'] .nsewdrag").first
    chart.scroll_into_view_if_needed()
    box = chart.bounding_box()
    assert box is not None
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] * 0.40, middle)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.60, middle, steps=8)
    page.mouse.up()
    page.wait_for_url(lambda url: "from=" in url and "to=" in url)
    settled(page)
    first, last = parameters(page)["from"][0][:10], parameters(page)["to"][0][:10]
    inside = sum(n for day, n in still.days.items() if first <= day < last)
    assert metric(page, "Events") == inside


def click_mark(page: Page, chart: str, trace: int) -> str:
    """Click the mark with the most events of a trace; what hovering says of it."""
    mark = page.wait_for_function(
        """([chart, trace]) => {
            const part = document.querySelectorAll(`[class*='st-key-${chart}'] .trace`)[trace];
            const marks = [...(part?.querySelectorAll('.point, .points path') ?? [])];
            const most = mark => mark.__data__.mc ?? mark.__data__.y;
            return marks.sort((a, b) => most(b) - most(a))[0];
        }""",
        arg=[chart, trace],
    ).as_element()
    assert mark is not None
    mark.scroll_into_view_if_needed()
    box = mark.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    said = page.locator(f"[class*='st-key-{chart}'] .hoverlayer .hovertext").first
    said.wait_for()
    text = str(said.text_content())
    page.mouse.down()
    page.mouse.up()
    return text


def test_a_click_keeps_a_segment_and_a_cell_of_the_week(
    still: StillApp, open_page: OpenPage, record_property: Record
) -> None:
    link = f"{still.app.url}/activity?period=30d&people=all&draw="
    page = open_page("about:blank")
    for drawn, trace in taken(record_property, "clicks on Activity", SEGMENTS, 2):
        page.goto(link + drawn)
        settled(page)
        said = click_mark(page, "series-", trace)
        page.wait_for_url(re.compile("[?&]category="))
        assert parameters(page)["category"][0] in said, drawn
    page.goto(f"{link}stacked")
    settled(page)
    said = click_mark(page, "week-", 0)
    page.wait_for_url(re.compile("[?&]hour="))
    settled(page)
    assert said.endswith(f"{metric(page, 'Events'):,} events")
    page.get_by_role("button", name=re.compile("^Hour of the week: .* to .* \\(UTC\\)")).click()
    page.wait_for_url(lambda url: "hour=" not in url)


def test_what_is_imported_is_seen_before_and_found_after_though_it_is_years_old(
    still: StillApp, open_page: OpenPage
) -> None:
    page = open_page(still.app.url)
    settled(page)
    lines = [f"2023-11-0{n} 09:00,ada@acme.test,Downloaded,Q{n}.pdf" for n in range(1, 6)]
    report = "\r\n".join(["Date,User Email,Action,Affected", *lines]).encode()
    page.locator("input[type=file]").set_input_files(
        {"name": "report.csv", "mimeType": "text/csv", "buffer": report}
    )
    expect(page.get_by_text("The first 5 as they will be imported.")).to_be_visible()
    page.get_by_role("button", name="Import 5 events").click()
    page.get_by_role("link", name="See these events").wait_for()
    settled(page)
    page.get_by_role("link", name="Chart the imported events").click()
    expect(page.get_by_role("heading", name="Activity", level=1)).to_be_visible()
    settled(page)
    assert metric(page, "Events") == 5
