"""Bodies above the limit are refused with 413, whether their length is said, hidden or a lie."""

from collections.abc import AsyncIterator

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

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
