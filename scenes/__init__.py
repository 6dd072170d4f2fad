"""The renderer: streets, covers and their faults, for the simulator, for training and for tests."""

from scenes.frame import CoverState, LabelledBox, RenderedFrame, encode_jpeg
from scenes.layout import FAR, NEAR, Prospect
from scenes.patrol import patrol_photo
from scenes.street import Moment, StreetScene
from scenes.walk import PatrolWalk

__all__ = [
    "FAR",
    "NEAR",
    "CoverState",
    "LabelledBox",
    "Moment",
    "PatrolWalk",
    "Prospect",
    "RenderedFrame",
    "StreetScene",
    "encode_jpeg",
    "patrol_photo",
]
