"""Episodes of monitoring: each makes one signal, which is cleared when the episode ends."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from psycopg.rows import class_row

from hub.db import Connection, load_queries
from hub.devices import Device
from hub.devices.store import devices_by_id
from hub.geo.place import Spot
from hub.journal.unit_of_work import UnitOfWork
from hub.monitoring.watch import Matter
from hub.signals.outcomes import decided, tell_decision
from hub.signals.signal import RejectReason, Signal, SignalState, SourceKind, WaitingReason
from hub.signals.store import insert_signals, save_signal, signal_by_id

SQL = load_queries(__file__)
_WAITS = {
    Matter.LOW_BATTERY: WaitingReason.LOW_BATTERY,
    Matter.OFF_POST: WaitingReason.OFF_POST,
    Matter.CAMERA_BLIND: WaitingReason.CAMERA_BLIND,
}


@dataclass(frozen=True, slots=True)
class Episode:
    """A time in which something is wrong with a device or its holder; `signal_id` once reported."""

    episode_id: int
    device_id: str
    since: datetime
    signal_id: int | None


async def open_episodes(db: Connection, matter: Matter) -> dict[str, Episode]:
    """The open episodes, by device."""
    async with db.cursor(row_factory=class_row(Episode)) as cursor:
        await cursor.execute(SQL["open_episodes"], (str(matter),))
        return {episode.device_id: episode for episode in await cursor.fetchall()}


async def begin(db: Connection, matter: Matter, since: Mapping[str, datetime]) -> list[Episode]:
    """Begin an episode for each device without an open one; returns those that begin."""
    columns = (str(matter), list(since), list(since.values()))
    async with db.cursor(row_factory=class_row(Episode)) as cursor:
        await cursor.execute(SQL["begin"], columns)
        return await cursor.fetchall()


async def report(
    work: UnitOfWork, matter: Matter, episodes: Sequence[Episode], texts: Mapping[str, str]
) -> None:
    """Make a signal of each episode, which waits for a person; `texts` are by device."""
    if not episodes:
        return
    devices = await devices_by_id(work.db, [episode.device_id for episode in episodes])
    signals = {
        episode.episode_id: _signal(
            devices[episode.device_id], episode, matter, texts[episode.device_id], work.now
        )
        for episode in episodes
    }
    ids = await insert_signals(work.db, list(signals.values()))
    told = {
        episode_id: replace(signal, signal_id=ids[signal.key])
        for episode_id, signal in signals.items()
        if signal.key in ids
    }
    signal_ids = [signal.signal_id for signal in told.values()]
    await work.db.execute(SQL["set_signals"], (list(told), signal_ids))
    for signal in told.values():
        tell_decision(work, signal)


async def end(work: UnitOfWork, episode: Episode) -> None:
    """End an episode; a signal that still waits for a person is closed."""
    await work.db.execute(SQL["end"], (work.now, episode.episode_id))
    if episode.signal_id is None:
        return
    signal = replace(await signal_by_id(work.db, episode.signal_id), cleared_at=work.now)
    if signal.is_decidable:
        over = replace(
            signal, state=SignalState.REJECTED, reason=RejectReason.OVER, snoozed_until=None
        )
        await decided(work, over)
    else:
        await save_signal(work.db, signal)


def _signal(device: Device, episode: Episode, matter: Matter, text: str, now: datetime) -> Signal:
    position = device.position
    spot = None if position is None else Spot(position.lon, position.lat, position.accuracy_m)
    of_camera = matter is Matter.CAMERA_BLIND
    signal = Signal(
        source=SourceKind.CAMERA if of_camera else SourceKind.TERMINAL,
        camera_id=device.device_id if of_camera else None,
        identity=f"{matter}/{device.device_id}/{episode.episode_id}",
        device_id=device.device_id,
        type=str(matter),
        label=str(matter),
        text=text,
        observed_at=episode.since,
        received_at=now,
        reason=_WAITS[matter],
    )
    return signal.placed(spot)
