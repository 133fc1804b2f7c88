"""How much of this process's memory the bodies of all requests may hold together."""

from collections.abc import Iterator
from contextlib import contextmanager


class Full(Exception):  # an answer, not a fault
    """The quota is used up."""


class Hold:
    """What one request holds."""

    def __init__(self, quota: "Quota") -> None:
        self._quota = quota
        self.size = 0

    def take(self, size: int) -> None:
        """Hold so many bytes more. Raises Full when all together would hold too many."""
        self._quota.take(size)
        self.size += size


class Quota:
    """Room for so many requests and bytes; of one event loop, so nothing is locked."""

    def __init__(self, *, requests: int, size: int) -> None:
        self._requests = requests
        self._free = size

    @contextmanager
    def hold(self) -> Iterator[Hold]:
        """A place for one request, given back with all that it held. Raises Full."""
        if self._requests <= 0:
            raise Full
        self._requests -= 1
        hold = Hold(self)
        try:
            yield hold
        finally:
            self._requests += 1
            self._free += hold.size

    def take(self, size: int) -> None:
        """Take bytes; the hold that does gives them back."""
        if size > self._free:
            raise Full
        self._free -= size
