"""The hub may have a node use only what it was installed with, and what its settings add."""

from pathlib import Path

import pytest

from edge.reach import AllowedHost, OutOfReach, Reach
from edge.sources.address import parse


def reach(*hosts: str, installed: tuple[str, ...] = (), folders: tuple[Path, ...] = ()) -> Reach:
    addresses = [parse(each) for each in installed]
    return Reach.of_cameras(addresses, "SETTING", map(AllowedHost.read, hosts), folders)


def allows(one: Reach, address: str) -> bool:
    try:
        one.check(parse(address))
    except OutOfReach:
        return False
    return True


@pytest.mark.parametrize(
    "address",
    [
        "rtsp://192.168.10.12/live",
        "rtsp://192.168.10.12:554/Streaming/Channels/102",
        "rtsp://other:PASSWORD@192.168.10.12/",
        "http://cam-7.example/snapshot.jpg",
        "mjpeg+http://CAM-7.example./stream",
        "mqtt",
    ],
)
def test_what_the_node_was_installed_with_may_be_used_in_another_way(address: str):
    one = reach(installed=("rtsp://user:PASSWORD@192.168.10.12/live", "http://cam-7.example/"))
    assert allows(one, address)


@pytest.mark.parametrize(
    "address",
    [
        "rtsp://192.168.10.13/live",
        "rtsp://192.168.10.12:22/live",
        "http://192.168.10.12/",
        "http://169.254.169.254/latest/meta-data",
        "http://127.0.0.1:8080/",
        "http://3232238092/",
        "http://0xc0a80a0c/",
        "http://cam-7.example.evil.example/",
        "https://cam-7.example:8443/",
        "http://cam-7.example@evil.example/",
        "folder:/etc",
        "file:/srv/pictures/1.jpg",
    ],
)
def test_nothing_else_is_reached(address: str):
    one = reach(installed=("rtsp://user:PASSWORD@192.168.10.12/live", "http://cam-7.example/"))
    assert not allows(one, address)


def test_settings_name_hosts_ports_and_networks():
    one = reach("10.2.0.0/16", "10.3.0.7:8554", "cam.example:*", "[fd00::7]:8080", "fd01::/16")
    for address in (
        "rtsp://10.2.7.9/live",
        "https://10.2.7.9/",
        "rtsp://10.3.0.7:8554/",
        "http://cam.example:9999/",
        "http://[fd00::7]:8080/",
        "rtsps://[fd01::9]/",
    ):
        assert allows(one, address), address
    for address in (
        "rtsp://10.2.7.9:8554/",
        "rtsp://10.3.0.7/",
        "http://[fd00::7]/",
        "http://name-in-10.2.example/",
        "http://[::ffff:10.3.0.7]:8554/",
    ):
        assert not allows(one, address), address


def test_a_file_is_used_only_below_a_folder_that_is_named(tmp_path: Path):
    pictures, secret = tmp_path / "pictures", tmp_path / "secret"
    for folder in (pictures / "deep", secret):
        folder.mkdir(parents=True)
    (pictures / "link").symlink_to(secret)
    one = reach(folders=(pictures,))
    assert allows(one, f"folder:{pictures}")
    assert allows(one, f"file:{pictures}/deep/1.jpg")
    assert not allows(one, f"folder:{secret}")
    assert not allows(one, f"folder:{pictures}/../secret")
    assert not allows(one, f"file:{pictures}/link/1.jpg")
    assert not allows(one, f"folder:{pictures}-of-others")


def test_a_refusal_names_the_setting_and_no_password():
    with pytest.raises(OutOfReach, match=r"rtsp://10\.9\.9\.9 is not allowed.*SETTING") as refused:
        reach().check(parse("rtsp://user:of-this-test-only@10.9.9.9/path"))
    assert "of-this-test-only" not in str(refused.value)


@pytest.mark.parametrize("text", ["", "a b", "10.2.0.1/16", "host:0", "host:70000", "host:rtsp"])
def test_a_host_that_cannot_be_read_is_refused(text: str):
    with pytest.raises(ValueError):
        AllowedHost.read(text)
