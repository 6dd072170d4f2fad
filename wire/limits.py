"""Bounds of the contract; a message over one of them is malformed."""

MAX_SAMPLES = 500
MAX_JSON_BYTES = 64 * 1024
MAX_JPEG_BYTES = 512 * 1024
MAX_JPEG_PIXELS = 20_000_000
CLOCK_AHEAD_S = 300.0
"""A device clock further ahead than this is flagged, and clamped to the hub's for ordering."""
