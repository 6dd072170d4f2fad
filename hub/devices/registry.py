"""Import the registry from a list of devices, and read it for the export."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from psycopg.rows import dict_row
from pydantic import JsonValue

from hub.db import Connection
from hub.devices.listing import WORD_LISTS, BadLine, RegistryRow, read_listing
from hub.devices.store import SQL
from hub.errors import InvalidInput
from hub.journal import NewEntry, Subject
from hub.journal.unit_of_work import UnitOfWork
from wire.topics import Kind


@dataclass(frozen=True, slots=True)
class RegistryReport:
    """With a bad line nothing is written. `changed` names the fields by device.

    Devices that are not in the list stay as they are: nothing is deleted.
    """

    written: bool
    added: tuple[str, ...]
    changed: Mapping[str, tuple[str, ...]]
    unchanged: int
    bad: tuple[BadLine, ...]

    def text(self) -> str:
        """The difference, for a person."""
        lines = [f"+ {device_id}" for device_id in self.added]
        lines += [f"~ {device_id}: {', '.join(what)}" for device_id, what in self.changed.items()]
        lines += [f"! line {bad.line} ({bad.device_id or '?'}): {bad.reason}" for bad in self.bad]
        if self.bad:
            result = f"nothing imported: {len(self.bad)} bad lines"
        else:
            result = "imported" if self.written else "nothing written"
        counts = f"{len(self.added)} new, {len(self.changed)} changed, {self.unchanged} unchanged"
        return "\n".join([*lines, f"{counts}; {result}"])


async def import_listing(work: UnitOfWork, text: str, *, dry_run: bool = False) -> RegistryReport:
    """Import a CSV file into the registry. With a bad line, or in a dry run, nothing is written.

    Raises InvalidInput if the file is not a list of devices.
    """
    await work.db.execute(SQL["one_registrar"])
    known = {row.device_id: row for row in await registered(work.db)}
    listing = read_listing(text, known)
    units = {row[0] for row in await (await work.db.execute(SQL["unit_keys"])).fetchall()}
    bad = sorted((*listing.bad, *misplaced(listing.rows, known, units)), key=lambda b: b.line)
    changed = {
        row.device_id: _changes(known.get(row.device_id), row) for row in listing.rows.values()
    }
    written = not (bad or dry_run)
    if written:
        rows = [row for row in listing.rows.values() if changed[row.device_id]]
        await put_devices(work.db, rows, work.now)
        await _record(work, rows, changed, known)
    return RegistryReport(
        written,
        tuple(device_id for device_id in changed if device_id not in known),
        {key: what for key, what in changed.items() if what and key in known},
        sum(not what for what in changed.values()),
        tuple(bad),
    )


def misplaced(
    rows: Mapping[int, RegistryRow], known: Mapping[str, RegistryRow], units: Collection[str]
) -> list[BadLine]:
    """Lines that are well formed but contradict the rest of the registry. Pure."""
    after = {**known, **{row.device_id: row for row in rows.values()}}
    cameras = {row.device_id for row in after.values() if row.kind is Kind.CAMERA}
    owners = _owners(after.values())
    bad = []
    for line, row in rows.items():
        reasons = []
        before = known.get(row.device_id)
        if before is not None and before.kind is not row.kind:
            reasons.append(f"kind: it is already registered under {before.kind}")
        if row.unit_key is not None and row.unit_key not in units:
            reasons.append(f"unit_key: there is no unit {row.unit_key}")
        if strangers := set(row.cameras) - cameras:
            reasons.append(f"cameras: there is no camera {', '.join(sorted(strangers))}")
        if twins := owners[row.gb28181_id or ""] - {row.device_id}:
            reasons.append(f"gb28181_id: {', '.join(sorted(twins))} already has {row.gb28181_id}")
        if reasons:
            bad.append(BadLine(line, row.device_id, "; ".join(reasons)))
    return bad


async def registered(db: Connection) -> list[RegistryRow]:
    """Every device as registered, by kind and id."""
    async with db.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(SQL["registry"])
        return [
            RegistryRow.model_construct(
                **row
                | {
                    "kind": Kind(row["kind"]),
                    "capabilities": tuple(row["capabilities"]),
                    "cameras": tuple(row["cameras"]),
                    "place": None if row["lon"] is None else (row["lon"], row["lat"]),
                }
            )
            for row in await cursor.fetchall()
        ]


async def put_devices(db: Connection, rows: Iterable[RegistryRow], now: datetime) -> None:
    """Register these devices. Raises InvalidInput if two have the same GB/T 28181 id."""
    wanted = {row.device_id: row for row in rows}
    others = [row for row in await registered(db) if row.device_id not in wanted]
    owners = _owners([*others, *wanted.values()])
    for number, devices in owners.items():
        if len(devices) > 1:
            twins = " and ".join(sorted(devices))
            raise InvalidInput(f"{twins} have the same GB/T 28181 id {number}", gb28181_id=number)
    values = [_values(wanted[device_id], now) for device_id in sorted(wanted)]
    await db.cursor().executemany(SQL["put_device"], values)


def _owners(rows: Iterable[RegistryRow]) -> defaultdict[str, set[str]]:
    """The devices by their GB/T 28181 id."""
    owners: defaultdict[str, set[str]] = defaultdict(set)
    for row in rows:
        if row.gb28181_id is not None:
            owners[row.gb28181_id].add(row.device_id)
    return owners


def _changes(before: RegistryRow | None, after: RegistryRow) -> tuple[str, ...]:
    """The fields in which a device differs from before; the order in lists does not matter."""
    if before is None:
        return tuple(RegistryRow.model_fields)
    fields = RegistryRow.model_fields
    return tuple(name for name in fields if _unordered(before, name) != _unordered(after, name))


def _unordered(row: RegistryRow, name: str) -> object:
    value = getattr(row, name)
    return frozenset(value) if name in WORD_LISTS else value


def _values(row: RegistryRow, now: datetime) -> dict[str, object]:
    lon, lat = row.place or (None, None)
    values: dict[str, object] = row.model_dump(exclude={"place"}, mode="python")
    return values | {
        "kind": str(row.kind),
        "capabilities": list(row.capabilities),
        "cameras": list(row.cameras),
        "lon": lon,
        "lat": lat,
        "now": now,
    }


async def _record(
    work: UnitOfWork,
    rows: Iterable[RegistryRow],
    changed: Mapping[str, tuple[str, ...]],
    known: Mapping[str, RegistryRow],
) -> None:
    entries = []
    for row in rows:
        is_new = row.device_id not in known
        kind = "registered" if is_new else "registry_changed"
        fields: list[JsonValue] = [] if is_new else list(changed[row.device_id])
        data: dict[str, JsonValue] = {"fields": fields} if fields else {}
        entries.append(
            NewEntry(Subject.DEVICE, row.device_id, kind, work.actor, work.now, data=data)
        )
    work.record(*entries)
