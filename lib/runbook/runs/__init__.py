"""Runs: the record of a walk along a road, as a file and as a report."""
