"""The app's pages without a browser: the real page script, the real runtime, the real sandbox."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Selectbox

from lib.app import stop_background
from tests.sandbox_server import ROOT, SandboxServer

MAIN = ROOT / "lib" / "ui" / "main.py"


@pytest.fixture
def page_app(
    sandbox: SandboxServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[AppTest]:
    """The app over the shared sandbox, not yet on a page; its runtime ends with the test."""
    monkeypatch.setenv("BOX_RUNBOOK_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("BOX_RUNBOOK_SANDBOX", sandbox.url)
    stop_background()
    yield AppTest.from_file(str(MAIN), default_timeout=60)
    stop_background()


def go(app: AppTest, page: str) -> AppTest:
    """The app on one of its pages."""
    app.run()
    return app.switch_page(f"../../pages/{page}.py").run()


def switcher(app: AppTest) -> Selectbox[str]:
    """The choice of the profile in the sidebar."""
    return next(one for one in app.selectbox if one.label == "Profile")


def texts(app: AppTest) -> str:
    """Everything that stands on the page, one text after the other, without Markdown's escapes."""
    kinds = (app.markdown, app.caption, app.success, app.error, app.info, app.code, app.title)
    found = [str(element.value) for kind in kinds for element in kind]
    found += [str(table.value.to_csv()) for table in app.table]
    return re.sub(r"\\(?=[^A-Za-z0-9\s])", "", "\n".join(found))
