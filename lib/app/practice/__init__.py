"""The sandbox of the app: its process, and faults to practise with."""
