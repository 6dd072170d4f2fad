"""What the detector's classes mean: which are faults, and which show that an object is sound."""

from dataclasses import dataclass
from enum import StrEnum


class ObjectKind(StrEnum):
    """Kinds of objects. Classes of one kind exclude each other at one place."""

    MANHOLE = "manhole"
    POTHOLE = "pothole"
    ROAD_CRACK = "road_crack"
    GARBAGE = "garbage"
    BIN = "bin"


@dataclass(frozen=True)
class ClassMeaning:
    """`sound` means that nothing is wrong; an `urgent` fault is confirmed faster.

    A fault can be confirmed once it was seen for `dwell_s`.
    """

    kind: ObjectKind
    sound: bool = False
    urgent: bool = False
    dwell_s: float = 10.0


MIMICS = {ObjectKind.POTHOLE: ObjectKind.MANHOLE}
"""A broken cover, or the hole under it, also looks like a pothole: the cover wins."""

MEANINGS: dict[str, ClassMeaning] = {
    "manhole_good": ClassMeaning(ObjectKind.MANHOLE, sound=True),
    "manhole_broken": ClassMeaning(ObjectKind.MANHOLE, dwell_s=4.0),
    "manhole_open": ClassMeaning(ObjectKind.MANHOLE, urgent=True, dwell_s=3.0),
    "pothole": ClassMeaning(ObjectKind.POTHOLE),
    "road_crack": ClassMeaning(ObjectKind.ROAD_CRACK),
    "garbage": ClassMeaning(ObjectKind.GARBAGE, dwell_s=30.0),
    "bin_overflow": ClassMeaning(ObjectKind.BIN, dwell_s=20.0),
    "bin_normal": ClassMeaning(ObjectKind.BIN, sound=True),
}
