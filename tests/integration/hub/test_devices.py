from datetime import UTC, datetime, timedelta

from hub.db import Connection, Pool
from hub.devices import Presence
from hub.devices.commands import NewStatus, sweep_clocks, sweep_presence, take_health, take_statuses
from hub.devices.reading import view_device
from hub.journal import Subject, entries_of
from tests.use_cases import carry_out
from wire.messages import CameraHealth, Capability, EdgeHealth, Link, TerminalStatus

NOW = datetime(2025, 8, 7, 7, 19, tzinfo=UTC)


async def register(db: Connection, device_id: str = "T-1") -> None:
    await db.execute(
        "INSERT INTO device (device_id, kind, name_zh, name_en, registered_at)"
        " VALUES (%s, 'terminals', '终端', 'Terminal', %s)",
        (device_id, NOW),
    )


async def heard(db: Connection, at: datetime) -> None:
    await db.execute("UPDATE device SET last_uplink_at = %s", (at,))


async def test_presence_follows_the_last_uplink_and_each_change_is_journaled(
    db: Connection,
) -> None:
    await register(db)
    await heard(db, NOW)
    for seconds, expected in [(5, "online"), (60, "stale"), (181, "offline"), (500, "offline")]:
        await carry_out(db, NOW + timedelta(seconds=seconds), sweep_presence)
        device = await view_device(db, "T-1")
        assert device is not None
        assert device.presence == expected
    entries = await entries_of(db, Subject.DEVICE, "T-1")
    assert [entry.to_state for entry in entries] == ["online", "stale", "offline"]


async def test_a_last_will_is_a_hint_and_keeps_what_the_birth_said(db: Connection) -> None:
    await register(db)
    birth = TerminalStatus(
        state=Link.ONLINE,
        boot_id="b1",
        firmware="1.2",
        capabilities=frozenset({Capability.VIDEO}),
        holder="网格员 0001",
    )
    await take_statuses(db, [NewStatus("T-1", birth, NOW)])
    await heard(db, NOW)
    will = TerminalStatus(state=Link.OFFLINE, boot_id="b1")
    await take_statuses(db, [NewStatus("T-1", will, NOW + timedelta(seconds=1))])
    await carry_out(db, NOW + timedelta(seconds=6), sweep_presence)
    device = await view_device(db, "T-1")
    assert device is not None
    assert device.presence is Presence.STALE
    assert (device.firmware, device.holder) == ("1.2", "网格员 0001")
    assert device.capabilities == ["video"]


async def test_people_s_word_counts_of_the_holder_and_the_device_s_of_what_it_can_do(
    db: Connection,
) -> None:
    await register(db)
    await db.execute(
        "UPDATE device SET holder_registered = '网格员 0001', capabilities_registered = '{talk}'"
    )
    birth = TerminalStatus(
        state=Link.ONLINE,
        boot_id="b1",
        firmware="1.2",
        capabilities=frozenset({Capability.VIDEO}),
        holder="网格员 0002",
    )
    await take_statuses(db, [NewStatus("T-1", birth, NOW)])
    device = await view_device(db, "T-1")
    assert device is not None
    assert (device.holder, device.holder_reported) == ("网格员 0001", "网格员 0002")
    assert device.capabilities == ["video"]


async def test_a_live_position_comes_with_the_device(db: Connection) -> None:
    await register(db)
    await db.execute(
        "INSERT INTO terminal_live (device_id, order_at, observed_at, received_at, lon, lat,"
        " accuracy_m, battery) VALUES ('T-1', %(t)s, %(t)s, %(t)s, 103.8, 25.6, 8, 77)",
        {"t": NOW},
    )
    device = await view_device(db, "T-1")
    assert device is not None
    assert device.position is not None
    assert (device.position.lon, device.position.lat, device.battery) == (103.8, 25.6, 77)
    assert device.position.observed_at == NOW


async def test_a_camera_is_online_while_its_edge_node_gets_frames(db: Connection) -> None:
    await register(db, "C-1")
    await db.execute("UPDATE device SET kind = 'cameras'")
    camera = CameraHealth(
        camera_id="C-1",
        frames_in=9,
        frames_looked_at=3,
        frames_skipped=6,
        newest_frame_age_s=4.0,
    )
    await take_health(db, "E-1", EdgeHealth(at=NOW, cameras=(camera,)), NOW)
    await carry_out(db, NOW + timedelta(seconds=10), sweep_presence)
    device = await view_device(db, "C-1")
    assert device is not None
    assert device.presence is Presence.ONLINE
    assert device.last_seen_at == NOW - timedelta(seconds=4)


async def test_a_frame_of_any_age_can_be_told(db: Connection) -> None:
    await register(db, "C-1")
    camera = CameraHealth(
        camera_id="C-1",
        frames_in=0,
        frames_looked_at=0,
        frames_skipped=0,
        newest_frame_age_s=1e300,
    )
    await take_health(db, "E-1", EdgeHealth(at=NOW, cameras=(camera,)), NOW)
    device = await view_device(db, "C-1")
    assert device is not None
    assert device.presence is not Presence.ONLINE


async def test_a_sweep_leaves_a_device_that_somebody_writes_to_for_the_next(
    db: Connection, pool: Pool
) -> None:
    await register(db)
    await register(db, "T-2")
    await heard(db, NOW)
    await db.commit()
    async with pool.connection() as other:
        await other.execute("UPDATE device SET boot_id = 'b' WHERE device_id = 'T-1'")
        assert await carry_out(db, NOW, sweep_presence) == 1
        await db.commit()
    assert await carry_out(db, NOW, sweep_presence) == 1
    assert await carry_out(db, NOW, sweep_presence) == 0


async def test_a_wrong_clock_is_flagged_once_and_let_off_once(db: Connection) -> None:
    await register(db)
    for skew_s, expected in [(400.0, "ahead"), (290.0, "ahead"), (-1.0, "right"), (-900, "behind")]:
        await db.execute("UPDATE device SET clock_skew_s = %s", (skew_s,))
        await carry_out(db, NOW, sweep_clocks)
        await carry_out(db, NOW, sweep_clocks)
        device = await view_device(db, "T-1")
        assert device is not None
        assert (device.clock, device.clock_skew_s) == (expected, skew_s)
    entries = await entries_of(db, Subject.DEVICE, "T-1")
    assert [(e.kind, e.to_state, e.data["clock_skew_s"]) for e in entries] == [
        ("clock", "ahead", 400.0),
        ("clock", "right", -1.0),
        ("clock", "behind", -900.0),
    ]
