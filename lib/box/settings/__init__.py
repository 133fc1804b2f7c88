"""The settings JSON of a Box app: read from any upload or paste, and checked."""
