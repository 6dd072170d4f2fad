"""What the simulator writes for edge nodes is what edge nodes read."""

from pathlib import Path

import pytest

from edge.settings import read_cameras
from firmware_sim.district.build import DistrictSpec, build_district
from firmware_sim.district.folder import SimulatedDistrict, write_district


@pytest.fixture(scope="module")
def district() -> SimulatedDistrict:
    return build_district(DistrictSpec(7, 3, 10, 12))


def test_each_edge_node_gets_a_file_of_its_own_cameras(district: SimulatedDistrict, tmp_path: Path):
    write_district(district, tmp_path)
    rows = {row.device_id: row for row in district.devices}
    edges = [row for row in district.devices if row.kind == "edges"]
    assert [edge.device_id for edge in edges] == ["E-01", "E-02"]
    for edge in edges:
        cameras = read_cameras(tmp_path / "edges" / f"{edge.device_id}.cameras.json")
        assert tuple(camera.camera_id for camera in cameras) == edge.cameras
        for camera in cameras:
            row = rows[camera.camera_id]
            source = camera.source.get_secret_value()
            assert (source, camera.place, camera.coverage_m) == (
                "mqtt",
                row.place,
                row.coverage_m,
            )


def test_a_new_district_leaves_no_edge_node_of_the_one_before(
    district: SimulatedDistrict, tmp_path: Path
):
    write_district(district, tmp_path)
    write_district(build_district(DistrictSpec(7, 3, 4, 12)), tmp_path)
    assert [path.name for path in (tmp_path / "edges").iterdir()] == ["E-01.cameras.json"]
