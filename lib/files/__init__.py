"""What an identity sees: folders, items, search, and two sides compared."""
