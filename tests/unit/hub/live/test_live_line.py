from datetime import UTC, datetime

from hub.journal import Entry
from hub.live.events import LivePosition
from hub.live.live_line import MAX_WAITING, CaseUnits, LiveLine, may_see

AT = datetime(2025, 8, 7, 7, 19, tzinfo=UTC)


def entry(journal_id: int) -> Entry:
    return Entry(
        journal_id, AT, "case", "1", "noted", "system:test", None, None, None, None, {}, "", ""
    )


def position(device_id: str, lon: float) -> LivePosition:
    return LivePosition(
        device_id=device_id,
        lon=lon,
        lat=25.6,
        heading=None,
        speed=None,
        battery=None,
        presence="online",
        observed_at=AT,
        received_at=AT,
    )


def test_a_slow_reader_is_dropped_before_it_costs_memory() -> None:
    line = LiveLine(None)
    for journal_id in range(MAX_WAITING):
        line.add_entry(entry(journal_id))
    assert line.is_open
    line.add_entry(entry(MAX_WAITING))
    assert not line.is_open
    assert [e.journal_id for e in line.take_entries()] == list(range(MAX_WAITING))


async def test_a_dropped_reader_is_woken() -> None:
    line = LiveLine(None)
    line.close()
    await line.wait(60)
    assert not line.is_open


def test_of_each_terminal_only_the_newest_position_waits() -> None:
    line = LiveLine(None)
    line.add_positions([position("T-0001", 103.8), position("T-0002", 103.8)])
    line.add_positions([position("T-0001", 103.9)])
    assert [(p.device_id, p.lon) for p in line.take_positions()] == [
        ("T-0001", 103.9),
        ("T-0002", 103.8),
    ]
    assert line.take_positions() == []


def test_a_unit_sees_what_is_of_the_unit() -> None:
    assert may_see("sanitation", CaseUnits("housing_bureau", frozenset({"sanitation"})))
    assert not may_see("sanitation", CaseUnits("housing_bureau", frozenset()))
    assert not may_see("sanitation", CaseUnits(None, frozenset()))
    assert not may_see("sanitation", None)
    assert may_see(None, None)
