"""A body camera's view while its holder walks down a street."""

import math
from dataclasses import dataclass

import cv2
import numpy as np

from scenes.camera import GroundCamera
from scenes.canvas import Canvas
from scenes.frame import RenderedFrame, picture
from scenes.layout import StreetPlan
from scenes.noise import within
from scenes.road_users import RoadUser, draw_road_users, draw_traffic
from scenes.street import still_street

_LEG_S = 9.0
_LEGS = 3
_FADE_S = 0.8
_MARGIN = 1.22
_STEP_S = 1.05


@dataclass(frozen=True)
class _Leg:
    """A stretch of the way: seen from one place, and walked by closing in on the vanishing point."""

    camera: GroundCamera
    plan: StreetPlan
    still: Canvas
    road_users: list[RoadUser]


class PatrolWalk:
    """A walk through streets that follow from the seed; it begins again after the last leg."""

    def __init__(self, seed: int, width: int = 640, height: int = 480) -> None:
        self._width, self._height = width, height
        self._legs = [
            _leg(np.random.default_rng([seed, 23, index]), width, height) for index in range(_LEGS)
        ]

    def frame(self, at_s: float) -> RenderedFrame:
        """Show the camera's view at an instant; nothing in it is labelled."""
        leg, into_s = int(at_s // _LEG_S) % _LEGS, at_s % _LEG_S
        image = self._look(self._legs[leg], into_s, at_s)
        if into_s > _LEG_S - _FADE_S:
            share = (into_s - (_LEG_S - _FADE_S)) / _FADE_S
            following = self._look(self._legs[(leg + 1) % _LEGS], 0.0, at_s)
            image = cv2.addWeighted(image, 1 - share, following, share, 0)
        return RenderedFrame(picture(image), ())

    def _look(self, leg: _Leg, into_s: float, at_s: float) -> cv2.typing.MatLike:
        canvas = leg.still.over()
        draw_road_users(canvas, leg.camera, leg.plan, leg.road_users, at_s)
        zoom = (1.0 + 0.045 * into_s) / _MARGIN * (self._width / (leg.camera.width / _MARGIN))
        stride = 2 * math.pi * at_s / _STEP_S
        sway = (
            np.array([0.006 * math.sin(stride / 2), 0.009 * abs(math.sin(stride / 2))])
            * self._width
        )
        roll = 0.9 * math.sin(stride / 2 + 0.7)
        ahead = (leg.camera.width / 2, (leg.camera.height / 2 + leg.camera.horizon_row()) / 2)
        warp = cv2.getRotationMatrix2D(ahead, roll, zoom)
        warp[:, 2] += np.array([self._width / 2, self._height * 0.42]) - ahead + sway
        size = (self._width, self._height)
        return cv2.warpAffine(
            canvas.image, warp, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT
        )


def _leg(rng: np.random.Generator, width: int, height: int) -> _Leg:
    wide, tall = int(width * _MARGIN), int(height * _MARGIN)
    plan = StreetPlan.draw(rng, kerb=(0.8, 1.8))
    camera = GroundCamera(
        wide, tall, wide * within(rng, 0.7, 0.85), within(rng, 1.35, 1.5), within(rng, 0.02, 0.1)
    )
    road_users = draw_traffic(rng, plan, cars=4, people=5)
    return _Leg(camera, plan, still_street(rng, camera, plan), road_users)
