"""A period told in one document: what happened, what stands out, how much is known."""
