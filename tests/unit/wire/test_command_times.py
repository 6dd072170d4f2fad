"""The times of commands, and what a device makes of them."""

from datetime import UTC, datetime, timedelta

import pytest

from wire.command_times import COMMAND_TIMES, duration, in_words
from wire.generate import GUIDE
from wire.messages import CommandType
from wire.messages.commands import ORDERS, TAKES, PlainOrder
from wire.schemas import schema_of
from wire.topics import Kind

NOW = datetime(2025, 8, 7, 15, 19, tzinfo=UTC)


def order(**rest: object) -> PlainOrder:
    return PlainOrder.model_validate(
        {
            "type": "locate",
            "command_id": "3f0c8a52-6f0b-4a36-9d5e-0c7a1b2d9e41",
            "issued_at": NOW,
            "expires_at": NOW + timedelta(seconds=15),
        }
        | rest
    )


@pytest.mark.parametrize("ahead", [timedelta(seconds=16), timedelta(hours=8)])
def test_a_clock_that_is_ahead_makes_no_order_late_that_has_just_arrived(ahead: timedelta):
    assert not order(valid_for_s=15).came_too_late(NOW + ahead, since_arrival_s=0.1)
    assert order(valid_for_s=15).came_too_late(NOW - ahead, since_arrival_s=15)


def test_without_valid_for_s_the_clock_decides():
    assert not order().came_too_late(NOW + timedelta(seconds=14), since_arrival_s=99)
    assert order().came_too_late(NOW + timedelta(seconds=15), since_arrival_s=0)


@pytest.mark.parametrize(
    ("seconds", "told"),
    [(8, "8 s"), (60, "1 min"), (90, "90 s"), (120, "2 min"), (3600, "1 h"), (86400, "1 day")],
)
def test_a_duration_is_told_in_the_largest_unit_that_is_whole(seconds: float, told: str):
    assert duration(seconds) == told
    assert duration(7 * 86400) == "7 days"


def test_every_type_that_a_device_gets_has_its_times_in_the_guide_and_in_its_schema():
    guide = GUIDE.read_text("utf-8")
    for kind, types in TAKES.items():
        for type_ in types:
            schema = schema_of(f"{kind.removesuffix('s')}_commands")
            assert in_words(type_) in schema["$defs"][ORDERS[type_].__name__]["description"]
            assert f"| `{type_}` | " in guide
    assert in_words(CommandType.GUARD) == (
        "`guard` waits 30 min for an offline device: `delivered` within 15 s, then `accepted` or "
        "`rejected` within 2 min (lasts until it is relieved)."
    )


def test_a_kind_of_device_has_only_its_own_commands_in_its_schema():
    camera, terminal = schema_of("camera_commands"), schema_of("terminal_commands")
    assert {"locate", "dispatch"}.isdisjoint(_types(camera))
    assert {"ptz_goto", "record_clip", "model_update"}.isdisjoint(_types(terminal))
    assert _types(camera) == TAKES[Kind.CAMERA]
    assert _types(terminal) == TAKES[Kind.TERMINAL]
    assert set(COMMAND_TIMES) == set(CommandType) == set(ORDERS)


def _types(schema: dict[str, dict[str, dict[str, dict[str, dict[str, str]]]]]) -> set[str]:
    found: set[str] = set()
    for name, model in schema["$defs"].items():
        if name.endswith("Order"):
            kind = model["properties"]["type"]
            found |= {kind["const"]} if "const" in kind else set(kind["enum"])
    return found
