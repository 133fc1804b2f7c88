"""Who gets the button for the diagnostics file, and which texts name it."""

import ast
import re
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from lib.core.causes import all_causes
from lib.core.errors import REPORT_WITH, RunbookError, Who
from lib.ui.shell.boundary import WHO
from tests.sandbox_server import ROOT


def _page(reason: str) -> None:
    from pathlib import Path  # noqa: PLC0415  # AppTest runs this function by its source alone

    from lib.app import Runtime  # noqa: PLC0415  # as above
    from lib.settings.access import Decision, Reason  # noqa: PLC0415  # as above
    from lib.settings.profiles import Settings  # noqa: PLC0415  # as above
    from lib.ui.shell.diagnostics import diagnostics_button  # noqa: PLC0415  # as above

    chosen = Reason(reason)
    runtime = Runtime(Settings(Path("nowhere"), {}))
    diagnostics_button(runtime, Decision(chosen is not Reason.LOCKED, chosen, ""))


@pytest.mark.parametrize(
    "reason, buttons", [("loopback", 1), ("open", 0), ("locked", 0), ("sign_in_missing", 0)]
)
def test_only_who_may_see_settings_gets_the_button(reason: str, buttons: int) -> None:
    app = AppTest.from_function(_page, kwargs={"reason": reason}, default_timeout=60).run()
    assert not app.exception
    assert len(app.get("download_button")) == buttons


def test_every_text_that_asks_for_a_report_names_the_file() -> None:
    """In the code every literal with “report it”; in the data every row."""
    asks = re.compile(r"\b[Rr]eport it\b|\b[Tt]ell whoever hosts")
    lacking = []
    for path in sorted(Path(ROOT / "lib").rglob("*.py")):
        source = path.read_text(encoding="utf-8")
        if not asks.search(source):
            continue
        tree = ast.parse(source)
        docstrings = {id(n.value) for n in ast.walk(tree) if isinstance(n, ast.Expr)}
        inside = {
            id(part)
            for node in ast.walk(tree)
            if isinstance(node, ast.JoinedStr)
            and any("REPORT_WITH" in ast.unparse(value) for value in node.values)
            for part in ast.walk(node)
        }
        lacking += [
            f"{path.parent.name}/{path.name}:{node.lineno}"
            for node in ast.walk(tree)
            if isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and asks.search(node.value)
            and id(node) not in inside | docstrings
        ]
    # the app's error on a page has the sentence in its last line
    assert [one for one in lacking if not one.startswith("shell/words.py")] == []
    for row in all_causes():
        if asks.search(row.fix) and row.who is Who.THIS_APP:
            assert REPORT_WITH in row.fix, row.id
    assert WHO[Who.THIS_APP].endswith(REPORT_WITH)
    for name in ("README.md", "SECURITY.md"):
        text = (ROOT / name).read_text(encoding="utf-8")
        assert "Download diagnostics" in text, name
        assert "python -m lib diagnostics --out FILE" in text, name


def _fault(fix: str) -> None:
    from lib.core.errors import RunbookError, Who  # noqa: PLC0415  # as above
    from lib.ui.shell.boundary import show_error, show_unexpected  # noqa: PLC0415  # as above

    show_error(RunbookError("It failed.", cause="", fix=fix, who=Who.THIS_APP))
    show_unexpected(ValueError("zelda"))


def test_a_fault_on_a_page_names_the_file_once() -> None:
    app = AppTest.from_function(_fault, kwargs={"fix": f"Again. {REPORT_WITH}"}).run(timeout=60)
    for shown in app.error:
        assert str(shown.value).count("Download diagnostics") == 1
        assert str(shown.value).count("python -m lib diagnostics --out FILE") == 1
    assert len(app.error) == 2


def test_the_command_line_names_the_file_too() -> None:
    from lib.cli import _unexpected  # noqa: PLC0415  # what a fault of a command says

    reported: RunbookError = _unexpected(ValueError("zelda"))
    assert REPORT_WITH in reported.fix
