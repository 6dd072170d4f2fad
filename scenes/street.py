"""A fixed camera on a pole above a street."""

import math
from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from scenes.backdrop import paint_backdrop
from scenes.camera import GroundCamera, Matrix
from scenes.canvas import Canvas, Outline
from scenes.compose import cover_box, match_light, paste_cover, patch_side, patch_to_ground
from scenes.cover import CoverDesign, Light, draw_cover
from scenes.frame import CoverState, LabelledBox, Picture, Plane, RenderedFrame, picture
from scenes.furniture import furnish
from scenes.layout import NEAR, Prospect, StreetPlan, pole_view
from scenes.noise import chance, within
from scenes.rain import Rain
from scenes.road_users import RoadUser, body_patches, crosses, draw_road_users, draw_traffic, shadow
from scenes.vehicles import Car

_NOISE_MARGIN = 64
_GRAIN_LEVEL = 6


@dataclass(frozen=True)
class Moment:
    """Conditions at an instant: how light it is (1 as usual), how hard it rains (0 to 1), a car at rest.

    The car has stopped in the road, near the cover but not over it.
    """

    light: float = 1.0
    rain: float = 0.0
    stopped_car: bool = False


_AS_USUAL = Moment()


class StreetScene:
    """A pole camera's view of a street with a manhole cover; all of it follows from the seed."""

    def __init__(
        self, seed: int, width: int = 1280, height: int = 720, prospect: Prospect = NEAR
    ) -> None:
        rng = np.random.default_rng([seed, 11])
        self._seed = seed
        self._plan = StreetPlan.draw(rng)
        self._camera, self._spot = pole_view(rng, self._plan, width, height, prospect)
        self._design = CoverDesign.draw(seed)
        self._severity = within(rng, 0.55, 1.0)
        self._light = Light.draw(rng)
        self._box = cover_box(
            "cover",
            self._design,
            self._camera.ground(),
            (self._spot.x, self._spot.y),
            self._spot.radius_m,
        )
        self._still = still_street(rng, self._camera, self._plan, _grown(self._box, 0.25))
        traffic = draw_traffic(
            rng, self._plan, cars=int(rng.integers(3, 6)), people=int(rng.integers(4, 8))
        )
        clear = _grown(self._box, 0.12)
        self._road_users: list[RoadUser] = [
            m for m in traffic if not crosses(m, self._camera, self._plan, clear)
        ]
        self._clear = clear
        self._drift = rng.uniform(0, 2 * math.pi, 3)
        self._grain = _sensor_grain(rng, width, height)
        self._patch = cache(self._draw_patch)
        self._rain = cache(self._draw_rain)

    def frame(self, at_s: float, cover: CoverState, moment: Moment = _AS_USUAL) -> RenderedFrame:
        """Show the street at an instant, with the cover in this state."""
        canvas = self._still.over()
        region, patch = self._patch(cover)
        canvas.image[region] = patch
        if moment.rain:
            canvas.image = self._rain().wet(canvas.image, moment.rain)
        if moment.stopped_car:
            self._stop_car(canvas)
        draw_road_users(canvas, self._camera, self._plan, self._road_users, at_s)
        if moment.rain:
            canvas.image = self._rain().fall(canvas.image, at_s, moment.rain)
        image = self._developed(canvas.image, at_s, moment.light * (1 - 0.15 * moment.rain))
        box = LabelledBox(cover.label, self._box.x, self._box.y, self._box.w, self._box.h)
        return RenderedFrame(image, (box,))

    def _draw_patch(self, state: CoverState) -> tuple[tuple[slice, slice], Picture]:
        """Return where the cover's patch lies in the picture, and its pixels."""
        place = (self._spot.x, self._spot.y)
        patch = draw_cover(
            self._design,
            state,
            patch_side(self._box),
            obliquity=min(self._camera.obliquity(*place), 5.0),
            light=self._light,
            severity=self._severity,
        )
        image: Plane = self._still.image.astype(np.float32)
        match = match_light(image, self._box, 0.5, 0.4)
        side = patch.alpha.shape[0]
        region = paste_cover(
            image,
            patch,
            self._camera.ground() @ patch_to_ground(side, place, self._spot.radius_m),
            match,
        )
        return region, np.clip(image[region], 0, 255).astype(np.uint8)

    def _draw_rain(self) -> Rain:
        return Rain(np.random.default_rng([self._seed, 29]), self._still.image, self._camera)

    def _stop_car(self, canvas: Canvas) -> None:
        """Draw a car at the nearest place in the road at which it does not hide the cover."""
        canvas.distance = canvas.distance.copy()
        car = Car.draw(np.random.default_rng([self._seed, 31]))
        for along in np.arange(6.0, 40.0, 0.5):
            place = self._plan.place(self._plan.lane_middle(0), float(along))
            if _stand(canvas, car, self._camera, self._plan, place, self._clear):
                return

    def _developed(self, image: Picture, at_s: float, light: float) -> Picture:
        """Let the light drift over minutes, and add the sensor's grain."""
        gain = light * (
            1
            + 0.07 * math.sin(at_s / 97 + self._drift[0])
            + 0.05 * math.sin(at_s / 613 + self._drift[1])
        )
        warmth = 0.02 * math.sin(at_s / 401 + self._drift[2])
        levels = (
            np.arange(256)[:, None] * (gain * np.array([1 - warmth, 1.0, 1 + warmth]))
            - _GRAIN_LEVEL
        )
        table = np.clip(levels, 0, 255).astype(np.uint8).reshape(1, 256, 3)
        lit = cv2.LUT(image, table)
        rng = np.random.default_rng([self._seed, round(at_s * 1000) % (1 << 31)])
        top, left = rng.integers(0, _NOISE_MARGIN, 2)
        height, width = image.shape[:2]
        grain = self._grain[top : top + height, left : left + width]
        return picture(cv2.add(lit, grain))


def _grown(box: LabelledBox, share: float) -> Outline:
    dx, dy = box.w * share, box.h * share
    return np.array([box.x - dx, box.y - dy, box.x + box.w + dx, box.y + box.h + dy])


def _sensor_grain(rng: Generator, width: int, height: int) -> NDArray[np.uint8]:
    """Grain around its level, larger than the picture so that each frame can take another part."""
    shape = (height + _NOISE_MARGIN, width + _NOISE_MARGIN, 1)
    grain = np.clip(rng.normal(_GRAIN_LEVEL, within(rng, 1.0, 2.6), shape), 0, 24).astype(np.uint8)
    return np.repeat(grain, 3, axis=2)


def still_street(
    rng: Generator, camera: GroundCamera, plan: StreetPlan, clear: Outline | None = None
) -> Canvas:
    """Paint the street with its trees, lamp posts and parked cars; nothing stands before the box `clear`."""
    canvas = Canvas(paint_backdrop(rng, camera, plan).astype(np.uint8))
    _park_cars(rng, canvas, camera, plan, clear)
    furnish(rng, canvas, camera, plan, clear)
    return canvas


def _park_cars(
    rng: Generator, canvas: Canvas, camera: GroundCamera, plan: StreetPlan, clear: Outline | None
) -> None:
    across = plan.near_kerb + 1.2
    for along in np.arange(48.0, 6.0, -6.2):
        if not chance(rng, 0.55):
            continue
        car, place = Car.draw(rng), plan.place(across, float(along))
        _stand(canvas, car, camera, plan, place, clear)


def _stand(
    canvas: Canvas,
    car: Car,
    camera: GroundCamera,
    plan: StreetPlan,
    place: Matrix,
    clear: Outline | None,
) -> bool:
    """Draw a car at rest; returns False if it would hide the box `clear`, or is not visible."""
    patches = body_patches(car, camera, plan, place, forward=True, at_s=0.0)
    if not patches:
        return False
    dark = shadow(camera, plan, car, place)
    points = np.vstack([p.outline for p in patches] + [dark])
    low, high = points.min(0), points.max(0)
    if (
        clear is not None
        and low[0] < clear[2]
        and high[0] > clear[0]
        and low[1] < clear[3]
        and high[1] > clear[1]
    ):
        return False
    canvas.darken(dark, 0.45)
    canvas.draw(patches, float(np.hypot(*place[:2])), keep=True)
    return True
