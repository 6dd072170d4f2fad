"""Find the place of an alarm: some place is always found, and its source is told."""

from datetime import datetime, timedelta

from hub.alarms.alarm import WIDEST_ERROR_M, AlarmPlace, last_known
from hub.alarms.store import SQL
from hub.cases.case_facts import PlaceSource
from hub.db import Connection
from hub.devices import Device
from hub.errors import Unavailable
from hub.geo.distance import distance_m
from hub.geo.fix import place_fault
from hub.geo.place import Spot
from hub.geo.territories import load_boundaries
from wire.messages import TerminalEvent

BELIEVED_WITHIN = timedelta(days=2)
"""Nobody's alarm is on its way for longer: its clock is wrong."""


async def place_of_alarm(
    db: Connection, terminal: Device, alarm: TerminalEvent, received_at: datetime
) -> AlarmPlace:
    """The place that the alarm names, else the terminal's last one, else its territory, else the district.

    Raises Unavailable before a district is imported.
    """
    if alarm.place is not None:
        lon, lat = alarm.place.wgs84()
        if await place_fault(db, lon, lat) is None:
            spot = Spot(lon, lat, alarm.place.accuracy_m)
            return AlarmPlace(spot, PlaceSource.REPORTED, _age_s(alarm, received_at))
    last = terminal.position
    if last is not None and await place_fault(db, last.lon, last.lat) is None:
        return last_known(last, received_at)
    home = await _territory(db, terminal.device_id)
    if home is not None:
        return AlarmPlace(home, PlaceSource.TERRITORY)
    return AlarmPlace(await _district(db), PlaceSource.DISTRICT)


def _age_s(alarm: TerminalEvent, received_at: datetime) -> float | None:
    """None for the instant of a clock that was never set."""
    age = max(timedelta(), received_at - alarm.observed_at)
    return age.total_seconds() if age < BELIEVED_WITHIN else None


async def _territory(db: Connection, device_id: str) -> Spot | None:
    row = await (await db.execute(SQL["unit_of_device"], (device_id,))).fetchone()
    if row is None or row[0] is None:
        return None
    try:
        return (await load_boundaries(db)).area_of(row[0]).middle()
    except KeyError:
        return None


async def _district(db: Connection) -> Spot:
    row = await (await db.execute(SQL["middle_of_district"])).fetchone()
    if row is None:
        raise Unavailable("no district is imported; run `hub district import` first")
    lon, lat, (west, south, east, north) = row
    return Spot(lon, lat, min(distance_m(west, south, east, north) / 2, WIDEST_ERROR_M))
