"""Who is here: guard, navigation, session, host, and the frame around every page."""
