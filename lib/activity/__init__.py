"""What people did: events, how they are read, counted, charted, exported and imported."""
