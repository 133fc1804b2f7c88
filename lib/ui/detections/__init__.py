"""The page Detections."""
