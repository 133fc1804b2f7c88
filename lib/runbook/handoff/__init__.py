"""What is handed to another person."""
