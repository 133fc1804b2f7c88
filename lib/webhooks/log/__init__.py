"""The log of deliveries: which, how many, how quick, and what they say about webhooks."""
