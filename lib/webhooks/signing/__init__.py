"""Signatures of deliveries: parsing, diagnosing, rotating keys, sending signed ones."""
