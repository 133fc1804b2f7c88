"""Which version of the app this is; `CHANGELOG.md` and `pyproject.toml` say the same."""

from typing import Final

VERSION: Final = "0.2.0"
