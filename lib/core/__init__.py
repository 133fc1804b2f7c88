"""The base of all other packages: errors, causes, redaction, signatures, private files."""
