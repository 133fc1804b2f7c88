"""A file that is dropped on Overview, without any credentials."""

from collections.abc import Iterator
from urllib.parse import parse_qsl

import pytest
from streamlit.testing.v1 import AppTest

from lib.app import current
from tests.sandbox_server import SandboxServer, running_sandbox
from tests.unit.ui.credentials.credentials_app import go, page_app, switcher, texts

__all__ = ["page_app"]

REPORT = (
    "Date,User Email,Action,Affected\r\n"
    "2025-11-17 15:19,ada@acme.test,Downloaded,**Q1**.pdf\r\n"
    "2025-11-18 15:19,ada@acme.test,Downloaded,Q2.pdf\r\n"
    "never,ada@acme.test,Downloaded,Q2.pdf\r\n"
)
PAGES = ("activity", "accounts", "files", "health", "runbook", "credentials", "jwt_key")


@pytest.fixture(scope="module")
def sandbox() -> Iterator[SandboxServer]:
    """A sandbox that is read in a moment."""
    with running_sandbox(
        "--days", "2", "--events-per-day", "20", "--users", "20", "--no-rate-limits"
    ) as server:
        yield server


def drop(app: AppTest, content: bytes, name: str = "report.csv") -> AppTest:
    return app.file_uploader[0].set_value((name, content, "text/csv")).run()


def figures(app: AppTest) -> dict[str, str]:
    return {metric.label: str(metric.value) for metric in app.metric}


def test_a_report_is_looked_at_imported_once_and_seen_on_every_page(page_app: AppTest) -> None:
    app = drop(page_app.run(), REPORT.encode())
    assert not app.exception
    assert figures(app)["Events"] == "2"
    assert figures(app)["Rejected rows"] == "1"
    assert "Downloaded as DOWNLOAD" in texts(app)
    app = app.button(key="import.go").click().run()
    assert not app.exception
    assert "2 events imported" in texts(app)
    assert str(switcher(app).value).startswith("session-")
    assert "2 imported events" in texts(app)
    app = drop(app, REPORT.encode())
    app = app.button(key="import.go").click().run()
    assert "0 events imported" in texts(app)
    for name in PAGES:
        app = app.switch_page(f"../../pages/{name}.py").run()
        assert not app.exception, name
        assert "could not be shown" not in texts(app), name
    app = go(app, "overview")
    forget = next(one for one in app.button if one.label == "Forget the imported events")
    app = forget.click().run()
    runtime = current()
    assert runtime is not None
    assert len(runtime.sessions) == 0
    assert not str(switcher(app).value).startswith("session-")


def test_a_file_that_is_nothing_says_what_to_do(page_app: AppTest) -> None:
    app = drop(page_app.run(), b"\x89PNG\r\n\x00\x00", "cat.csv")
    assert not app.exception
    assert "Choose these columns below" in "\n".join(str(one.value) for one in app.warning)
    assert app.button(key="import.go").disabled


OLD = (
    "Date,User Email,Action,Affected\r\n"
    + "".join(
        f"2023-11-{1 + n:02d} 09:00,p{n}@acme.test,Downloaded,Q{n}.pdf\r\n" for n in range(22)
    )
    + "2023-11-01 09:00,p0@acme.test,Downloaded,Q0.pdf\r\n"
)
OWN = (
    '{"event_id":"1","source":"box_stream","event_type":"LOGIN",'
    '"occurred_at":"2024-02-01T00:00:00.5Z"}\n'
)


def on_activity(app: AppTest, **asked: str) -> AppTest:
    """Activity as an address opens it; without any, as a link without dates does."""
    app.query_params.clear()
    for name, text in asked.items():
        app.query_params[name] = text
    return app.switch_page("../../pages/activity.py").run()


def links(app: AppTest) -> dict[str, dict[str, str]]:
    """The addresses behind the links to Activity, by their label."""
    found = [one.proto for one in app.get("page_link") if one.proto.page == "activity"]
    return {one.label: dict(parse_qsl(one.query_string)) for one in found}


def test_twenty_rows_are_shown_as_they_will_be_kept(page_app: AppTest) -> None:
    app = drop(page_app.run(), OLD.encode())
    assert "The first 20 as they will be imported" in texts(app)
    shown = next(one.value for one in app.dataframe if "Login" in one.value)
    assert len(shown) == 20
    first = shown.iloc[0]
    assert (first["Type"], first["Login"], first["Item"]) == (
        "DOWNLOAD", "p0@acme.test", "Q0.pdf",
    )  # fmt: skip
    assert list(shown["Login"]).count("p0@acme.test") == 1
    assert "2023-11-01 09:00" in str(first["Time (UTC)"])
    assert "Bytes" not in shown  # no row has one


def test_every_way_to_activity_shows_what_was_imported_years_ago(page_app: AppTest) -> None:
    app = drop(page_app.run(), OLD.encode())
    app = app.button(key="import.go").click().run()
    offered = links(app)
    assert set(offered) >= {"See these events", "See what happened", "Chart the imported events"}
    for label, asked in offered.items():
        app = on_activity(app, **asked)
        assert figures(app)["Events"] == "22", label
    week = app.segmented_control(key="activity.period").set_value("7d").run()
    assert figures(week)["Events"] == "0"
    app = app.segmented_control(key="activity.period").set_value("custom").run()
    assert figures(app)["Events"] == "22"
    assert "from" not in app.query_params


def test_a_link_names_the_source_where_another_is_counted(page_app: AppTest) -> None:
    app = drop(page_app.run(), OWN.encode(), "own.jsonl")
    app = app.button(key="import.go").click().run()
    app = drop(app, OLD.encode())
    app = app.button(key="import.go").click().run()
    offered = links(app)
    assert offered["See these events"]["source"] == "import"
    for label, events in (
        ("See these events", "22"),
        ("Chart the imported events", "22"),
        ("See what happened: 22 events of source import", "22"),
        ("See what happened: 1 event of source box_stream", "1"),
    ):
        assert figures(on_activity(app, **offered[label]))["Events"] == events, label
