"""Health: verdicts over time, incidents, and alerts."""
