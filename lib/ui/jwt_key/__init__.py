"""The page JWT key."""
