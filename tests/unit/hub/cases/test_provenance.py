"""What is asked of a repair photo's origin."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.cases.provenance import PhotoOrigin, Scene, examine, not_arrived

ROUTED_AT = datetime(2025, 8, 7, 7, 19, tzinfo=UTC)
SCENE = Scene(103.82, 25.6, 5, ROUTED_AT)
GOOD = PhotoOrigin(
    sha256="a" * 64,
    taken_at=ROUTED_AT + timedelta(hours=1),
    received_at=ROUTED_AT + timedelta(hours=1, seconds=2),
    lon=103.82,
    lat=25.6,
    error_m=0,
    known_sender=True,
    used_in=None,
    like=None,
    is_claimed=False,
)


def test_a_photo_with_a_good_origin_passes_all_checks():
    examined = examine(GOOD, SCENE)

    assert examined.passed
    assert examined.first_refusal is None
    names = [check.name for check in examined.checks]
    assert names == [
        "arrived",
        "after_routing",
        "within_reach",
        "not_used",
        "new_picture",
        "known_sender",
    ]


@pytest.mark.parametrize(
    ("fault", "check"),
    [
        ({"taken_at": ROUTED_AT}, "after_routing"),
        ({"taken_at": ROUTED_AT + timedelta(hours=2)}, "after_routing"),
        ({"lon": 103.83}, "within_reach"),
        ({"lon": None, "lat": None}, "within_reach"),
        ({"used_in": "530303-20250801-0004"}, "not_used"),
        ({"like": "c" * 64}, "new_picture"),
        ({"known_sender": False}, "known_sender"),
    ],
)
def test_each_fault_fails_its_own_check_and_no_other(fault, check):
    examined = examine(replace(GOOD, **fault), SCENE)

    assert [each.name for each in examined.checks if not each.passed] == [check]
    assert examined.first_refusal.name == check


def test_what_an_uploader_says_of_time_and_place_is_marked_as_unproved():
    claimed = examine(replace(GOOD, is_claimed=True), SCENE)

    assert claimed.passed
    told = {check.name: check.detail for check in claimed.checks}
    for name in ("after_routing", "within_reach"):
        assert told[name].endswith("as its uploader says; nothing proves it")
    assert "uploader" not in "".join(check.detail for check in examine(GOOD, SCENE).checks)


def test_a_photo_that_is_missing_has_not_arrived():
    missing = not_arrived("b" * 64)

    assert not missing.arrived
    assert not missing.passed


@given(photo_error=st.floats(0, 500), scene_error=st.floats(0, 500))
def test_a_larger_error_never_turns_a_place_in_reach_into_one_out_of_it(photo_error, scene_error):
    precise = examine(GOOD, SCENE)
    vague = examine(replace(GOOD, error_m=photo_error), replace(SCENE, error_m=scene_error + 5))

    assert precise.passed
    assert vague.passed
