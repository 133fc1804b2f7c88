"""The checks themselves, by subject; each module lists its own as `CHECKS`."""
