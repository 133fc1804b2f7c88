"""Whole packages are loaded by one thread at a time.

A package whose `__init__` loads its modules, and a thread that asks for one of these modules while
another thread is inside that `__init__`, wait for each other: Python then gives up with a
half-loaded module. So the background and the pages load the packages through here, before they
import anything below them.
"""

from importlib import import_module
from threading import RLock
from typing import Final

LOADING: Final = RLock()
PACKAGES: Final = ("lib.http", "lib.store", "lib.box", "lib.kloudless")


def load(*names: str) -> None:
    """Load these packages, or wait until another thread has."""
    with LOADING:
        for name in names:
            import_module(name)
