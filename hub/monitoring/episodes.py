"""Episodes of monitoring: each makes one signal, which is cleared when the episode ends."""

from dataclasses import dataclass, replace
from datetime import datetime

from psycopg.rows import class_row

from hub.db import Connection, load_queries
from hub.devices import Device, device_by_id
from hub.errors import NotFound
from hub.geo.place import Spot
from hub.journal.unit_of_work import UnitOfWork
from hub.monitoring.watch import Matter
from hub.signals.outcomes import decided, wait
from hub.signals.signal import RejectReason, Signal, SignalState, SourceKind, WaitingReason
from hub.signals.store import insert_signal, save_signal, signal_by_id

SQL = load_queries(__file__)
_WAITS = {Matter.LOW_BATTERY: WaitingReason.LOW_BATTERY, Matter.OFF_POST: WaitingReason.OFF_POST}


@dataclass(frozen=True, slots=True)
class Episode:
    """A time in which a terminal's battery is low, or its holder off post; `signal_id` once reported."""

    episode_id: int
    device_id: str
    since: datetime
    signal_id: int | None


async def open_episodes(db: Connection, matter: Matter) -> dict[str, Episode]:
    """The open episodes, by device."""
    async with db.cursor(row_factory=class_row(Episode)) as cursor:
        await cursor.execute(SQL["open_episodes"], (str(matter),))
        return {episode.device_id: episode for episode in await cursor.fetchall()}


async def begin(db: Connection, device_id: str, matter: Matter, since: datetime) -> Episode | None:
    """Begin an episode; None if one is open."""
    row = await (await db.execute(SQL["begin"], (device_id, str(matter), since))).fetchone()
    return None if row is None else Episode(int(row[0]), device_id, since, None)


async def report(work: UnitOfWork, episode: Episode, matter: Matter, text: str) -> int | None:
    """Make the signal of an episode, which waits for a person. Raises NotFound without the device."""
    device = await device_by_id(work.db, episode.device_id)
    if device is None:
        raise NotFound(f"device {episode.device_id} is not registered", device_id=episode.device_id)
    signal = _signal(device, episode, matter, text, work.now)
    signal_id = await insert_signal(work.db, signal)
    if signal_id is None:
        return None
    await work.db.execute(SQL["set_signal"], (signal_id, episode.episode_id))
    await wait(work, replace(signal, signal_id=signal_id), _WAITS[matter])
    return signal_id


async def end(work: UnitOfWork, episode: Episode) -> None:
    """End an episode; a signal that still waits for a person is closed."""
    await work.db.execute(SQL["end"], (work.now, episode.episode_id))
    if episode.signal_id is None:
        return
    signal = replace(await signal_by_id(work.db, episode.signal_id), cleared_at=work.now)
    if signal.waits:
        over = replace(signal, state=SignalState.REJECTED, reason=RejectReason.OVER)
        await decided(work, over)
    else:
        await save_signal(work.db, signal)


def _signal(device: Device, episode: Episode, matter: Matter, text: str, now: datetime) -> Signal:
    position = device.position
    spot = None if position is None else Spot(position.lon, position.lat, position.accuracy_m)
    signal = Signal(
        source=SourceKind.TERMINAL,
        identity=f"{matter}/{device.device_id}/{episode.episode_id}",
        device_id=device.device_id,
        type=str(matter),
        label=str(matter),
        text=text,
        observed_at=episode.since,
        received_at=now,
    )
    return signal.placed(spot)
