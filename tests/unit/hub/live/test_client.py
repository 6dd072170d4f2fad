from datetime import UTC, datetime

from hub.accounts.scope import Scope
from hub.journal import Entry
from hub.live.client import (
    MAX_QUEUED,
    NOTHING,
    Belonging,
    CaseUnits,
    LiveClient,
    LiveSight,
    may_see,
)
from hub.live.events import LivePosition, PositionBatch

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
    client = LiveClient()
    for journal_id in range(MAX_QUEUED):
        client.add_entry(entry(journal_id))
    assert client.is_open
    client.add_entry(entry(MAX_QUEUED))
    assert not client.is_open
    assert [e.journal_id for e in client.take_entries()] == list(range(MAX_QUEUED))


async def test_a_dropped_reader_is_woken() -> None:
    client = LiveClient()
    client.close()
    await client.wait(60)
    assert not client.is_open


def test_of_each_terminal_only_the_newest_position_waits() -> None:
    client = LiveClient()
    client.add_positions(PositionBatch([position("T-0001", 103.8), position("T-0002", 103.8)]))
    client.add_positions(PositionBatch([position("T-0001", 103.9)]))
    batch = client.take_positions()
    assert batch is not None
    assert [(p.device_id, p.lon) for p in batch.items] == [("T-0001", 103.9), ("T-0002", 103.8)]
    assert client.take_positions() is None


def test_positions_that_many_readers_get_are_encoded_once() -> None:
    batch = PositionBatch([position("T-0001", 103.8)])
    readers = [LiveClient(), LiveClient()]
    for reader in readers:
        reader.add_positions(batch)
    first, second = (reader.take_positions() for reader in readers)
    assert first is not None
    assert second is not None
    assert first.event is second.event


HANDLER = LiveSight(Scope.of_unit("sanitation"), observes=False)
TOWN = LiveSight(Scope.of_territory("town_01", "village_001"))


def test_a_unit_handler_is_told_of_the_units_cases_and_of_nothing_else() -> None:
    assert may_see(HANDLER, Belonging(CaseUnits("housing_bureau", frozenset({"sanitation"}))))
    assert not may_see(HANDLER, Belonging(CaseUnits("housing_bureau")))
    assert not may_see(HANDLER, Belonging(CaseUnits(None)))
    assert not may_see(HANDLER, Belonging(units=frozenset({"sanitation"})))
    assert not may_see(HANDLER, NOTHING)


def test_who_observes_is_told_of_the_devices_and_signals_of_the_scope() -> None:
    assert may_see(TOWN, Belonging(units=frozenset({"village_001"})))
    assert may_see(TOWN, Belonging(places=frozenset({"village_001"})))
    assert may_see(TOWN, Belonging(CaseUnits(None, place_unit="village_001")))
    assert may_see(TOWN, Belonging(CaseUnits(None), units=frozenset({"village_001"})))
    assert not may_see(TOWN, Belonging(units=frozenset({"village_002"})))
    assert not may_see(TOWN, NOTHING)
    assert may_see(LiveSight(), NOTHING)
