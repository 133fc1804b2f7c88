"""Files of events: what they are, their columns and times, and bringing them in."""
