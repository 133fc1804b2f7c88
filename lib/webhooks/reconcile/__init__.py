"""Compares the event stream with what webhooks delivered."""
