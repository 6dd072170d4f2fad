"""Take in what devices report about themselves, compute their presence, and check their clocks."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeAlias

from psycopg.types.json import Jsonb
from pydantic import JsonValue

from hub.db import SHARE, Connection
from hub.devices.device import (
    CLOCK_BEHIND_S,
    ONLINE_WITHIN_S,
    STALE_WITHIN_S,
    ClockState,
    Presence,
    PresenceFacts,
    SettledPresence,
    clock_of,
    settled,
)
from hub.devices.store import SQL
from hub.journal import NewEntry, Subject
from hub.journal.unit_of_work import UnitOfWork
from wire.limits import CLOCK_AHEAD_S
from wire.messages import CameraStatus, EdgeHealth, EdgeStatus, TerminalStatus

Status: TypeAlias = TerminalStatus | CameraStatus | EdgeStatus
_SECOND = timedelta(seconds=1)
_LONGEST_AGE_S = 365 * 86400.0
"""Of a camera's newest frame; a node that never had one may say any number."""


@dataclass(frozen=True, slots=True)
class NewStatus:
    """A device's birth, or its last will."""

    device_id: str
    status: Status
    received_at: datetime

    @property
    def fields(self) -> dict[str, JsonValue]:
        """The columns to write; null leaves a column as it is."""
        status = self.status
        terminal = status if isinstance(status, TerminalStatus) and status.firmware else None
        return {
            "device_id": self.device_id,
            "link": str(status.state),
            "boot_id": status.boot_id,
            "at": self.received_at.isoformat(),
            "firmware": status.firmware,
            "holder": terminal.holder if terminal else None,
            "capabilities": [*sorted(terminal.capabilities)] if terminal else None,
        }


async def take_statuses(db: Connection, statuses: Iterable[NewStatus]) -> None:
    """Store births and last wills, each of another device."""
    await db.execute(SQL["note_statuses"], (Jsonb([new.fields for new in statuses]),))


async def take_health(
    db: Connection, device_id: str, health: EdgeHealth, received_at: datetime
) -> None:
    """Keep the newest figures of an edge node, and when its cameras last sent it a frame."""
    await db.execute(SQL["note_health"], (Jsonb(health.model_dump(mode="json")), device_id))
    heard = {
        camera.camera_id: received_at - min(camera.newest_frame_age_s, _LONGEST_AGE_S) * _SECOND
        for camera in health.cameras
        if camera.newest_frame_age_s is not None
    }
    await db.execute(SQL["note_camera_frames"], (list(heard), list(heard.values())))


async def sweep_presence(work: UnitOfWork) -> int:
    """Compute the presence of a share of the devices; journals the changes and returns their number."""
    limits = {
        "online_since": work.now - timedelta(seconds=ONLINE_WITHIN_S),
        "stale_since": work.now - timedelta(seconds=STALE_WITHIN_S),
    }
    rows = await (await work.db.execute(SQL["presence_facts"], limits)).fetchall()
    before: dict[str, Presence] = {}
    after: dict[str, SettledPresence] = {}
    for device_id, presence, last_uplink_at, last_will_at, returned_at in rows:
        before[device_id] = Presence(presence)
        facts = PresenceFacts(last_uplink_at, last_will_at, returned_at)
        presence_now = settled(work.now, before[device_id], facts)
        if presence_now != SettledPresence(before[device_id], returned_at):
            after[device_id] = presence_now
        if len(after) == SHARE:
            break
    changed = [
        _turned(device_id, "presence", before[device_id], after[device_id].presence, work.now)
        for device_id in await _set_presence(work.db, after)
        if after[device_id].presence is not before[device_id]
    ]
    work.record(*changed)
    return len(changed)


async def sweep_clocks(work: UnitOfWork) -> int:
    """Flag a share of the clocks that have become wrong or right; returns their number."""
    limits = {"ahead_s": CLOCK_AHEAD_S, "behind_s": CLOCK_BEHIND_S}
    rows = await (await work.db.execute(SQL["clock_facts"], limits)).fetchall()
    changed = []
    for device_id, before, skew_s in rows:
        after = clock_of(skew_s, ClockState(before))
        if after != before:
            data = {"clock_skew_s": skew_s}
            changed.append(_turned(device_id, "clock", ClockState(before), after, work.now, data))
        if len(changed) == SHARE:
            break
    if changed:
        turned = ([entry.subject_id for entry in changed], [entry.to_state for entry in changed])
        cursor = await work.db.execute(SQL["set_clock"], turned)
        written = {row[0] for row in await cursor.fetchall()}
        changed = [entry for entry in changed if entry.subject_id in written]
    work.record(*changed)
    return len(changed)


async def _set_presence(db: Connection, after: Mapping[str, SettledPresence]) -> list[str]:
    """Write presence, except of devices that another transaction holds; returns the ids written."""
    if not after:
        return []
    cursor = await db.execute(
        SQL["set_presence"],
        (
            list(after),
            [str(each.presence) for each in after.values()],
            [each.returned_at for each in after.values()],
        ),
    )
    return sorted(row[0] for row in await cursor.fetchall())


def _turned(
    device_id: str,
    kind: str,
    before: Presence | ClockState,
    after: Presence | ClockState,
    now: datetime,
    data: dict[str, JsonValue] | None = None,
) -> NewEntry:
    return NewEntry(
        Subject.DEVICE,
        device_id,
        kind,
        f"system:{kind}",
        now,
        from_state=str(before),
        to_state=str(after),
        data=data or {},
    )
