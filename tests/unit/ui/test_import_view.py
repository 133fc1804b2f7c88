"""A file that is dropped on Overview, without any credentials."""

from collections.abc import Iterator

import pytest
from streamlit.testing.v1 import AppTest

from lib.server import current
from tests.sandbox_server import SandboxServer, running_sandbox
from tests.unit.ui.credentials_app import go, page_app, switcher, texts

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
    assert figures(app)["Refused rows"] == "1"
    assert "Downloaded as DOWNLOAD" in texts(app)
    app = app.button(key="import.go").click().run()
    assert not app.exception
    assert "2 events imported" in texts(app)
    assert str(switcher(app).value).startswith("session-")
    assert "2 events of imported files" in texts(app)
    app = drop(app, REPORT.encode())
    app = app.button(key="import.go").click().run()
    assert "0 events imported" in texts(app)
    for name in PAGES:
        app = app.switch_page(f"../../pages/{name}.py").run()
        assert not app.exception, name
        assert "could not be shown" not in texts(app), name
    app = go(app, "overview")
    forget = next(one for one in app.button if one.label == "Forget what was imported")
    app = forget.click().run()
    runtime = current()
    assert runtime is not None
    assert len(runtime.sessions) == 0
    assert not str(switcher(app).value).startswith("session-")


def test_a_file_that_is_nothing_says_what_to_do(page_app: AppTest) -> None:
    app = drop(page_app.run(), b"\x89PNG\r\n\x00\x00", "cat.csv")
    assert not app.exception
    assert "Say which they are" in "\n".join(str(one.value) for one in app.warning)
    assert app.button(key="import.go").disabled
