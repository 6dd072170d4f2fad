"""MQTT 5 user properties of a camera frame, whose payload is the bare JPEG."""

OBSERVED_AT = "observed_at"
"""The camera's clock, ISO 8601 with offset; without it the time of arrival counts."""
SEQ = "seq"
"""A counter since the camera's start."""
