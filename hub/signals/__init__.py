"""Signals: reports and detections that may become cases, and how they do."""
