"""What a patroller photographs: a cover on the road from a few steps away."""

import math

import numpy as np

from scenes.camera import GroundCamera
from scenes.cover import CoverDesign, Light
from scenes.exposure import expose
from scenes.frame import CoverState, RenderedFrame
from scenes.noise import within
from scenes.roadview import PlacedCover, lay_road, put_covers


def patrol_photo(
    seed: int, cover: CoverState, width: int = 1280, height: int = 960
) -> RenderedFrame:
    """Photograph a cover from 1.5 to 3 m; the same seed gives the same place in any state."""
    rng = np.random.default_rng([seed, 41])
    camera, x, y = _stance(rng, width, height)
    light = Light.draw(rng)
    image = lay_road(rng, camera)
    placed = PlacedCover(
        CoverDesign.draw(seed), cover, x, y, within(rng, 0.36, 0.46), within(rng, 0.45, 1.0)
    )
    boxes = put_covers(rng, image, camera, [placed], light)
    return RenderedFrame(expose(rng, image, wildness=0.3), tuple(boxes))


def _stance(rng: np.random.Generator, width: int, height: int) -> tuple[GroundCamera, float, float]:
    """Choose where the photographer stands, and return the camera and the cover's place before it."""
    eye_m, slant_m = within(rng, 1.3, 1.55), within(rng, 1.65, 2.6)
    ahead = math.sqrt(slant_m**2 - eye_m**2)
    pitch = math.atan2(eye_m, ahead) + within(rng, -0.08, 0.08)
    focal = width * within(rng, 0.72, 0.9)
    camera = GroundCamera(width, height, focal, eye_m, pitch, within(rng, -0.06, 0.06))
    return camera, within(rng, -0.22, 0.22), ahead
