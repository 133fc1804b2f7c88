"""Acting for a user: the rules, the ways, and what each answers."""
