"""The deliveries of the newest used days, bounded by their number."""

from collections import OrderedDict
from collections.abc import Callable
from typing import NamedTuple

from lib.sandbox.world.model import Action

_CACHED_DAYS = 16


class Delivery(NamedTuple):
    """An action as a stream hands it out; `key` orders deliveries."""

    key: int
    action: Action


class DayCache:
    """The newest used days, bounded by the number of their events. Not safe for threads."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._days: OrderedDict[object, list[Delivery]] = OrderedDict()
        self._size = 0

    def get(self, key: object, make: Callable[[], list[Delivery]]) -> list[Delivery]:
        """The deliveries of a day, made if they aren't kept."""
        found = self._days.get(key)
        if found is not None:
            self._days.move_to_end(key)
            return found
        found = make()
        self._days[key] = found
        self._size += len(found)
        while len(self._days) > 1 and (self._size > self._most or len(self._days) > _CACHED_DAYS):
            _, dropped = self._days.popitem(last=False)
            self._size -= len(dropped)
        return found
