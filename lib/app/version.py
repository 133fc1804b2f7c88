"""The version of the app, as the changelog has it."""

from typing import Final

VERSION: Final = "0.1.0"
