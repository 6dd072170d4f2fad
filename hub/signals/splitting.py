"""Take signals out of a case, into a case of their own or back to waiting."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from pydantic import JsonValue

from hub.cases.actor import Actor
from hub.cases.case import Case
from hub.cases.dedup import ALARM_KEY, cells_around
from hub.cases.filing import NewCase
from hub.cases.moving import note
from hub.cases.record import CaseEntryKind, changes
from hub.cases.store import lock_case, lock_cells, note_seen, save_case
from hub.catalogue import CatalogueItem, Condition
from hub.errors import Conflict, GuardRefused, InvalidInput
from hub.geo.place import Spot
from hub.intake.opening import open_case
from hub.journal.unit_of_work import UnitOfWork
from hub.signals.decidable import permit
from hub.signals.outcomes import decided
from hub.signals.remainder import Remainder, remaining_case
from hub.signals.reporters import wants_callback
from hub.signals.settling import evidence_links, matter, seen_at
from hub.signals.signal import Signal, SignalState, WaitingReason
from hub.signals.store import SQL, lock_signals_of_case


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseSplit:
    """Signals that are taken out of a case. `item_key` and `cond_key` are those of the new case.

    If they are left out, they are those of the signals. `version` is that of the case as it was seen.
    """

    case_id: int
    signal_ids: tuple[int, ...]
    reason: str
    to_new_case: bool
    item_key: str | None = None
    cond_key: str | None = None
    version: int | None = None


async def split_case(work: UnitOfWork, split: CaseSplit, actor: Actor) -> Case | None:
    """Take signals out of an open case; returns the new case, or None if they wait again.

    The two don't become one again by these signals; only a person may join or merge them. Raises
    Forbidden, NotFound, InvalidInput for signals that the case doesn't have or without a reason, Conflict
    if it has ended or changed, and GuardRefused if nothing would be left, for alarms, and as `file_case`.
    """
    permit(actor)
    if not split.reason.strip():
        raise InvalidInput("say why they don't belong together: `reason`", field="reason")
    await _lock_places(work, split)
    case = await lock_case(work.db, split.case_id)
    _must_be_divisible(case, split)
    signals = await lock_signals_of_case(work.db, case.case_id)
    moved, staying = _divided(case, signals, split)
    meant = await _matter_of(work, case, moved, split) if split.to_new_case else None
    await work.db.execute(SQL["keep_apart"], _keys(case, moved))
    await work.db.execute(SQL["hold"], (_keys(case, moved)["signal_ids"],))
    after = await take_out(work, Remainder(case, signals, moved, staying))
    new = None
    if meant is not None:
        new = await _file(work, case, moved, meant, split.reason, actor)
    else:
        await _let_wait(work, moved, actor, split.reason)
    await _name_founder(work, staying, signals, actor)
    await tell_split(work.by(actor.name), case, after, moved, new, split.reason)
    return new


async def take_out(work: UnitOfWork, rest: Remainder) -> Case:
    """Take signals out of a locked case, with their photos; returns the case without them."""
    await work.db.execute(SQL["detach_evidence"], _keys(rest.case, rest.moved))
    await work.db.execute(SQL["reattach_evidence"], _keys(rest.case, rest.moved))
    after = await remaining_case(work, rest)
    await _save(work, rest.case, after)
    return after


async def _lock_places(work: UnitOfWork, split: CaseSplit) -> None:
    cursor = await work.db.execute(SQL["places_of_case"], {"case_id": split.case_id})
    cells: set[str] = set()
    for item_key, lon, lat, error_m in await cursor.fetchall():
        for key in {item_key, split.item_key} - {None}:
            item, _ = await matter(work.db, key, None)
            if item is not None:
                cells |= cells_around(item, Spot(lon, lat, error_m or 0.0))
    await lock_cells(work.db, cells)


def _must_be_divisible(case: Case, split: CaseSplit) -> None:
    if split.version is not None and split.version != case.version:
        raise Conflict(
            f"case {case.case_no} has changed since you opened it; open it again",
            version=case.version,
            state=case.state,
        )
    if not case.is_open:
        raise Conflict(f"case {case.case_no} has ended; it is not split", state=case.state)
    if case.dedup_key.startswith(ALARM_KEY):
        raise GuardRefused("the case of an alarm is not split", guard="no_alarm")


def _divided(
    case: Case, signals: Sequence[Signal], split: CaseSplit
) -> tuple[list[Signal], list[Signal]]:
    """The signals that go and those that stay."""
    wanted = set(split.signal_ids)
    if not wanted:
        raise InvalidInput("name the signals to take out: `signal_ids`", field="signal_ids")
    if foreign := wanted - {signal.signal_id for signal in signals}:
        named = ", ".join(map(str, sorted(foreign)))
        raise InvalidInput(f"case {case.case_no} has no signal {named}", field="signal_ids")
    moved = [signal for signal in signals if signal.signal_id in wanted]
    staying = [signal for signal in signals if signal.signal_id not in wanted]
    if not staying and any(signal.state is SignalState.ACCEPTED for signal in signals):
        raise GuardRefused(
            "at least one signal must stay; void the case or merge it instead", guard="one_stays"
        )
    return moved, staying


def _keys(case: Case, moved: Sequence[Signal]) -> dict[str, object]:
    return {"case_id": case.case_id, "signal_ids": [signal.signal_id for signal in moved]}


async def _save(work: UnitOfWork, case: Case, after: Case) -> None:
    await save_case(work.db, after)
    if changes(case, after):
        facts = {name: getattr(after, name) for name in _PLACED}
        await work.db.execute(SQL["place_case"], facts | {"case_id": case.case_id})


_PLACED = ("lon", "lat", "error_m", "dedup_key", "recurrence_of", "callback_required")
"""The columns that no transition changes."""


async def _file(
    work: UnitOfWork,
    case: Case,
    moved: Sequence[Signal],
    meant: tuple[CatalogueItem, Condition],
    reason: str,
    actor: Actor,
) -> Case:
    item, condition = meant
    first = min((signal for signal in moved if signal.lon is not None), key=seen_at)
    assert first.lon is not None
    assert first.lat is not None
    spot = Spot(first.lon, first.lat, first.error_m or 0.0)
    new = NewCase(
        item_key=item.item_key,
        cond_key=condition.cond_key,
        spot=spot,
        text=first.text,
        evidence=tuple(link for signal in moved for link in evidence_links(signal)),
        asset_id=first.asset_id,
        occurred_at=min(map(seen_at, moved)),
        callback_required=await _any_wants_callback(work, moved),
        apart_from=frozenset({case.case_id}),
    )
    filed = await open_case(work, new, actor)
    seen = await note_seen(work.db, filed, max(map(seen_at, moved)))
    await _give(work, filed, moved, first, actor, reason)
    data: dict[str, JsonValue] = {
        "from": case.case_no,
        "from_case_id": case.case_id,
        "reason": reason,
        "signal_ids": [signal.signal_id for signal in moved],
        "changes": changes(filed, seen),
    }
    await note(work.by(actor.name), seen, CaseEntryKind.CASE_SPLIT, data, reason=reason)
    return seen


async def _give(
    work: UnitOfWork,
    filed: Case,
    moved: Sequence[Signal],
    first: Signal,
    actor: Actor,
    reason: str,
) -> None:
    for signal in moved:
        state = SignalState.ACCEPTED if signal is first else SignalState.MERGED
        given = replace(
            signal, state=state, reason=None, case_id=filed.case_id, item_key=filed.item_key
        )
        await decided(work, given, actor, said=reason)


async def _matter_of(
    work: UnitOfWork, case: Case, moved: Sequence[Signal], split: CaseSplit
) -> tuple[CatalogueItem, Condition]:
    """The item and condition that were given, or the gravest that the signals show."""
    if all(signal.lon is None for signal in moved):
        raise GuardRefused("none of the signals has a place; let them wait", guard="place_known")
    item_key = split.item_key or next(
        (signal.item_key for signal in moved if signal.item_key), case.item_key
    )
    if split.cond_key is not None:
        given = [split.cond_key]
    else:
        given = [each.cond_key for each in moved if each.cond_key and each.item_key == item_key]
        given = given or ([case.cond_key] if item_key == case.item_key else [])
    item, _ = await matter(work.db, item_key, None)
    if item is None:
        raise InvalidInput(f"the catalogue has no item {item_key}", field="item_key")
    known = [found for key in given if (found := item.condition(key)) is not None]
    if not known:
        raise InvalidInput(f"name a condition of {item_key}: `cond_key`", field="cond_key")
    return item, max(known, key=lambda each: each.severity.rank)


async def _any_wants_callback(work: UnitOfWork, signals: Sequence[Signal]) -> bool:
    return any([await wants_callback(work.db, signal.signal_id) for signal in signals])


async def _let_wait(work: UnitOfWork, moved: Sequence[Signal], actor: Actor, reason: str) -> None:
    for signal in moved:
        waiting = replace(
            signal, state=SignalState.NEW, reason=WaitingReason.SPLIT_OFF, case_id=None, would=None
        )
        await decided(work, waiting, actor, said=reason)


async def _name_founder(
    work: UnitOfWork, staying: Sequence[Signal], signals: Sequence[Signal], actor: Actor
) -> None:
    """Of a case that was filed for a signal, one that stays is that signal."""
    founded = any(signal.state is SignalState.ACCEPTED for signal in signals)
    if founded and not any(signal.state is SignalState.ACCEPTED for signal in staying):
        first = min(staying, key=seen_at)
        await decided(work, replace(first, state=SignalState.ACCEPTED), actor)


async def tell_split(
    work: UnitOfWork,
    case: Case,
    after: Case,
    moved: Sequence[Signal],
    new: Case | None,
    reason: str,
) -> None:
    """Tell the journal of a case which signals have gone, and into which case."""
    signal_ids: list[JsonValue] = [signal.signal_id for signal in moved]
    data: dict[str, JsonValue] = {
        "signal_ids": signal_ids,
        "into": None if new is None else new.case_no,
        "into_case_id": None if new is None else new.case_id,
        "reason": reason,
        "changes": changes(case, after),
    }
    await note(work, after, CaseEntryKind.CASE_SPLIT, data, reason=reason)
