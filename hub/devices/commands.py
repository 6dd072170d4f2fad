"""What devices say of themselves, and the sweep that computes presence."""

from datetime import datetime, timedelta

from psycopg.types.json import Jsonb

from hub.db import Connection
from hub.devices.device import STALE_WITHIN_S, Presence, presence_of
from hub.devices.store import SQL
from hub.journal import NewEntry, Subject, append
from wire.messages import CameraStatus, EdgeHealth, EdgeStatus, TerminalStatus


async def take_status(
    db: Connection,
    device_id: str,
    status: TerminalStatus | CameraStatus | EdgeStatus,
    received_at: datetime,
) -> None:
    """Remember a birth or a last will. What a last will leaves out stays as it was."""
    terminal = status if isinstance(status, TerminalStatus) and status.firmware else None
    await db.execute(
        SQL["note_status"],
        {
            "device_id": device_id,
            "link": str(status.state),
            "boot_id": status.boot_id,
            "at": received_at,
            "firmware": status.firmware,
            "holder": terminal.holder if terminal else None,
            "capabilities": sorted(terminal.capabilities) if terminal else None,
        },
    )


async def take_health(
    db: Connection, device_id: str, health: EdgeHealth, received_at: datetime
) -> None:
    """Keep the newest figures of an edge node, and when its cameras last sent it a frame."""
    await db.execute(SQL["note_health"], (Jsonb(health.model_dump(mode="json")), device_id))
    heard = {
        camera.camera_id: received_at - timedelta(seconds=camera.newest_frame_age_s)
        for camera in health.cameras
        if camera.newest_frame_age_s is not None
    }
    await db.execute(SQL["note_camera_frames"], (list(heard), list(heard.values())))


async def sweep_presence(db: Connection, now: datetime) -> int:
    """Compute every device's presence anew; journals and returns the changes."""
    recent = now - timedelta(seconds=STALE_WITHIN_S)
    rows = await (await db.execute(SQL["presence_facts"], (recent,))).fetchall()
    changes: list[tuple[str, Presence, Presence]] = []
    for device_id, before, last_uplink_at, last_will_at in rows:
        after = presence_of(now, last_uplink_at, last_will_at)
        if after != before:
            changes.append((device_id, Presence(before), after))
    if not changes:
        return 0
    await db.execute(SQL["set_presence"], ([c[0] for c in changes], [str(c[2]) for c in changes]))
    for device_id, before, after in changes:
        entry = NewEntry(
            Subject.DEVICE,
            device_id,
            "presence",
            "system:presence",
            now,
            from_state=str(before),
            to_state=str(after),
        )
        await append(db, entry)
    return len(changes)
