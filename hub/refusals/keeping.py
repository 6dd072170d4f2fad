"""How long and how much of what devices send and the hub refuses is kept."""

from dataclasses import dataclass

_MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class RefusedKeeping:
    """Refused messages are kept for `days`, and at most `day_mb` MiB of one device and day (UTC).

    What comes on a day that is full is counted, logged and shown, but its payload is not kept.
    """

    days: int = 30
    day_mb: int = 128

    @property
    def day_bytes(self) -> int:
        return self.day_mb * _MIB
