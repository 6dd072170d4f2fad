from datetime import UTC, datetime

from hub.journal import Entry
from hub.live.events import LivePosition
from hub.live.subscriber import MAX_WAITING, Subscriber

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
    subscriber = Subscriber(None)
    for journal_id in range(MAX_WAITING):
        subscriber.add_entry(entry(journal_id))
    assert subscriber.is_open
    subscriber.add_entry(entry(MAX_WAITING))
    assert not subscriber.is_open
    assert [e.journal_id for e in subscriber.take_entries()] == list(range(MAX_WAITING))


async def test_a_dropped_reader_is_woken() -> None:
    subscriber = Subscriber(None)
    subscriber.close()
    await subscriber.wait(60)
    assert not subscriber.is_open


def test_of_each_terminal_only_the_newest_position_waits() -> None:
    subscriber = Subscriber(None)
    subscriber.add_positions([position("T-0001", 103.8), position("T-0002", 103.8)])
    subscriber.add_positions([position("T-0001", 103.9)])
    assert [(p.device_id, p.lon) for p in subscriber.take_positions()] == [
        ("T-0001", 103.9),
        ("T-0002", 103.8),
    ]
    assert subscriber.take_positions() == []


def test_a_unit_sees_what_is_of_the_unit() -> None:
    confined = Subscriber("sanitation")
    assert confined.may_see(frozenset({"housing_bureau", "sanitation"}))
    assert not confined.may_see(frozenset({"housing_bureau"}))
    assert not confined.may_see(frozenset())
    assert Subscriber(None).may_see(frozenset())
