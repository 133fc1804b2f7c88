"""The detections themselves, by subject."""
