"""MQTT 5 user properties of a camera frame, whose payload is the bare JPEG."""

OBSERVED_AT = "observed_at"
"""The camera's clock, an instant as in RFC 3339; without it the time of arrival counts."""
SEQ = "seq"
"""A counter since the camera's start."""
