"""Calibration points as people write them: a line `u,v,lon,lat` for each."""

import math
from collections.abc import Iterable, Sequence
from pathlib import Path

from edge.ground import CalibrationPoint


class BadPoints(ValueError):
    """Points cannot be read; the text names the line and the reason."""


def read_points(file: Path) -> list[str]:
    """The lines of a file that hold points: all but blank lines, comments and a heading.

    Raises BadPoints.
    """
    try:
        lines = file.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise BadPoints(f"cannot read {file}: {error}") from None
    stated = [line.partition("#")[0].strip() for line in lines]
    return [line for line in stated if line and not line.lower().startswith("u,")]


def parse_points(lines: Iterable[str], width: int, height: int) -> list[CalibrationPoint]:
    """The points. If any u or v is above 1, all are in pixels of the picture, else in fractions.

    Raises BadPoints.
    """
    rows = [_numbers(number, line) for number, line in enumerate(lines, start=1)]
    in_pixels = any(max(u, v) > 1 for u, v, _, _ in rows)
    across, down = (width, height) if in_pixels else (1, 1)
    found = [CalibrationPoint(u / across, v / down, lon, lat) for u, v, lon, lat in rows]
    for number, point in enumerate(found, start=1):
        _check(number, point)
    return found


def _numbers(number: int, line: str) -> Sequence[float]:
    try:
        numbers = [float(part) for part in line.replace(";", ",").split(",")]
    except ValueError:
        numbers = []
    if len(numbers) != 4 or not all(map(math.isfinite, numbers)):
        raise BadPoints(f"point {number}: write u,v,lon,lat and not {line!r}")
    return numbers


def _check(number: int, point: CalibrationPoint) -> None:
    if not (0 <= point.u <= 1 and 0 <= point.v <= 1):
        raise BadPoints(f"point {number}: u and v lie outside the picture")
    if not (abs(point.lon) <= 180 and abs(point.lat) <= 90):
        raise BadPoints(f"point {number}: lon must be within 180 and lat within 90 degrees")
