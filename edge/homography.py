"""The homography from the picture to the ground, and how far it can be trusted at each point."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]
"""N x 2: in fractions of the picture, or in metres east and north of the camera."""

_MARKED = 0.002
"""How far off a marked point is in the picture, as a share of it: some pixels. One sigma."""
_SURVEYED_M = 0.3
"""How far off its place on the ground is, if it was measured with care. One sigma."""
_FLAT = 0.01
_SAME_IN_PICTURE, _SAME_M = 0.002, 0.05
_FARTHEST_M = 5000.0


class BadCalibration(ValueError):
    """The calibration points give no homography; the text says what is wrong."""


class Homography:
    """The homography that fits some points best, with others from the same points moved a little.

    How much these disagree at a place says how well the points determine the ground there, which gets
    worse quickly beyond them.
    """

    def __init__(self, picture: Points, metres: Points) -> None:
        """Raises BadCalibration."""
        _refuse_degenerate(picture, metres)
        self._fit = _fitted(picture[None], metres[None])[0]
        _refuse_impossible(self._fit, picture)
        self._fit *= np.sign(_depths(self._fit, picture)[0])
        self._perturbations = _fitted(*_perturbed(picture, metres))
        self._perturbations *= np.sign(_depths(self._perturbations, picture[:1]))[..., None]
        self.off_m: tuple[float, ...] = tuple(
            math.inf if (at := self.project(*point)) is None else math.dist(at, place)
            for point, place in zip(picture, metres, strict=True)
        )
        """How far each point is off on the ground; 0 for four points, which always fit."""
        self.misfit = self._misfit(picture)

    def project(self, u: float, v: float) -> tuple[float, float] | None:
        """Metres east and north of the camera, or None at and above the horizon."""
        x, y, depth = self._fit @ (u, v, 1.0)
        return (float(x / depth), float(y / depth)) if depth > 1e-9 else None

    def shown_at(self, east_m: float, north_m: float) -> tuple[float, float] | None:
        """The point that shows a place, perhaps outside the picture; None behind the camera."""
        u, v, scale = np.linalg.solve(self._fit, (east_m, north_m, 1.0))
        return (float(u / scale), float(v / scale)) if scale > 1e-12 else None

    def error_m(self, u: float, v: float) -> float:
        """The radius around `project` that contains the place nineteen times out of twenty."""
        return 2 * self.misfit * self._sigma_m(u, v)

    def _sigma_m(self, u: float, v: float) -> float:
        here = self.project(u, v)
        if here is None:
            return math.inf
        at = self._perturbations @ (u, v, 1.0)
        if at[:, 2].min() <= 1e-9:
            return math.inf
        return float(np.sqrt(((at[:, :2] / at[:, 2:] - here) ** 2).sum()))

    def _misfit(self, picture: Points) -> float:
        """How many times worse than careful points these fit; at least 1.

        Four points fit exactly whatever their errors: only further ones can show them.
        """
        surplus = 2 * len(picture) - 8
        if surplus <= 0:
            return 1.0
        expected = [math.hypot(_SURVEYED_M, self._marking_m(*point)) for point in picture]
        squares = sum((off / sigma) ** 2 for off, sigma in zip(self.off_m, expected, strict=True))
        return max(1.0, math.sqrt(squares / surplus))

    def _marking_m(self, u: float, v: float) -> float:
        """How far off on the ground a point is if it was marked with ordinary care."""
        here = self.project(u, v)
        moved = [self.project(u + _MARKED, v), self.project(u, v + _MARKED)]
        return math.hypot(*(math.dist(here, at) if here and at else math.inf for at in moved))


def _fitted(picture: NDArray[np.float64], metres: NDArray[np.float64]) -> NDArray[np.float64]:
    """The homographies of K sets of N points, K x N x 2 each, by the direct linear transform."""
    inner, outer = _normaliser(picture), _normaliser(metres)
    u, v = np.moveaxis((picture - inner[:, None, :2]) / inner[:, None, 2:], 2, 0)
    x, y = np.moveaxis((metres - outer[:, None, :2]) / outer[:, None, 2:], 2, 0)
    one, zero = np.ones_like(u), np.zeros_like(u)
    across = np.stack([u, v, one, zero, zero, zero, -x * u, -x * v, -x], axis=2)
    along = np.stack([zero, zero, zero, u, v, one, -y * u, -y * v, -y], axis=2)
    rows = np.concatenate([across, along], axis=1)
    solution = np.linalg.svd(rows, full_matrices=True)[2][:, -1].reshape(-1, 3, 3)
    return np.asarray(_out_of(outer) @ solution @ _into(inner), np.float64)


def _normaliser(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """K x 3: the middle of each set, and its extent. Without it the sums lose precision."""
    middle = points.mean(axis=1)
    extent = np.abs(points - middle[:, None]).max(axis=(1, 2))
    return np.concatenate([middle, extent[:, None]], axis=1)


def _into(normaliser: NDArray[np.float64]) -> NDArray[np.float64]:
    """The matrices that normalise."""
    scaling = np.zeros((len(normaliser), 3, 3))
    scaling[:, 0, 0] = scaling[:, 1, 1] = 1 / normaliser[:, 2]
    scaling[:, :2, 2] = -normaliser[:, :2] / normaliser[:, 2:]
    scaling[:, 2, 2] = 1
    return scaling


def _out_of(normaliser: NDArray[np.float64]) -> NDArray[np.float64]:
    """The matrices that undo the normalisation."""
    return np.asarray(np.linalg.inv(_into(normaliser)), np.float64)


def _perturbed(picture: Points, metres: Points) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Copies of the points, each with one of their numbers off by its sigma."""
    count = 2 * len(picture)
    marks = np.eye(count).reshape(count, -1, 2)
    still = np.zeros_like(marks)
    return (
        picture + _MARKED * np.concatenate([marks, still]),
        metres + _SURVEYED_M * np.concatenate([still, marks]),
    )


def _depths(homographies: NDArray[np.float64], picture: Points) -> NDArray[np.float64]:
    """The divisor of each homography at each point: of one sign wherever the ground is seen."""
    return np.asarray(homographies[..., 2, :] @ np.c_[picture, np.ones(len(picture))].T, np.float64)


def _refuse_degenerate(picture: Points, metres: Points) -> None:
    if len(picture) < 4:
        raise BadCalibration(f"{len(picture)} calibration points, at least 4 are needed")
    for points, least, where in (
        (picture, _SAME_IN_PICTURE, "in the picture"),
        (metres, _SAME_M, "on the ground"),
    ):
        _refuse_doubles(points, least, where)
        if _flat(points):
            raise BadCalibration(
                f"the calibration points lie on a line {where}; spread them over the road"
            )
        for number in range(len(points)):
            if _flat(np.delete(points, number, axis=0)):
                raise BadCalibration(
                    f"all calibration points but number {number + 1} lie on a line {where}; "
                    "add or move one"
                )
    far_m = np.hypot(*metres.T)
    if far_m.max() > _FARTHEST_M:
        raise BadCalibration(
            f"calibration point number {int(far_m.argmax()) + 1} lies {far_m.max() / 1000:,.0f} km "
            "from the camera; are lon and lat swapped?"
        )


def _refuse_doubles(points: Points, least: float, where: str) -> None:
    for second in range(len(points)):
        for first in range(second):
            if np.hypot(*(points[first] - points[second])) < least:
                raise BadCalibration(
                    f"calibration points number {first + 1} and {second + 1} are the same {where}"
                )


def _refuse_impossible(homography: NDArray[np.float64], picture: Points) -> None:
    """A camera above the ground sees it in one piece, and not as in a mirror."""
    depths = _depths(homography, picture)
    if depths.min() <= 0 < depths.max():
        raise BadCalibration("the calibration points contradict each other; check their order")
    if np.linalg.det(homography * np.sign(depths[0])) >= 0:
        raise BadCalibration(
            "the calibration points show the ground as in a mirror; are left and right, or two "
            "points, swapped?"
        )


def _flat(points: Points) -> bool:
    """Whether the points are so nearly on a line that they give no homography."""
    spread: NDArray[np.float64] = np.linalg.svd(points - points.mean(axis=0), compute_uv=False)
    return bool(spread[1] < _FLAT * spread[0])


def as_points(pairs: Sequence[tuple[float, float]]) -> Points:
    """Pairs as an array."""
    return np.array(pairs, np.float64).reshape(-1, 2)
