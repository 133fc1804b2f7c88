"""What must be true: checks and their verdicts, causes, roads, runs, health.

One registry of checks (`lib.runbook.checks.registry`) serves the *verify* of a runbook step, a
health tile and `python -m lib check`. Nothing in here writes to Box or Kloudless unless a person
allowed it.
"""
