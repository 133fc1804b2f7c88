"""What everything stands on: errors, causes, redaction, signatures, private files."""
