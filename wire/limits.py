"""Bounds of the contract; a message over one of them is malformed."""

from datetime import UTC, date, datetime

CONTRACT_VERSION = "1.1.0"
"""Its first number is the version in the topics; the second grows with what is added."""
MAX_SAMPLES = 500
MAX_JSON_BYTES = 144 * 1024
"""So that 500 samples with all of their fields fit, also with blanks between them."""
MAX_JPEG_BYTES = 512 * 1024
MAX_JPEG_PIXELS = 20_000_000
MAX_SCANS = 32
"""Scans of one JPEG; encoders make about 10. Each costs a decoder another pass over all pixels."""
MAX_SHOTS = 8
MAX_INTEGER = 2**53
"""The largest integer that every JSON reader keeps exactly."""
MAX_TEXT = 2000
EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
LATEST = datetime(2200, 1, 1, tzinfo=UTC)
"""Messages of a device with an unset clock are taken; a year that date arithmetic cannot hold is refused."""
FIRST_DAY, LAST_DAY = date(1901, 1, 1), date(9000, 1, 1)
"""The days that a person may write."""
CLOCK_AHEAD_S = 300.0
"""A device clock further ahead than this is flagged, and clamped to the hub's for ordering."""

SENT_AGAIN_S = 120.0
"""Devices send again, at the hub's birth, what they sent within this time: longer than a broker takes
to save what it acknowledged, and than the hub to listen again."""
