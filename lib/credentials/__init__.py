"""Credentials that a person enters: drafts, validation, first calls, saving."""
