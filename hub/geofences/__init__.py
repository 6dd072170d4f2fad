"""Geofences: areas in which terminals entering, leaving or staying make events."""
