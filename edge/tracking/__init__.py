"""Tracking: follows each object over many frames, from the first observation to the last."""
