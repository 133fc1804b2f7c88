"""What the event stream tells against what webhooks brought."""
