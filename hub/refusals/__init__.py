"""Refused messages of devices: kept with their reasons, counted, and shown."""
