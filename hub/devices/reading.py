"""Read devices and their journals, as the API shows them."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from psycopg.rows import class_row, dict_row

from hub.accounts.scope import WHOLE_DISTRICT, Scope
from hub.db import Connection
from hub.devices.device import ClockState, Presence
from hub.devices.remote import Aspect, Syncs, syncs
from hub.devices.store import SQL
from hub.devices.views import DeviceEntryView, DeviceKind, DeviceView, PositionView


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceFilter:
    """Which devices to list, by kind and id; `unit` with all below it, `after` the last one seen."""

    device_id: str | None = None
    kind: DeviceKind | None = None
    presence: Presence | None = None
    clock: ClockState | None = None
    unit: str | None = None
    after: str | None = None
    limit: int | None = None
    scope: Scope = WHOLE_DISTRICT


async def list_devices(db: Connection, wanted: DeviceFilter = DeviceFilter()) -> list[DeviceView]:
    """Devices with their live positions, by kind and id."""
    known = await syncs(db, None if wanted.device_id is None else [wanted.device_id])
    async with db.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(SQL["devices"], asdict(wanted) | wanted.scope.facts)
        return [_device(row, known) for row in await cursor.fetchall()]


async def view_device(db: Connection, device_id: str) -> DeviceView | None:
    """One device with its live position, or None if it isn't registered."""
    devices = await list_devices(db, DeviceFilter(device_id=device_id))
    return devices[0] if devices else None


async def device_journal(
    db: Connection, device_id: str, kinds: Sequence[str], before: int | None, limit: int
) -> tuple[list[DeviceEntryView], int | None]:
    """The journal of a device, the newest entry first, and the `before` of the next page."""
    facts = {"device_id": device_id, "kinds": list(kinds) or None, "before": before}
    async with db.cursor(row_factory=class_row(DeviceEntryView)) as cursor:
        await cursor.execute(SQL["device_journal"], facts | {"limit": limit + 1})
        found = await cursor.fetchall()
    page = found[:limit]
    return page, page[-1].journal_id if len(found) > limit else None


def _device(row: dict[str, Any], known: Syncs) -> DeviceView:
    return DeviceView(
        position=_position(row),
        presence=Presence(row.pop("presence")),
        clock=ClockState(row.pop("clock")),
        config_sync=known.get((row["device_id"], Aspect.CONFIG)),
        model_sync=known.get((row["device_id"], Aspect.MODEL)),
        **row,
    )


def _position(row: dict[str, Any]) -> PositionView | None:
    """The last position of a terminal or the place of a fixed device; removes it from the row."""
    live = {name: row.pop(f"at_{name}") for name in PositionView.__dataclass_fields__}
    lon, lat = row.pop("lon"), row.pop("lat")
    if live["lon"] is not None:
        return PositionView(**live)
    return None if lon is None else PositionView(lon, lat, None, row["heading_deg"], None, None)
