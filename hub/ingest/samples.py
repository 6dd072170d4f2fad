"""Samples become rows: corrected by their clock's error, and apart where their place is not trusted."""

from datetime import UTC, datetime, timedelta
from operator import attrgetter, itemgetter
from typing import Any, TypeAlias

from hub.geo.jump import TimedPlace
from hub.ingest.judging import SampleJudge
from hub.ingest.rows import BacklogSpan, Batch, DoubtfulRow, LiveRow, TelemetryRow, VitalsRow
from wire.crs import gcj02_to_wgs84
from wire.limits import CLOCK_AHEAD_S
from wire.messages import Crs, Sample
from wire.topics import Address, Leaf

_AHEAD = timedelta(seconds=CLOCK_AHEAD_S)
_HOUR = timedelta(hours=1)

_Fields: TypeAlias = dict[str, Any]
_Row: TypeAlias = tuple[Any, ...]
"""The fields of a TelemetryRow: making one for each sample would take twice as long."""

_fields_of = attrgetter("__dict__")  # reading each attribute takes nearly twice as long
_sent = itemgetter(*TelemetryRow._fields[: TelemetryRow._fields.index("observed_at")])
_observed_at = itemgetter("observed_at")
_crs, _lon, _lat = itemgetter("crs"), itemgetter("lon"), itemgetter("lat")
_LON, _LAT, _CRS, _AT = map(TelemetryRow._fields.index, ("lon", "lat", "crs", "observed_at"))
_timed_place = itemgetter(_LON, _LAT, TelemetryRow._fields.index("accuracy_m"), _AT)
_SHARED = slice(_LON, TelemetryRow._fields.index("network"))
"""The fields that live rows and telemetry rows share, in the same order."""


def add_samples(
    batch: Batch, address: Address, samples: list[Sample], received_at: datetime, judge: SampleJudge
) -> None:
    """Add the samples of a message to a batch."""
    backlog = address.leaf is Leaf.BACKLOG
    rows = _rows(address, [*map(_fields_of, samples)], received_at, judge)
    instants = [row[_AT] for row in rows]
    newest = tuple.__new__(TelemetryRow, rows[instants.index(max(instants))])
    faults = _faults(rows, newest, judge)
    sound = rows
    if faults:
        for index, fault in faults.items():
            batch.doubtful.append(_doubtful(tuple.__new__(TelemetryRow, rows[index]), fault))
        sound = [row for index, row in enumerate(rows) if index not in faults]
        instants = [row[_AT] for row in sound]
    if sound:
        batch.telemetry += sound
        first_at, last_at = min(instants), max(instants)
        batch.hour_instants += (first_at, last_at) if last_at - first_at < _HOUR else instants
    if backlog:
        if sound:
            batch.backlog.append(BacklogSpan(address.device_id, first_at, last_at))
        batch.uplinks[address.device_id] = received_at
        return
    batch.newest.append(newest)
    fault_now = faults.get(rows.index(newest)) if faults else None
    if sound:
        last = newest if fault_now is None else sound[instants.index(last_at)]
        _move_live(batch, tuple.__new__(TelemetryRow, last), fault_now)
    else:
        _stay(batch, newest, str(fault_now))


def _rows(
    address: Address, fields: list[_Fields], received_at: datetime, judge: SampleJudge
) -> list[_Row]:
    device_id, backlog = address.device_id, address.leaf is Leaf.BACKLOG
    # The zone that each instant comes with would make every comparison and COPY slower.
    instants = [at.astimezone(UTC) for at in map(_observed_at, fields)]
    newest_at = max(instants)
    boot_id = fields[instants.index(newest_at)]["boot_id"]
    measure = judge.clocks.of_backlog if backlog else judge.clocks.of_live
    error = measure(device_id, boot_id, newest_at, received_at)
    error_s = error.total_seconds() if error else None
    if error:
        instants = [at - error for at in instants]
    rows = [
        _sent(each) + (at, device_id, received_at, backlog, error_s)  # noqa: RUF005  a quarter faster
        for each, at in zip(fields, instants, strict=True)
    ]
    if Crs.GCJ02 in map(_crs, fields):
        rows = [_in_wgs84(row) if row[_CRS] is Crs.GCJ02 else row for row in rows]
    return rows


def _faults(rows: list[_Row], newest: TelemetryRow, judge: SampleJudge) -> dict[int, str]:
    """What is wrong with the places of some rows, by their index."""
    if not newest.backlog and judge.stays_near(newest.device_id, *_extent(rows)):
        judge.movements.settle(newest.device_id, _place(newest))
        return {}
    places = [_place(tuple.__new__(TelemetryRow, row)) for row in rows]
    found = judge.faults(newest.device_id, places, backlog=newest.backlog)
    return {index: str(fault) for index, fault in found.items()}


def _extent(rows: list[_Row]) -> tuple[float, float, float, float]:
    """West, south, east and north of the places of some rows."""
    if len(rows) == 1:
        lon, lat = rows[0][_LON], rows[0][_LAT]
        return lon, lat, lon, lat
    lons, lats = [row[_LON] for row in rows], [row[_LAT] for row in rows]
    return min(lons), min(lats), max(lons), max(lats)


def _place(row: TelemetryRow) -> TimedPlace:
    return tuple.__new__(TimedPlace, _timed_place(row))


def _in_wgs84(row: _Row) -> _Row:
    return row[:_LON] + gcj02_to_wgs84(row[_LON], row[_LAT]) + row[_LAT + 1 :]


def _doubtful(row: TelemetryRow, fault: str) -> DoubtfulRow:
    kept = {name: getattr(row, name) for name in DoubtfulRow._fields if name != "fault"}
    return DoubtfulRow(**kept, fault=fault)


def _move_live(batch: Batch, row: TelemetryRow, fault: str | None) -> None:
    order_at = min(row.observed_at, row.received_at)
    known = batch.live.get(row.device_id)
    if known is None or order_at >= known.order_at:
        skew = row.observed_at - row.received_at
        if row.clock_error_s:
            skew += timedelta(seconds=row.clock_error_s)
        ahead = skew > _AHEAD
        added = (row.device_id, order_at, row.observed_at, row.received_at, ahead, fault)
        batch.live[row.device_id] = tuple.__new__(LiveRow, tuple(row)[_SHARED] + added)
        batch.vitals.pop(row.device_id, None)


def _stay(batch: Batch, row: TelemetryRow, fault: str) -> None:
    """The terminal is heard, and its marker stays where it was."""
    batch.uplinks[row.device_id] = row.received_at
    vitals = VitalsRow(row.device_id, row.received_at, row.battery, row.signal, fault)
    batch.vitals[row.device_id] = vitals
