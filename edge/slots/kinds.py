"""What the detector's classes mean: which are faults, which show that a thing is sound."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """Things that have a place. Classes of one kind exclude each other at one place."""

    MANHOLE = "manhole"
    POTHOLE = "pothole"
    ROAD_CRACK = "road_crack"
    GARBAGE = "garbage"
    BIN = "bin"


@dataclass(frozen=True)
class Meaning:
    """`sound` shows that nothing is wrong; `urgent` takes the fast path.

    A fault is believed once it was seen for `dwell_s`.
    """

    kind: Kind
    sound: bool = False
    urgent: bool = False
    dwell_s: float = 10.0


MIMICS = {Kind.POTHOLE: Kind.MANHOLE}
"""A broken cover, or the hole under it, also looks like a pothole: at one place it is the cover."""

MEANINGS: dict[str, Meaning] = {
    "manhole_good": Meaning(Kind.MANHOLE, sound=True),
    "manhole_broken": Meaning(Kind.MANHOLE, dwell_s=4.0),
    "manhole_open": Meaning(Kind.MANHOLE, urgent=True, dwell_s=3.0),
    "pothole": Meaning(Kind.POTHOLE),
    "road_crack": Meaning(Kind.ROAD_CRACK),
    "garbage": Meaning(Kind.GARBAGE, dwell_s=30.0),
    "bin_overflow": Meaning(Kind.BIN, dwell_s=20.0),
    "bin_normal": Meaning(Kind.BIN, sound=True),
}
