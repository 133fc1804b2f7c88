"""Clients end with the HTTP client below them."""

from types import TracebackType
from typing import Self

import httpx


class Closing:
    """A client that can be closed, by itself or at the end of a `with`."""

    http: httpx.Client

    def close(self) -> None:
        """Close the HTTP client below."""
        self.http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
