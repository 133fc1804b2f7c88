"""Which Chromium is driven, and how."""

import shutil
from typing import Final

#: The build without a window draws the same pages with a third less work of the processor.
_PROGRAMS: Final = ("chromium-headless-shell", "chromium")
#: In a container a sandbox of its own can't be made, and /dev/shm is small.
ARGUMENTS: Final = ("--no-sandbox", "--disable-dev-shm-usage")


def chromium() -> str | None:
    """Path of the program; None where there is none."""
    return next((path for name in _PROGRAMS if (path := shutil.which(name))), None)
