"""The log of deliveries: which, how many, how fast, and what they say about webhooks."""
