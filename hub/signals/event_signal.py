"""The signal that an event of a terminal makes, and its place."""

from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from hub.catalogue import CatalogueItem, Condition
from hub.db import Connection
from hub.devices import Device
from hub.devices.device import disowned, happened_at
from hub.errors import KeyReused
from hub.geo.place import Spot
from hub.signals.signal import Signal, SourceKind
from hub.signals.store import find_signal, insert_signal, says_the_same
from wire.content import content_sha256
from wire.messages import Place, TerminalEvent

log = structlog.get_logger()

POSITION_COUNTS_FOR = timedelta(minutes=10)
"""A report without a place is placed at its terminal, if its position was reported within this time."""


def signal_of(
    terminal: Device,
    event: TerminalEvent,
    item: CatalogueItem | None,
    condition: Condition | None,
    received_at: datetime,
) -> Signal:
    """The new signal of an event."""
    at = event_at(terminal, event, received_at)
    signal = Signal(
        source=SourceKind.TERMINAL,
        identity=event.event_id,
        device_id=terminal.device_id,
        type=event.type,
        label=event.category,
        text=event.text or "",
        observed_at=at,
        stamped_at=disowned(event.observed_at, at),
        received_at=received_at,
        item_key=None if item is None else item.item_key,
        cond_key=None if condition is None else condition.cond_key,
        evidence=tuple(dict.fromkeys(event.evidence)),
        content_sha256=content_sha256(event),
    )
    return signal.placed(spot_of(terminal, event, at))


def event_at(terminal: Device, event: TerminalEvent, received_at: datetime) -> datetime:
    """When an event happened, also by a wrong clock."""
    return happened_at(event.observed_at, received_at, terminal.clock_error_s)


def spot_of(terminal: Device, event: TerminalEvent, at: datetime) -> Spot | None:
    """The place that an event at `at` names, or else the terminal's own, if it is recent."""
    if event.place is not None:
        return _wgs84(event.place)
    position = terminal.position
    if position is None or abs(position.observed_at - at) > POSITION_COUNTS_FOR:
        return None
    return Spot(position.lon, position.lat, position.accuracy_m)


async def insert_new(db: Connection, signal: Signal) -> tuple[Signal, bool]:
    """The stored signal, and whether it is new. A repeated event has its signal already.

    Raises KeyReused if the device used the event's id before for something else.
    """
    known = await find_signal(db, *signal.key)
    if known is None:
        signal_id = await insert_signal(db, signal)
        if signal_id is not None:
            return replace(signal, signal_id=signal_id), True
        known = await find_signal(db, *signal.key)
        assert known is not None
    if not says_the_same(signal, known.type, known.content_sha256):
        raise key_reused(signal.identity)
    return known, False


async def insert_alarm(db: Connection, signal: Signal) -> tuple[Signal, bool]:
    """The same for an alarm, which is raised also under an id that was used for something else."""
    try:
        return await insert_new(db, signal)
    except KeyReused:
        log.warning("alarm_under_used_id", device_id=signal.device_id, event_id=signal.identity)
        own = f"{signal.identity}/{signal.content_sha256}"
        return await insert_new(db, replace(signal, identity=own))


def key_reused(event_id: str, but: str = "") -> KeyReused:
    reason = "same event_id, other content"
    return KeyReused(f"{reason}; {but}" if but else reason, event_id=event_id)


def _wgs84(place: Place) -> Spot:
    lon, lat = place.wgs84()
    return Spot(lon, lat, place.accuracy_m)
