"""Roads: goals, steps, and what each needs."""
