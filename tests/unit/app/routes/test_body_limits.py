"""Bodies above the limit are refused with 413, whether their length is said, hidden or a lie."""

import inspect
from collections.abc import AsyncIterator
from typing import Any

import pytest
import starlette.requests
from starlette.applications import Starlette
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartParser
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from streamlit.web.server.starlette import starlette_routes

from lib.app.routes.body_limits import BodyLimit
from tests.asgi import ask


async def _length(request: Request) -> Response:
    return PlainTextResponse(str(len(await request.body())))


APP = Starlette(
    routes=[
        Route("/take", _length, methods=["POST"]),
        Route("/_stcore/upload_file/a", _length, methods=["POST"]),
    ],
    middleware=[Middleware(BodyLimit, max_bytes=100, max_upload_bytes=1000)],
)


async def _chunks(count: int) -> AsyncIterator[bytes]:
    for _ in range(count):
        yield b"x" * 40


@pytest.mark.parametrize(
    "path,size,status",
    [
        ("/take", 100, 200),
        ("/take", 101, 413),
        ("/_stcore/upload_file/a", 1000, 200),
        ("/_stcore/upload_file/a", 1001, 413),
    ],
)
def test_a_body_that_says_its_length(path: str, size: int, status: int) -> None:
    answer = ask(APP, "POST", path, content=b"x" * size)
    assert answer.status_code == status


@pytest.mark.parametrize("count,status", [(2, 200), (3, 413)])
def test_a_chunked_body_is_counted_while_it_arrives(count: int, status: int) -> None:
    answer = ask(APP, "POST", "/take", content=_chunks(count))
    assert answer.status_code == status
    if status == 413:
        assert answer.json()["ok"] is False


def test_a_length_that_is_no_number_does_not_get_past_the_count() -> None:
    headers = {"Content-Length": "-5"}
    answer = ask(APP, "POST", "/take", content=_chunks(5), headers=headers)
    assert answer.status_code == 413


def test_an_upload_stays_in_memory_whole() -> None:
    """Pins what the override relies on: Streamlit's route, Starlette's parser, and its limit."""
    from_streamlit = inspect.getsource(starlette_routes)
    assert "await limited_request.form()" in from_streamlit
    assert vars(starlette.requests)["MultiPartParser"] is MultiPartParser
    rolled: list[bool] = []

    async def take(request: Request) -> Response:
        upload = (await request.form())["file"]
        assert isinstance(upload, UploadFile)
        spooled: Any = upload.file
        rolled.append(spooled._rolled)
        await upload.close()
        return PlainTextResponse(str(upload.size))

    route = Route("/_stcore/upload_file/a", take, methods=["POST"])
    app = Starlette(routes=[route], middleware=[Middleware(BodyLimit)])
    size = 20 * 1024 * 1024
    body = (
        b'--b\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\n'
        + b"x" * size
        + b"\r\n--b--\r\n"
    )
    kind = {"Content-Type": "multipart/form-data; boundary=b"}
    answer = ask(app, "POST", "/_stcore/upload_file/a", content=body, headers=kind)
    assert (answer.status_code, answer.text) == (200, str(size))
    assert rolled == [False]


def test_all_uploads_together_are_bounded_and_given_back() -> None:
    limit = Middleware(BodyLimit, max_upload_bytes=1000, max_uploads_bytes=500)
    app = Starlette(routes=APP.routes, middleware=[limit])
    for size, status in ((501, 503), (500, 200), (500, 200)):
        answer = ask(app, "POST", "/_stcore/upload_file/a", content=b"x" * size)
        assert answer.status_code == status
