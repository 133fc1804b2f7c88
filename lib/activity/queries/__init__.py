"""Questions about events: small frames out of many rows."""
