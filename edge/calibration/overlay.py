"""A picture to check a calibration by: its points, a grid in metres on the ground, the coverage."""

import math
from collections.abc import Iterable, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.calibration.fit import CalibrationFit
from edge.ground import CameraSite
from edge.homography import Homography
from edge.picture import Picture

_GRID_M, _BOLD_M = 5, 10
_PIECE_M = 0.5
_GRID, _BOLD, _EDGE = (200, 170, 60), (240, 220, 120), (60, 200, 60)
_GOOD, _DOUBTFUL, _INK = (40, 160, 240), (40, 40, 230), (255, 255, 255)
_WRITTEN_FOR = 1280
"""The picture's width at which letters have their normal size."""
_MASK = 8
"""How many pixels of the picture, across and down, one pixel of the coverage mask has."""

Metres = tuple[float, float]


def with_ground_grid(picture: Picture, site: CameraSite, fit: CalibrationFit) -> Picture:
    """A copy with the ground as the calibration sees it; what is not covered is darkened."""
    drawn = _darkened(picture, site)
    if site.homography is not None:
        painter = _GroundPainter(drawn, site.homography)
        painter.grid(site.coverage_m)
        painter.outline(_circle((0.0, 0.0), site.coverage_m), _EDGE, 2)
        for number, one in enumerate(fit.points, start=1):
            colour = _DOUBTFUL if one.doubtful else _GOOD
            at = site.metres(one.point)
            painter.outline(_circle(at, one.error_m), colour, 1)
            painter.mark((one.point.u, one.point.v), str(number), colour)
    return drawn


def with_ruler(picture: Picture) -> Picture:
    """A copy with a ruler in fractions, to read u and v from."""
    drawn = picture.copy()
    height, width = drawn.shape[:2]
    for tenth in range(1, 10):
        x, y = tenth * width // 10, tenth * height // 10
        cv2.line(drawn, (x, 0), (x, height), _GRID, 1)
        cv2.line(drawn, (0, y), (width, y), _GRID, 1)
        _write(drawn, f"u {tenth / 10}", (x + 3, 14))
        _write(drawn, f"v {tenth / 10}", (3, y - 3))
    return drawn


class _GroundPainter:
    """Draws on the ground of a picture, as far as the picture shows it."""

    def __init__(self, drawn: Picture, homography: Homography) -> None:
        self._drawn = drawn
        self._homography = homography

    def grid(self, reach_m: float) -> None:
        """Lines to the east and to the north, a fixed distance apart, within the reach."""
        count = int(reach_m // _GRID_M)
        for at_m in (step * _GRID_M for step in range(-count, count + 1)):
            bold = at_m % _BOLD_M == 0
            colour, width = (_BOLD, 2) if bold else (_GRID, 1)
            along = _steps(math.sqrt(max(0.0, reach_m**2 - at_m**2)))
            self.outline([(at_m, to_m) for to_m in along], colour, width)
            self.outline([(to_m, at_m) for to_m in along], colour, width)
        for east_m in range(-_BOLD_M * 50, _BOLD_M * 51, _BOLD_M):
            for north_m in range(-_BOLD_M * 50, _BOLD_M * 51, _BOLD_M):
                if math.hypot(east_m, north_m) <= reach_m:
                    self._label((east_m, north_m))

    def outline(self, places: Iterable[Metres], colour: tuple[int, int, int], width: int) -> None:
        """A line through places, interrupted where they are out of sight."""
        run: list[tuple[int, int]] = []
        for place in places:
            pixel = self._pixel(self._homography.shown_at(*place))
            if pixel is None:
                self._line(run, colour, width)
                run = []
            else:
                run.append(pixel)
        self._line(run, colour, width)

    def mark(self, at: tuple[float, float], text: str, colour: tuple[int, int, int]) -> None:
        """A numbered cross at (u, v)."""
        pixel = self._pixel(at)
        if pixel is not None:
            cv2.drawMarker(self._drawn, pixel, colour, cv2.MARKER_CROSS, 18, 2)
            _write(self._drawn, text, (pixel[0] + 8, pixel[1] - 8), colour, 0.7)

    def _label(self, place: tuple[int, int]) -> None:
        pixel = self._pixel(self._homography.shown_at(*place))
        if pixel is not None:
            east_m, north_m = place
            east = f"{abs(east_m)} {'E' if east_m >= 0 else 'W'}"
            north = f"{abs(north_m)} {'N' if north_m >= 0 else 'S'}"
            _write(self._drawn, f"{east} {north}", (pixel[0] + 4, pixel[1] - 4))

    def _pixel(self, at: tuple[float, float] | None) -> tuple[int, int] | None:
        """The pixel of (u, v), if it is in the picture or not far from it."""
        height, width = self._drawn.shape[:2]
        if at is None or not (-0.5 < at[0] < 1.5 and -0.5 < at[1] < 1.5):
            return None
        return round(at[0] * width), round(at[1] * height)

    def _line(
        self, run: Sequence[tuple[int, int]], colour: tuple[int, int, int], width: int
    ) -> None:
        if len(run) > 1:
            path = np.array(run, np.int32)
            cv2.polylines(self._drawn, [path], False, colour, width, cv2.LINE_AA)


def _darkened(picture: Picture, site: CameraSite) -> Picture:
    height, width = picture.shape[:2]
    rows, columns = height // _MASK + 1, width // _MASK + 1
    covered = np.array(
        [
            [site.covers((column + 0.5) / columns, (row + 0.5) / rows) for column in range(columns)]
            for row in range(rows)
        ],
        np.float32,
    )
    share: NDArray[np.float32] = np.asarray(cv2.resize(covered, (width, height)), np.float32)
    return np.asarray(picture * (0.45 + 0.55 * share)[..., None], np.uint8)


def _circle(middle: Metres, radius_m: float) -> list[Metres]:
    angles = [step * math.tau / 180 for step in range(181)]
    return [
        (middle[0] + radius_m * math.cos(one), middle[1] + radius_m * math.sin(one))
        for one in angles
    ]


def _steps(reach_m: float) -> list[float]:
    count = int(reach_m / _PIECE_M)
    return [step * _PIECE_M for step in range(-count, count + 1)]


def _write(
    drawn: Picture,
    text: str,
    at: tuple[int, int],
    colour: tuple[int, int, int] = _INK,
    size: float = 0.4,
) -> None:
    scale = size * max(1.0, drawn.shape[1] / _WRITTEN_FOR)
    for ink, width in (((0, 0, 0), 3), (colour, 1)):
        cv2.putText(drawn, text, at, cv2.FONT_HERSHEY_SIMPLEX, scale, ink, width, cv2.LINE_AA)
