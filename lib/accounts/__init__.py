"""People, groups and connected accounts: as rows, fetched page by page, and changed."""
