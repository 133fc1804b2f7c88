"""A report of a period: what happened, what stands out, how complete the data is."""
