"""What runs beside the pages: reading, draining, checking, detecting, alerting, retaining."""
