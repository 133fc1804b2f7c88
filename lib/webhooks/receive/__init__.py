"""Receiving deliveries: verified over their raw bytes, stored, answered."""
