"""`python -m edge calibrate`, on rendered streets whose camera is known."""

import json
import math
import subprocess
import sys
from pathlib import Path

import cv2
import pytest

from edge.ground import CalibrationPoint, CameraSite
from scenes import CoverState, StreetScene, encode_jpeg
from tests.integration.edge.conftest import ROOT
from tests.integration.edge.http_camera import http_camera, picture

LON, LAT = 103.82, 25.61
M_PER_LON = 111_195 * math.cos(math.radians(LAT))
MARKS = [(150, 690), (1150, 680), (300, 0.25), (950, 0.2), (640, 0.5)]
"""Columns and rows; a row below 1 is a share of the way from the horizon to the lower edge."""


def calibrate(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "edge", "calibrate", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def row_of(scene: StreetScene, row: float) -> float:
    horizon = max(0.0, scene._camera.horizon_row())
    return row if row > 1 else horizon + row * (720 - horizon)


def points_of(scene: StreetScene) -> str:
    """What somebody would write who has measured five places of the street."""
    lines = []
    for column, share in MARKS:
        row = row_of(scene, share)
        x, y = scene._camera.ground_at(column, row)
        lines.append(f"{column},{row:.0f},{LON + x / M_PER_LON:.7f},{LAT + y / 111_195:.7f}")
    return "\n".join(["u,v,lon,lat", *lines])


def street(seed: int) -> tuple[StreetScene, bytes]:
    scene = StreetScene(seed, 1280, 720)
    return scene, encode_jpeg(scene.frame(0.0, CoverState.GOOD).image)


@pytest.mark.parametrize("seed", [2, 5, 11])
def test_what_it_prints_places_the_cover_of_a_rendered_street_within_its_radius(
    tmp_path: Path, seed: int
) -> None:
    scene, jpeg = street(seed)
    (tmp_path / "street.jpg").write_bytes(jpeg)
    (tmp_path / "points.csv").write_text(points_of(scene), encoding="utf-8")
    out = tmp_path / "check.png"
    done = calibrate(
        *("--place", f"{LON},{LAT}", "--picture", str(tmp_path / "street.jpg")),
        *("--points", str(tmp_path / "points.csv"), "--out", str(out)),
    )
    assert done.returncode == 0, done.stderr
    assert cv2.imread(str(out)).shape == (720, 1280, 3)
    pasted = json.loads("{" + done.stdout[done.stdout.index('"homography"') :] + "}")
    site = CameraSite(LON, LAT, 40, [CalibrationPoint(*one) for one in pasted["homography"]])
    box = scene.frame(0.0, CoverState.GOOD).boxes[0]
    column, row = box.x + box.w / 2, box.y + box.h / 2
    x, y = scene._camera.ground_at(column, row)
    ground = site.locate(column / 1280, row / 720)
    off_m = math.hypot((ground.lon - LON) * M_PER_LON - x, (ground.lat - LAT) * 111_195 - y)
    assert off_m <= ground.error_m < 10


def test_without_points_it_writes_what_the_camera_shows_now_with_a_ruler(tmp_path: Path) -> None:
    scene, jpeg = street(2)
    out, file = tmp_path / "ruled.png", tmp_path / "cameras.json"
    with http_camera({"/now.jpg": picture(jpeg)}) as port:
        source = f"http://127.0.0.1:{port}/now.jpg"
        camera = {"camera_id": "C-001", "source": source, "place": [LON, LAT]}
        file.write_text(json.dumps([camera]), encoding="utf-8")
        done = calibrate("--cameras", str(file), "--camera", "C-001", "--out", str(out))
    assert done.returncode == 0, done.stderr
    assert "four or more points" in done.stdout
    shown = cv2.imread(str(out)).astype(int)
    assert (abs(shown - scene.frame(0.0, CoverState.GOOD).image) < 30).mean() > 0.8


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ((), "name the camera"),
        (("--place", "here"), "lon,lat"),
        (("--place", "25.6,103.8"), "lon first"),
        (("--place", "103.8,25.6"), "--picture"),
        (("--place", "103.8,25.6", "--picture", "/nowhere.jpg"), "/nowhere.jpg"),
        (("--place", "103.8,25.6", "--points", "/nowhere.csv"), "/nowhere.csv"),
        (("--cameras", "{cameras}", "--camera", "C-9"), "one of C-001, C-002"),
        (("--cameras", "{cameras}", "--camera", "C-001"), "publishes its frames itself"),
        (("--cameras", "{cameras}", "--camera", "C-002", "--point", "1,2"), "no.jpg"),
        (
            ("--place", "103.8,25.6", "--picture", "{street}", "--point", "0.1,0.1,103.8,25.6"),
            "at least 4",
        ),
    ],
)
def test_what_is_missing_or_wrong_is_said_in_a_line(
    tmp_path: Path, arguments: tuple[str, ...], reason: str
) -> None:
    (tmp_path / "street.jpg").write_bytes(street(2)[1])
    file = tmp_path / "cameras.json"
    cameras = [
        {"camera_id": "C-001", "source": "mqtt", "place": [LON, LAT]},
        {"camera_id": "C-002", "source": f"file:{tmp_path}/no.jpg", "place": [LON, LAT]},
    ]
    file.write_text(json.dumps(cameras), encoding="utf-8")
    done = calibrate(
        *(one.format(cameras=file, street=tmp_path / "street.jpg") for one in arguments)
    )
    assert done.returncode == 2
    assert reason in done.stderr
    assert "Traceback" not in done.stderr
