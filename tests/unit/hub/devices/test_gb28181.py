import pytest

from hub.devices.gb28181 import check_kind, parse_gb28181
from wire.topics import Kind

CAMERA = "53030300081320000017"


def test_an_id_is_taken_apart_and_explained() -> None:
    found = parse_gb28181(CAMERA)
    assert str(found) == CAMERA
    assert found.explained() == {
        "centre": "53030300",
        "industry": "08 urban management",
        "type": "132 network camera",
        "network": "0 surveillance network",
        "serial": "000017",
    }


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ("", "20 digits"),
        (CAMERA[:-1], r"20 digits, this is .*\(19\)"),
        (CAMERA + "0", r"\(21\)"),
        (CAMERA[:-1] + "x", "20 digits"),
        ("５" * 20, "20 digits"),
        ("00" + CAMERA[2:], "no province"),
    ],
)
def test_what_is_no_id_is_refused_with_the_reason(wrong: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        parse_gb28181(wrong)


@pytest.mark.parametrize(
    ("number", "kind", "fits"),
    [
        ("132", Kind.CAMERA, True),
        ("138", Kind.TERMINAL, True),
        ("200", Kind.EDGE, True),
        ("200", Kind.CAMERA, False),
        ("215", Kind.TERMINAL, False),
        ("400", Kind.EDGE, False),
        ("000", Kind.CAMERA, False),
        ("600", Kind.CAMERA, True),
    ],
)
def test_an_id_of_a_user_or_a_group_is_no_device_s(number: str, kind: Kind, fits: bool) -> None:
    text = f"5303030000{number}0000001"
    if fits:
        check_kind(text, kind)
    else:
        with pytest.raises(ValueError, match=f"type {number}"):
            check_kind(text, kind)
