"""The renderer: streets, covers and their faults, for the simulator, for training and for tests."""

from scenes.frame import CoverState, Frame, LabelledBox, encode_jpeg
from scenes.patrol import patrol_photo
from scenes.street import StreetScene
from scenes.walk import PatrolWalk

__all__ = [
    "CoverState",
    "Frame",
    "LabelledBox",
    "PatrolWalk",
    "StreetScene",
    "encode_jpeg",
    "patrol_photo",
]
