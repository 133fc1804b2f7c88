"""The host's settings, read once and frozen: profiles, retention, watching, access."""
