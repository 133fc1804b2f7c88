"""Webhooks, tab Reconciliation."""
