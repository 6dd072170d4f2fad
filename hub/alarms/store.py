"""Read and write alarms."""

from datetime import datetime, timedelta

from psycopg.rows import dict_row

from hub.alarms.alarm import Alarm, AlarmPlace
from hub.cases.case_facts import PlaceSource
from hub.db import Connection, load_queries
from hub.geo.place import Spot
from wire.messages import EventType

SQL = load_queries(__file__)


async def insert_alarm(db: Connection, alarm: Alarm) -> None:
    await db.execute(
        SQL["insert"],
        {
            "case_id": alarm.case_id,
            "type": alarm.type,
            "device_id": alarm.device_id,
            "raised_at": alarm.raised_at,
            "place_source": alarm.place.source,
            "place_age_s": alarm.place.age_s,
        },
    )


async def find_alarm(db: Connection, case_id: int) -> Alarm | None:
    """The alarm of a case, locked; None if the case is no alarm's."""
    async with db.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(SQL["alarm_of_case"], (case_id,))
        row = await cursor.fetchone()
    if row is None:
        return None
    spot = Spot(row.pop("lon"), row.pop("lat"), row.pop("error_m"))
    place = AlarmPlace(spot, PlaceSource(row.pop("place_source")), row.pop("place_age_s"))
    return Alarm(**row | {"type": EventType(row["type"])}, place=place)


async def has_alarm(db: Connection, case_id: int | None) -> bool:
    """Whether a case is somebody's call for help."""
    return await (await db.execute(SQL["has_alarm"], (case_id,))).fetchone() is not None


async def open_case_of(
    db: Connection, device_id: str, within: timedelta, now: datetime
) -> int | None:
    """The open case of an alarm that a terminal has raised within a time, or None."""
    cursor = await db.execute(SQL["open_case_of_device"], (device_id, now - within))
    row = await cursor.fetchone()
    return None if row is None else int(row[0])
