"""Health: verdicts over time, incidents, and who is told."""
