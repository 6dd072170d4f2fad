import json
import math
import random
from pathlib import Path

import numpy as np
import pytest

from edge.calibration.fit import Viewpoint, assess
from edge.calibration.overlay import with_ground_grid, with_ruler
from edge.calibration.points import BadPoints, parse_points, read_points
from edge.calibration.report import to_paste, verdict
from edge.ground import BadCalibration, CalibrationPoint
from edge.settings import checked_cameras
from scenes.camera import GroundCamera

LON, LAT = 103.82, 25.61
M_PER_LON = 111_195 * math.cos(math.radians(LAT))
STAND = Viewpoint(LON, LAT, 50.0)
VIEW = GroundCamera(1280, 720, focal_px=900, height_m=6, pitch=math.radians(22))
SPREAD = [(150, 690), (1150, 680), (380, 330), (930, 320), (640, 450), (300, 480)]


def point(column: float, row: float, east_m: float = 0.0) -> CalibrationPoint:
    """A point of the view with its true place, or one so far to the east of it."""
    x, y = VIEW.ground_at(column, row)
    return CalibrationPoint(
        column / 1280, row / 720, LON + (x + east_m) / M_PER_LON, LAT + y / 111_195
    )


def test_points_are_read_from_lines_with_comments_and_a_heading(tmp_path: Path) -> None:
    file = tmp_path / "points.csv"
    file.write_text("\ufeffu,v,lon,lat\n\n# far\n0.5, 0.25, 103.8, 25.6  # a kerb\n", "utf-8")
    marks = read_points(file)
    assert parse_points(marks, 1280, 720) == [CalibrationPoint(0.5, 0.25, 103.8, 25.6)]


def test_pixels_become_fractions_of_the_picture() -> None:
    assert parse_points(["640;180;103.8;25.6", "0,0,103.8,25.6"], 1280, 720) == [
        CalibrationPoint(0.5, 0.25, 103.8, 25.6),
        CalibrationPoint(0.0, 0.0, 103.8, 25.6),
    ]


@pytest.mark.parametrize(
    ("mark", "reason"),
    [
        ("0.5,0.5,103.8", "write u,v,lon,lat"),
        ("left,0.5,103.8,25.6", "not 'left,0.5"),
        ("nan,0.5,103.8,25.6", "write u,v,lon,lat"),
        ("1281,10,103.8,25.6", "outside the picture"),
        ("-0.1,0.5,103.8,25.6", "outside the picture"),
        ("0.5,0.5,25.6,103.8", "lat within 90"),
    ],
)
def test_a_wrong_point_is_named_with_the_reason(mark: str, reason: str) -> None:
    with pytest.raises(BadPoints, match=f"point 2: .*{reason}"):
        parse_points(["0.1,0.1,103.8,25.6", mark], 1280, 720)


def test_a_missing_file_of_points_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadPoints, match="nowhere"):
        read_points(tmp_path / "nowhere.csv")


def test_exact_points_fit_exactly_and_the_radius_grows_with_the_distance() -> None:
    fit = assess(STAND, [point(*mark) for mark in SPREAD])
    assert fit.off_m < 0.01
    assert not any(one.doubtful for one in fit.points)
    stated = [error for error in fit.errors_m.values() if error is not None]
    assert len(stated) >= 3
    assert stated == sorted(stated)


@pytest.mark.parametrize("wrong", range(6))
def test_the_one_point_with_a_wrong_place_is_found(wrong: int) -> None:
    points = [point(*mark) for mark in SPREAD]
    points[wrong] = point(*SPREAD[wrong], east_m=8.0)
    fit = assess(STAND, points)
    assert [one.doubtful for one in fit.points] == [number == wrong for number in range(6)]
    assert f"The others contradict point {wrong + 1}" in "\n".join(verdict(fit))


def test_with_five_points_a_wrong_one_is_noticed_but_not_which() -> None:
    points = [point(*mark) for mark in SPREAD[:5]]
    points[4] = point(*SPREAD[4], east_m=8.0)
    fit = assess(STAND, points)
    assert not any(one.doubtful for one in fit.points)
    assert "A sixth would tell which" in "\n".join(verdict(fit))


def test_four_points_are_taken_with_the_advice_to_add_a_fifth() -> None:
    fit = assess(STAND, [point(*mark) for mark in SPREAD[:4]])
    assert "add a fifth" in next(verdict(fit))
    assert fit.points[0].alone_m is None


@pytest.mark.parametrize(
    ("points", "reason"),
    [
        ([point(*mark) for mark in SPREAD[:3]], "3 calibration points, at least 4"),
        ([point(200 + 90 * k, 400) for k in range(5)], "on a line in the picture"),
        (
            [*(point(200 + 90 * k, 400) for k in range(4)), point(600, 600)],
            "all calibration points but number 5 lie on a line",
        ),
        (
            [*(point(*mark) for mark in SPREAD[:4]), point(*SPREAD[1])],
            "number 2 and 5 are the same",
        ),
        (
            [
                CalibrationPoint(one.u, one.v, one.lat, one.lon - 90)
                for one in (point(*mark) for mark in SPREAD)
            ],
            "are lon and lat swapped",
        ),
        (
            [
                CalibrationPoint(1 - one.u, one.v, one.lon, one.lat)
                for one in (point(*mark) for mark in SPREAD)
            ],
            "as in a mirror",
        ),
    ],
)
def test_points_that_give_no_plane_are_refused_with_the_reason(
    points: list[CalibrationPoint], reason: str
) -> None:
    with pytest.raises(BadCalibration, match=reason):
        assess(STAND, points)


def test_what_is_printed_can_be_pasted_into_the_cameras_file() -> None:
    text = "{" + "\n".join(to_paste(assess(STAND, [point(*mark) for mark in SPREAD]))) + "}"
    entry = {"camera_id": "C-001", "source": "mqtt", "place": [LON, LAT], **json.loads(text)}
    (camera,) = checked_cameras([entry])
    x, y = VIEW.ground_at(640, 400)
    ground = camera.site().locate(0.5, 400 / 720)
    assert math.hypot((ground.lon - LON) * M_PER_LON - x, (ground.lat - LAT) * 111_195 - y) < 0.2


@pytest.mark.parametrize("count", [4, 5, 8])
def test_places_lie_within_the_stated_radius_when_points_are_marked_with_ordinary_care(
    count: int,
) -> None:
    dice = random.Random(count)
    inside = located = 0
    for _ in range(40):
        marks = [(dice.uniform(*across), dice.uniform(*down)) for across, down in corners(count)]
        site = STAND.site([shaken(dice, *mark) for mark in marks])
        for _ in range(25):
            column, row = dice.uniform(0, 1280), dice.uniform(280, 720)
            ground, (x, y) = site.locate(column / 1280, row / 720), VIEW.ground_at(column, row)
            off_m = math.hypot((ground.lon - LON) * M_PER_LON - x, (ground.lat - LAT) * 111_195 - y)
            located += ground.error_m < STAND.coverage_m
            inside += off_m <= ground.error_m < STAND.coverage_m
    assert located > 700
    assert inside / located > 0.95


def corners(count: int) -> list[tuple[tuple[float, float], tuple[float, float]]]:
    """Where to mark: near and far, left and right, and then anywhere between."""
    outer = [((50, 350), (560, 710)), ((900, 1230), (560, 710))]
    outer += [((250, 500), (300, 380)), ((780, 1030), (300, 380))]
    return [*outer, *[((350, 900), (330, 650))] * (count - 4)]


def shaken(dice: random.Random, column: float, row: float) -> CalibrationPoint:
    """A point marked a pixel or two, and measured some decimetres, beside the truth."""
    x, y = VIEW.ground_at(column, row)
    return CalibrationPoint(
        (column + dice.gauss(0, 2)) / 1280,
        (row + dice.gauss(0, 1.5)) / 720,
        LON + (x + dice.gauss(0, 0.2)) / M_PER_LON,
        LAT + (y + dice.gauss(0, 0.2)) / 111_195,
    )


def test_the_picture_to_check_by_shows_grid_and_points_and_darkens_the_sky() -> None:
    points = [point(*mark) for mark in SPREAD]
    plain = np.full((720, 1280, 3), 128, np.uint8)
    drawn = with_ground_grid(plain, STAND.site(points), assess(STAND, points))
    assert (plain == 128).all()
    assert drawn[:100].mean() < 70
    x, y = VIEW.project([(5, 20, 0)])[0]
    around = drawn[round(y) - 3 : round(y) + 4, round(x) - 3 : round(x) + 4]
    assert (around.astype(int) - 128).max() > 60


def test_the_ruler_leaves_the_picture_as_it_was() -> None:
    plain = np.full((360, 640, 3), 128, np.uint8)
    assert (with_ruler(plain) != plain).any()
    assert (plain == 128).all()
