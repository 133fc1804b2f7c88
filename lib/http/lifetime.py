"""What must be closed, by itself or at the end of a `with`; clients end with their HTTP client."""

from abc import ABC, abstractmethod
from types import TracebackType
from typing import Self

import httpx


class Closable(ABC):
    """Something that holds connections and lets go of them."""

    @abstractmethod
    def close(self) -> None:
        """Let go."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


class Closing(Closable):
    """A client over one HTTP client."""

    http: httpx.Client

    def close(self) -> None:
        """Close the HTTP client below."""
        self.http.close()
