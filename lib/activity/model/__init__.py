"""What an event is, where it comes from, and what is known to have been read."""
