"""Read and write signals."""

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

from psycopg.rows import class_row, dict_row
from psycopg.types.json import Jsonb
from pydantic import TypeAdapter

from hub.db import Connection, load_queries
from hub.errors import NotFound
from hub.signals.hit_window import HitCount
from hub.signals.signal import Signal, SignalKey, SignalState, SourceKind

SQL = load_queries(__file__)
_SIGNALS = TypeAdapter(list[Signal])


async def find_signal(db: Connection, device_id: str | None, identity: str) -> Signal | None:
    """The signal with the device's own id, locked; None if there is none."""
    found = await _select(db, "by_identity", device_id, identity)
    return found[0] if found else None


async def case_of(db: Connection, device_id: str, identity: str) -> int | None:
    """The case of a signal, without locking anything."""
    row = await (await db.execute(SQL["case_of"], (device_id, identity))).fetchone()
    return None if row is None else int(row[0])


async def insert_signal(db: Connection, signal: Signal) -> int | None:
    """Write a new signal; returns its id, or None if the identity is known already."""
    row = await (await db.execute(SQL["insert"], _columns(signal))).fetchone()
    return None if row is None else int(row[0])


async def insert_signals(db: Connection, signals: Sequence[Signal]) -> dict[SignalKey, int]:
    """Write new signals; returns the ids of those that were not known, by device and identity."""
    cursor = await db.execute(SQL["insert_all"], (_SIGNALS.dump_json([*signals]).decode(),))
    return {(row[0], row[1]): int(row[2]) for row in await cursor.fetchall()}


async def known_otherwise(db: Connection, signals: Sequence[Signal]) -> set[SignalKey]:
    """The keys of signals that are stored with other content."""
    keys = [signal.device_id for signal in signals], [signal.identity for signal in signals]
    cursor = await db.execute(SQL["known_contents"], keys)
    known = {(row[0], row[1]): (row[2], row[3]) for row in await cursor.fetchall()}
    return {
        signal.key
        for signal in signals
        if (stored := known.get(signal.key)) and not says_the_same(signal, *stored)
    }


def says_the_same(signal: Signal, type_: str, content_sha256: str | None) -> bool:
    """Whether a stored signal of this type and content is of the same message as `signal`."""
    if content_sha256 is None or signal.content_sha256 is None:
        return signal.type == type_
    return signal.content_sha256 == content_sha256


async def save_signal(db: Connection, signal: Signal) -> None:
    await db.execute(SQL["save"], _columns(signal))


async def note_sightings(db: Connection, signal_id: int, seen: Sequence[HitCount]) -> None:
    """Keep when a detection had how many hits."""
    columns = [each.frame_at for each in seen], [each.hits for each in seen]
    await db.execute(SQL["note_sightings"], (signal_id, *columns))


async def sightings_of(db: Connection, signal_id: int) -> list[HitCount]:
    async with db.cursor(row_factory=class_row(HitCount)) as cursor:
        await cursor.execute(SQL["sightings_of"], (signal_id,))
        return await cursor.fetchall()


async def signal_by_id(db: Connection, signal_id: int) -> Signal:
    """One signal, locked. Raises NotFound."""
    found = await _select(db, "by_id", signal_id)
    if not found:
        raise NotFound(f"there is no signal {signal_id}", signal_id=signal_id)
    return found[0]


async def cases_apart_from(db: Connection, signal_id: int) -> frozenset[int]:
    """The cases that a person has taken the signal out of."""
    cursor = await db.execute(SQL["cases_apart_from"], (signal_id,))
    return frozenset(row[0] for row in await cursor.fetchall())


async def lock_signals_of_case(db: Connection, case_id: int) -> list[Signal]:
    """The signals of a case in the order in which they came, locked."""
    return await _select(db, "signals_of_case", case_id)


async def _select(db: Connection, query: str, *key: str | int | None) -> list[Signal]:
    async with db.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(SQL[query], key)
        return [_signal(row) for row in await cursor.fetchall()]


def _columns(signal: Signal) -> dict[str, Any]:
    columns = {field.name: getattr(signal, field.name) for field in fields(signal)}
    return columns | {
        "evidence": list(signal.evidence),
        "boxes": Jsonb(list(signal.boxes)),
        "model": None if signal.model is None else Jsonb(signal.model),
        "would": None if signal.would is None else Jsonb(signal.would),
    }


def _signal(row: dict[str, Any]) -> Signal:
    return Signal(
        **row
        | {
            "source": SourceKind(row["source"]),
            "state": SignalState(row["state"]),
            "evidence": tuple(row["evidence"]),
            "boxes": tuple(row["boxes"]),
        }
    )
