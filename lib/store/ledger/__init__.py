"""The ledger: what must be transactional and shared by processes; a module a kind of record."""
