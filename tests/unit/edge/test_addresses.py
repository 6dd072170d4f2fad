from pathlib import Path

import pytest

from edge.sources.address import (
    BadAddress,
    FileAddress,
    HttpAddress,
    MqttAddress,
    RtspAddress,
    parse,
)


def test_each_kind_of_source_is_known() -> None:
    assert parse("mqtt") == MqttAddress()
    assert parse("folder:/some/where") == FileAddress(Path("/some/where"))
    assert parse("file:latest.JPG") == FileAddress(Path("latest.JPG"))
    assert isinstance(parse("rtsp://10.0.0.9/live"), RtspAddress)
    for plain in ("http://cam/now.jpg", "HTTPS://cam/now.jpg"):
        address = parse(plain)
        assert isinstance(address, HttpAddress)
        assert not address.mjpeg
    mjpeg = parse("mjpeg+http://cam:8080/stream")
    assert isinstance(mjpeg, HttpAddress)
    assert (mjpeg.mjpeg, mjpeg.url.bare) == (True, "http://cam:8080/stream")


def test_user_and_password_are_decoded_and_kept_out_of_the_bare_address() -> None:
    address = parse("http://operator:p%40ss@[2001:db8::1]:81/now.jpg?size=1")
    assert isinstance(address, HttpAddress)
    url = address.url
    assert (url.user, url.password) == ("operator", "p@ss")
    assert url.bare == "http://[2001:db8::1]:81/now.jpg?size=1"
    assert url.shown == "http://[2001:db8::1]:81"


def test_no_text_form_shows_a_password_in_user_path_or_query() -> None:
    address = parse("rtsp://operator:secret@cam/user=a_password=secret?pwd=secret")
    assert "secret" not in f"{address} {address!r}"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "an unknown kind"),
        ("rtspx://operator:secret@cam/", "an unknown kind"),
        ("MQTT:", "an unknown kind"),
        ("folder:", "names no path"),
        ("file:", "names no path"),
        ("file:/secret/film.mp4", "ends in .jpg"),
        ("rtsp:///live", "names no host"),
        ("rtsp://operator:secret@/live", "names no host"),
        ("http://cam:0/", "port 0"),
        ("http://cam:70000/secret", "port that cannot be read"),
        ("rtsp://operator:sec#ret@cam/live", "# as %23"),
        ("rtsp://operator:sec/ret@cam/live", "/ as %2F"),
        ("rtsp://operator/secret@cam/live", "@ after the host"),
        ("rtsp://cam/secret live", "a blank"),
        ("rtsp://cam/secret\n", "a blank"),
    ],
)
def test_a_wrong_address_is_refused_with_the_reason_and_without_itself(
    text: str, reason: str
) -> None:
    with pytest.raises(BadAddress) as refused:
        parse(text)
    assert reason in str(refused.value)
    assert "sec" not in str(refused.value)
