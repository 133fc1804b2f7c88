"""Whole packages are loaded by one thread at a time.

A package whose `__init__` loads its modules, and a thread that asks for one of these modules while
another thread is inside that `__init__`, wait for each other: Python then gives up with a
half-loaded module. So the background and the pages load the packages through here, before they
import anything below them.
"""

import atexit
import gc
import sys
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


_seen = 0


def set_aside() -> None:
    """Take what was loaded since the last call out of the garbage collector's sight.

    Streamlit collects after every script run, and nothing else runs meanwhile: with what the first
    runs load that is 40 ms each time. A call costs nothing while no module is new.
    """
    global _seen  # noqa: PLW0603  # one process, one collector
    if len(sys.modules) != _seen:
        _seen = len(sys.modules)
        freeze()


def freeze() -> None:
    """Take all there is out of the collector's sight, until Python ends.

    Then it has to be seen again: an extension module whose objects are never collected reports
    them as leaked on stderr (DuckDB: "nanobind: leaked 84 functions!").
    """
    atexit.unregister(gc.unfreeze)
    atexit.register(gc.unfreeze)
    gc.freeze()
