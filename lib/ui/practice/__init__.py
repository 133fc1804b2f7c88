"""Breaking something in the sandbox on purpose, and finding out what."""
