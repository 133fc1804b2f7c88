"""What chooses events: the filters that pages share, the profile and period, lists of values."""
