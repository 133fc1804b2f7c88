"""From a sender to the event store: reading, normalising, draining, renormalising."""
