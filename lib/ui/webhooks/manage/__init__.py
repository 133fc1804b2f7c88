"""Webhooks, tab Management."""
