"""Low batteries and holders off post: one signal each time, which goes away when it is over."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import pytest
from psycopg.types.json import Jsonb

from hub.db import Connection
from hub.deadlines import seed_calendar
from hub.devices.commands import take_health
from hub.errors import GuardRefused, InvalidInput
from hub.monitoring.cameras import monitor_cameras
from hub.monitoring.commands import monitor_batteries, monitor_posts
from hub.signals.commands import note_signal, reject_signal
from hub.signals.reading import WaitingFilter, waiting_list
from hub.signals.signal import RejectReason, Signal, SignalState, WaitingReason
from hub.signals.store import signal_by_id
from hub.worker.handlers import handle
from hub.worker.inbox_message import InboxMessage
from tests.districts import add_device
from tests.integration.hub.cases.conftest import DISPATCHER
from tests.use_cases import carry_out
from wire.messages import EdgeHealth

NOW = datetime(2025, 8, 7, 1, 0, tzinfo=UTC)  # Thursday, 09:00 in Shanghai
RING = [[103.82, 25.6], [103.83, 25.6], [103.83, 25.61], [103.82, 25.61], [103.82, 25.6]]
AT_POST, AWAY, NEAR = (103.825, 25.605), (103.85, 25.605), (103.8315, 25.605)

Place = Callable[..., Awaitable[None]]


def after(minutes: float) -> datetime:
    return NOW + timedelta(minutes=minutes)


@pytest.fixture(autouse=True)
async def village(db: Connection) -> None:
    await seed_calendar(db, [2025], NOW)
    await db.execute(
        "INSERT INTO unit (unit_key, kind, level, name_zh, name_en)"
        " VALUES ('village_001', 'territory', 'village', '玉林社区', 'Yulin Community')"
    )
    boundary = {"type": "Polygon", "coordinates": [RING]}
    await db.execute("INSERT INTO territory VALUES ('village_001', %s)", (Jsonb(boundary),))
    await db.execute(
        "INSERT INTO device (device_id, kind, name_zh, name_en, unit_key, holder_registered, registered_at)"
        " VALUES ('T-1', 'terminals', '', '', 'village_001', '网格员 0001', %s)",
        (NOW,),
    )


async def seen(
    db: Connection, minute: float, place: tuple[float, float] = AT_POST, battery: float = 80
) -> None:
    """The terminal is somewhere at a minute, with so much battery."""
    await db.execute(
        "INSERT INTO terminal_live (device_id, order_at, observed_at, received_at, lon, lat,"
        " accuracy_m, battery) VALUES ('T-1', %(at)s, %(at)s, %(at)s, %(lon)s, %(lat)s, 5, %(b)s)"
        " ON CONFLICT (device_id) DO UPDATE SET observed_at = excluded.observed_at,"
        " received_at = excluded.received_at, lon = excluded.lon, lat = excluded.lat,"
        " battery = excluded.battery",
        {"at": after(minute), "lon": place[0], "lat": place[1], "b": battery},
    )


async def waiting(db: Connection) -> list[Signal]:
    listed = (await waiting_list(db, WaitingFilter())).items
    return [await signal_by_id(db, each.signal_id) for each in listed]


async def discharged(db: Connection, *percents: float) -> int:
    """Look after each figure; returns how many signals were made."""
    made = 0
    for minute, percent in enumerate(percents):
        await seen(db, minute, battery=percent)
        made += await carry_out(db, after(minute), monitor_batteries)
    return made


async def test_a_battery_that_runs_low_is_told_once_however_it_jitters(db: Connection) -> None:
    assert await discharged(db, 20, 14, 16, 13, 15, 12, 25, 9) == 1
    (signal,) = await waiting(db)
    assert (signal.type, signal.device_id, signal.reason) == (
        "low_battery",
        "T-1",
        WaitingReason.LOW_BATTERY,
    )
    assert "14%" in signal.text


async def test_a_charged_battery_clears_its_signal_and_the_next_discharge_is_a_new_one(
    db: Connection,
) -> None:
    await discharged(db, 14)
    (first,) = await waiting(db)
    assert await discharged(db, 12, 80) == 0
    cleared = await signal_by_id(db, first.signal_id)
    assert (cleared.state, cleared.reason) == (SignalState.REJECTED, RejectReason.OVER)
    assert cleared.cleared_at == after(1)
    assert await waiting(db) == []
    assert await discharged(db, 10, 9) == 1


async def test_a_signal_that_a_person_has_decided_about_does_not_come_back(
    db: Connection,
) -> None:
    await discharged(db, 14)
    (signal,) = await waiting(db)
    await carry_out(
        db, after(1), reject_signal, signal.signal_id, RejectReason.OUT_OF_SCOPE, DISPATCHER
    )
    assert await discharged(db, 13, 12) == 0
    assert await discharged(db, 90) == 0
    decided = await signal_by_id(db, signal.signal_id)
    assert decided.reason == RejectReason.OUT_OF_SCOPE
    assert decided.cleared_at is not None


async def test_a_terminal_s_own_word_of_its_battery_is_the_same_discharge(db: Connection) -> None:
    async def complain(number: int, minute: float) -> None:
        event = {
            "event_id": f"11111111-2222-4333-8444-55555555555{number}",
            "type": "low_battery",
            "observed_at": after(minute).isoformat(),
        }
        message = InboxMessage(number, "terminals", "T-1", "events", "", event, after(minute), 0)
        await carry_out(db, after(minute), handle, [message])

    await seen(db, 0, battery=18)
    await complain(1, 0)
    await complain(2, 5)
    assert await discharged(db, 14) == 0
    assert len(await waiting(db)) == 1


async def away_for(db: Connection, minutes: range, place: tuple[float, float] = AWAY) -> int:
    """Look every minute; returns how many signals were made."""
    made = 0
    for minute in minutes:
        await seen(db, minute, place)
        made += await carry_out(db, after(minute), monitor_posts, 15)
    return made


async def test_an_absence_is_told_once_after_its_minutes_and_cleared_at_the_return(
    db: Connection,
) -> None:
    assert await away_for(db, range(15)) == 0
    assert await away_for(db, range(15, 60)) == 1
    (signal,) = await waiting(db)
    assert (signal.type, signal.reason, signal.observed_at) == (
        "off_post",
        WaitingReason.OFF_POST,
        NOW,
    )
    assert signal.lon == AWAY[0]
    await away_for(db, range(60, 62), AT_POST)
    assert await waiting(db) == []
    over = await signal_by_id(db, signal.signal_id)
    assert (over.reason, over.cleared_at) == (RejectReason.OVER, after(60))
    assert await away_for(db, range(62, 80)) == 1


async def test_a_position_that_jitters_over_the_boundary_is_no_absence(db: Connection) -> None:
    for minute in range(0, 60, 2):
        assert await away_for(db, range(minute, minute + 1), NEAR) == 0
        assert await away_for(db, range(minute + 1, minute + 2), AT_POST) == 0


async def test_nobody_is_off_post_at_noon_on_a_task_or_where_it_is_not_asked_for(
    db: Connection,
) -> None:
    assert await away_for(db, range(190, 250)) == 0  # 12:10 to 13:10
    await seen(db, 5, AWAY)
    assert await carry_out(db, after(5), monitor_posts, 0) == 0
    await db.execute(
        "INSERT INTO command (command_id, device_id, type, state, body, priority, issued_at,"
        " expires_at, issued_by) VALUES ('11111111-2222-4333-8444-555555555555', 'T-1', 'guard',"
        " 'accepted', '{}', 5, %(now)s, %(end)s, 'test')",
        {"now": NOW, "end": after(60)},
    )
    assert await away_for(db, range(30)) == 0


async def test_a_silent_terminal_is_not_called_away_for_longer_than_it_was_seen(
    db: Connection,
) -> None:
    await away_for(db, range(5))
    for minute in range(5, 60):
        assert await carry_out(db, after(minute), monitor_posts, 15) == 0
    assert await waiting(db) == []


async def test_working_hours_that_end_clear_what_was_told(db: Connection) -> None:
    assert await away_for(db, range(120, 180)) == 1
    assert await away_for(db, range(181, 182)) == 0  # 12:01
    assert await waiting(db) == []


async def test_a_low_battery_is_noted_and_the_holder_reminded_by_a_message(db) -> None:
    await db.execute("UPDATE device SET last_uplink_at = %s", (after(5),))
    await db.execute(
        "INSERT INTO district VALUES ('530303', '沾益区（模拟）', 'Zhanyi', 103.8, 25.6,"
        " '{103.5,25.4,104.1,26.1}')"
    )
    assert await discharged(db, 12) == 1
    (signal,) = await waiting(db)
    await carry_out(
        db, after(5), note_signal, signal.signal_id, DISPATCHER, reminder="电量低，请充电"
    )
    noted = await signal_by_id(db, signal.signal_id)
    assert (noted.state, noted.reason) == (SignalState.NOTED, "reminded")
    row = await (
        await db.execute("SELECT device_id, type, body ->> 'text' FROM command")
    ).fetchone()
    assert row == ("T-1", "message", "电量低，请充电")
    assert await waiting(db) == []
    assert await discharged(db, 11) == 0, "it is not reported again until it was charged"


async def test_what_is_not_about_the_holder_is_noted_with_words_and_reminds_nobody(db) -> None:
    assert await discharged(db, 12) == 1
    (signal,) = await waiting(db)
    await db.execute("UPDATE signal SET reason = 'no_place'")
    with pytest.raises(InvalidInput, match="say why"):
        await carry_out(db, after(5), note_signal, signal.signal_id, DISPATCHER, "  ")
    with pytest.raises(GuardRefused):
        await carry_out(
            db, after(5), note_signal, signal.signal_id, DISPATCHER, "已知悉", reminder="请充电"
        )
    await carry_out(db, after(5), note_signal, signal.signal_id, DISPATCHER, "已知悉")
    assert (await signal_by_id(db, signal.signal_id)).reason == "noted"
    assert (await (await db.execute("SELECT count(*) FROM command")).fetchone()) == (0,)


async def said(db: Connection, minute: float, state: str, reason: str | None = None) -> int:
    """An edge node says this of its camera; returns how many signals that made."""
    camera = {
        "camera_id": "C-1",
        "frames_in": 9,
        "frames_looked_at": 9,
        "frames_skipped": 0,
        "state": state,
        "reason": reason,
    }
    health = EdgeHealth.model_validate({"at": after(minute).isoformat(), "cameras": [camera]})
    await take_health(db, "E-1", health, after(minute))
    await db.execute(
        "UPDATE device SET last_uplink_at = %s WHERE device_id = 'E-1'", (after(minute),)
    )
    return await carry_out(db, after(minute), monitor_cameras)


async def test_a_blind_camera_is_told_once_until_it_sees_again(db: Connection) -> None:
    await add_device(db, "C-1", kind="cameras")
    await add_device(db, "E-1", kind="edges", cameras=["C-1"])
    assert await said(db, 0, "up") == 0
    assert await said(db, 1, "blind", "frozen") == 1
    assert await said(db, 2, "blind", "frozen") == 0
    (signal,) = await waiting(db)
    assert (signal.camera_id, signal.reason) == ("C-1", WaitingReason.CAMERA_BLIND)
    assert (
        signal.text == "摄像头画面卡死，请派人检查 / the picture is frozen; have the camera checked"
    )
    await said(db, 3, "silent")
    assert len(await waiting(db)) == 1
    await said(db, 4, "up")
    assert await waiting(db) == []
    assert (await signal_by_id(db, signal.signal_id)).reason == RejectReason.OVER
    assert await said(db, 5, "blind", "bad: ends before its last row; cut short?") == 1


async def test_a_blind_camera_is_noted_and_has_nobody_to_remind(db: Connection) -> None:
    await add_device(db, "C-1", kind="cameras")
    await add_device(db, "E-1", kind="edges", cameras=["C-1"])
    await said(db, 0, "blind", "black")
    (signal,) = await waiting(db)
    with pytest.raises(GuardRefused, match="no holder to remind"):
        await carry_out(db, after(1), note_signal, signal.signal_id, DISPATCHER, reminder="?")
    await carry_out(db, after(1), note_signal, signal.signal_id, DISPATCHER, "sent a technician")
    assert await waiting(db) == []
