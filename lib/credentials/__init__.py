"""Credentials a person hands in: drafts, judging, trying, keeping."""
