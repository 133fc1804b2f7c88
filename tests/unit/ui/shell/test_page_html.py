"""The HTML each page starts from."""

import re
from pathlib import Path

import pytest
from starlette.applications import Starlette
from streamlit import config, file_util

from lib.app.asgi import routes
from lib.ui.shell.navigation import available
from lib.ui.shell.page_html import documents
from tests.asgi import ask

STATIC = Path(file_util.get_static_dir())
HINT = re.compile(r"<script>\(.*?</script>\n|<link rel=\"modulepreload\"[^>]*>\n(?=<)", re.DOTALL)


def test_each_page_starts_from_streamlits_own_html_and_hints() -> None:
    plain = (STATIC / "index.html").read_text("utf-8")
    found = documents()
    assert set(found) == {spec.name for spec in available()}
    for name, html in found.items():
        assert f'const page = "/" + "{name}"' in html
        assert HINT.sub("", html) == plain


@pytest.mark.parametrize(
    "name, libraries",
    [
        ("activity", ["PlotlyChart"]),
        ("webhooks", ["PlotlyChart", "DataFrame"]),
        ("credentials", []),
    ],
)
def test_what_a_page_draws_with_is_a_file_that_streamlit_has(
    name: str, libraries: list[str]
) -> None:
    html = documents()[name]
    ahead = re.findall(
        r'^<link rel="modulepreload" crossorigin href="\./(.*)">$', html, re.MULTILINE
    )
    assert [Path(path).name.split(".")[0] for path in ahead] == libraries
    assert all((STATIC / path).is_file() for path in ahead)


def test_below_a_base_path_streamlit_serves_its_own() -> None:
    before = config.get_option("server.baseUrlPath")
    config.set_option("server.baseUrlPath", "box")
    try:
        assert documents() == {}
    finally:
        config.set_option("server.baseUrlPath", before)


@pytest.mark.parametrize("text", [None, "", "<html></html>", '<script type="module"' * 2])
def test_html_of_another_shape_is_left_to_streamlit(
    text: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if text is not None:
        (tmp_path / "index.html").write_text(text)
    monkeypatch.setattr(file_util, "get_static_dir", lambda: str(tmp_path))
    assert documents() == {}


def test_a_library_that_is_named_otherwise_is_not_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "index.html").write_text('<script type="module" src="./a.js"></script>')
    monkeypatch.setattr(file_util, "get_static_dir", lambda: str(tmp_path))
    assert "modulepreload" not in documents()["activity"]


def test_a_page_is_asked_for_anew_each_time_and_takes_no_other_method() -> None:
    app = Starlette(routes=routes({"activity": "<p>hello</p>"}))
    answer = ask(app, "GET", "/activity")
    assert (answer.status_code, answer.text) == (200, "<p>hello</p>")
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "no-cache"
    assert ask(app, "HEAD", "/activity").status_code == 200
    assert ask(app, "POST", "/activity").status_code == 405
