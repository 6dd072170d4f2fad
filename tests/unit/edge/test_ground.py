import math

import pytest

from edge.ground import BadCalibration, CalibrationPoint, CameraSite
from scenes.camera import GroundCamera

LON, LAT = 103.82, 25.61
M_PER_LON = 111_195 * math.cos(math.radians(LAT))


def place(x_m: float, y_m: float) -> tuple[float, float]:
    return LON + x_m / M_PER_LON, LAT + y_m / 111_195


def camera() -> GroundCamera:
    return GroundCamera(1280, 720, focal_px=900, height_m=6, pitch=math.radians(25))


def calibrated(view: GroundCamera, off_m: float = 0.0) -> list[CalibrationPoint]:
    points = []
    for k, (x, y) in enumerate([(-4, 8), (4, 8), (-6, 25), (6, 25), (0, 15)]):
        column, row = view.project([(x, y, 0)])[0]
        points.append(CalibrationPoint(column / 1280, row / 720, *place(x + off_m * (-1) ** k, y)))
    return points


def metres_from(ground, x_m: float, y_m: float) -> float:
    lon, lat = place(x_m, y_m)
    return math.hypot((ground.lon - lon) * M_PER_LON, (ground.lat - lat) * 111_195)


@pytest.mark.parametrize(("x_m", "y_m"), [(0, 10), (-3, 14), (4, 20)])
def test_a_calibrated_camera_places_a_point_within_its_error(x_m: float, y_m: float) -> None:
    view = camera()
    column, row = view.project([(x_m, y_m, 0)])[0]
    ground = CameraSite(LON, LAT, 40, calibrated(view)).locate(column / 1280, row / 720)
    assert metres_from(ground, x_m, y_m) < 0.1
    assert metres_from(ground, x_m, y_m) <= ground.error_m < 3


def test_the_error_grows_with_the_distance() -> None:
    view = camera()
    site = CameraSite(LON, LAT, 60, calibrated(view))
    errors = []
    for y_m in (8, 15, 30):
        column, row = view.project([(0, y_m, 0)])[0]
        errors.append(site.locate(column / 1280, row / 720).error_m)
    assert errors == sorted(errors)
    assert errors[2] > 2 * errors[0]


def test_a_sloppy_calibration_shows_in_its_error() -> None:
    view = camera()
    column, row = view.project([(0, 10, 0)])[0]
    exact = CameraSite(LON, LAT, 40, calibrated(view)).locate(column / 1280, row / 720)
    sloppy = CameraSite(LON, LAT, 40, calibrated(view, off_m=1.5)).locate(column / 1280, row / 720)
    assert sloppy.error_m > exact.error_m + 0.5


def test_without_calibration_the_place_is_the_cameras_own() -> None:
    ground = CameraSite(LON, LAT, 40).locate(0.5, 0.9)
    assert (ground.lon, ground.lat, ground.error_m) == (LON, LAT, 40)


def test_a_point_in_the_sky_falls_back_to_the_cameras_place() -> None:
    ground = CameraSite(LON, LAT, 40, calibrated(camera())).locate(0.5, 0.0)
    assert (ground.lon, ground.lat, ground.error_m) == (LON, LAT, 40)


def test_a_point_far_beyond_the_coverage_falls_back_to_the_cameras_place() -> None:
    view = camera()
    column, row = view.project([(0, 200, 0)])[0]
    ground = CameraSite(LON, LAT, 40, calibrated(view)).locate(column / 1280, row / 720)
    assert ground.error_m == 40


def test_three_points_are_refused() -> None:
    with pytest.raises(BadCalibration, match="at least 4"):
        CameraSite(LON, LAT, 40, calibrated(camera())[:3])


def test_points_on_a_line_are_refused() -> None:
    points = [CalibrationPoint(0.1 * k, 0.5, *place(k, 10)) for k in range(1, 6)]
    with pytest.raises(BadCalibration, match="on a line"):
        CameraSite(LON, LAT, 40, points)


def test_points_in_the_wrong_order_are_refused() -> None:
    points = calibrated(camera())[:4]
    (a, b) = points[2], points[3]
    points[2] = CalibrationPoint(a.u, a.v, b.lon, b.lat)
    points[3] = CalibrationPoint(b.u, b.v, a.lon, a.lat)
    with pytest.raises(BadCalibration, match="contradict"):
        CameraSite(LON, LAT, 40, points)
