"""The page Runbook."""
