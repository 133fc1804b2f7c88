"""How credentials are entered and people sign in, and what is wrong with what was entered."""
