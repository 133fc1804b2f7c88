"""Receiving deliveries: judged over their raw bytes, kept, answered."""
