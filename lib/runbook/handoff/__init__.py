"""Hand-off cards and texts for other people."""
