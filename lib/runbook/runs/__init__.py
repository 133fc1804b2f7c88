"""Runs: the record of following a road, as a file and as a report."""
