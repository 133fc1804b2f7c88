"""The event store: events and deliveries as they are charted, with their roll-ups."""
