"""The app's sandbox: its process, and faults to practise with."""
