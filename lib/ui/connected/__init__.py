"""The page Connected."""
