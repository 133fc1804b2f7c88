"""Everything behind the pages of Box Runbook; the floors are in `pyproject.toml`."""
