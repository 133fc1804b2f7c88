"""The settings JSON of a Box app: read out of whatever was handed in, and judged."""
