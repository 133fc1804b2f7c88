"""The app's own HTTP routes, and the sign-ins that come back to it."""
