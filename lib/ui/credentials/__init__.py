"""The page Credentials."""
