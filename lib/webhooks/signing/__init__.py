"""Signatures of deliveries: parsing, diagnosing, exchanging keys, sending signed ones."""
