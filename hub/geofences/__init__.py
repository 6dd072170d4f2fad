"""Geofences: areas whose crossing by terminals is told, once for each crossing."""
