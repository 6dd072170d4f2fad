"""The decisions of people about signals that wait for them."""

from dataclasses import replace

from pydantic import JsonValue

from hub.cases.actor import Actor
from hub.cases.dedup import lock_place
from hub.cases.moving import note
from hub.cases.record import CaseEntryKind
from hub.cases.store import lock_case
from hub.commands.issuing import NewCommand, issue
from hub.errors import Conflict, GuardRefused, InvalidInput
from hub.geo.fix import require_place
from hub.geo.place import Spot
from hub.journal.unit_of_work import UnitOfWork
from hub.signals.awaited_photos import NO_WAIT, photo_doubt
from hub.signals.decidable import decidable, permit
from hub.signals.outcomes import decided
from hub.signals.settling import join, lock_place_of, matter, place_of
from hub.signals.signal import (
    NO_MATTER_FOR_A_CASE,
    NotedReason,
    RejectReason,
    Signal,
    SignalOutcome,
    SignalState,
    WaitingReason,
)
from hub.signals.store import SQL
from hub.signals.taking_up import take_up
from wire.messages import CommandType
from wire.messages.commands import TextBody


async def accept_signal(
    work: UnitOfWork,
    signal_id: int,
    item_key: str,
    cond_key: str,
    actor: Actor,
    *,
    spot: Spot | None = None,
    evidence: tuple[str, ...] = (),
) -> SignalOutcome:
    """File a case for a waiting signal, or join it to the case that the issue has.

    `spot` and `evidence` add to the signal. Raises Forbidden, NotFound, Conflict if it no longer
    waits, InvalidInput for an unknown item or condition, and GuardRefused.
    """
    permit(actor)
    item, condition = await matter(work.db, item_key, cond_key)
    if item is None or condition is None:
        raise InvalidInput(f"the catalogue has no {item_key} / {cond_key}", field="cond_key")
    if spot is not None:
        await require_place(work.db, spot.lon, spot.lat)
    if (place := spot or await place_of(work.db, signal_id)) is not None:
        await lock_place(work.db, item, place)
    signal = _completed(await decidable(work.db, signal_id), spot, evidence)
    if signal.lon is None:
        raise GuardRefused("give a place: the signal has none", guard="place_known")
    if await photo_doubt(work.db, signal, condition, work.now, NO_WAIT) is not None:
        raise GuardRefused(
            "add a photo: those that the signal names have not come", guard="evidence_given"
        )
    signal = replace(signal, item_key=item.item_key, cond_key=condition.cond_key)
    await work.db.execute(SQL["doubt_no_more"], (signal_id,))
    return await take_up(work, signal, item, condition, actor=actor)


async def join_signal(
    work: UnitOfWork, signal_id: int, case_id: int, actor: Actor
) -> SignalOutcome:
    """Add a waiting signal to an open case.

    Raises Forbidden, NotFound, and Conflict if it no longer waits or the case has ended.
    """
    permit(actor)
    await lock_place_of(work.db, signal_id)
    case = await lock_case(work.db, case_id)
    signal = await decidable(work.db, signal_id)
    if not case.is_open:
        raise Conflict(f"case {case.case_no} has ended; choose an open one", state=case.state)
    await work.db.execute(SQL["doubt_no_more"], (signal_id,))
    await work.db.execute(SQL["apart_no_more"], (signal_id, case_id))
    _, condition = await matter(work.db, signal.item_key, signal.cond_key)
    graver = condition if signal.item_key == case.item_key else None
    await work.db.execute(SQL["hold"], ([signal_id],))
    return await join(work, signal, case, graver, actor)


async def reject_signal(
    work: UnitOfWork, signal_id: int, reason: RejectReason, actor: Actor, said: str | None = None
) -> SignalOutcome:
    """Reject a waiting signal. Raises Forbidden, NotFound, and Conflict if it doesn't wait."""
    permit(actor)
    signal = await decidable(work.db, signal_id)
    rejected = replace(signal, state=SignalState.REJECTED, reason=reason, snoozed_until=None)
    await work.db.execute(SQL["doubt_no_more"], (signal_id,))
    return await decided(work, rejected, actor, said=said)


async def note_signal(
    work: UnitOfWork,
    signal_id: int,
    actor: Actor,
    said: str | None = None,
    *,
    reminder: str | None = None,
) -> SignalOutcome:
    """Note a signal that is true and nothing for a case, and say why.

    One about a holder or a terminal needs no words, and the holder may get `reminder` as a message. Raises
    Forbidden, NotFound, Conflict if it doesn't wait, InvalidInput without words, GuardRefused for a reminder
    that has no holder, and what `hub.commands.issuing.issue` raises.
    """
    permit(actor)
    signal = await decidable(work.db, signal_id)
    is_of_device = signal.reason in NO_MATTER_FOR_A_CASE
    if not is_of_device and not (said and said.strip()):
        raise InvalidInput("say why it is no case: `note`", field="note")
    reason = NotedReason.NOTED
    has_holder = is_of_device and signal.reason != WaitingReason.CAMERA_BLIND
    if reminder is not None and not has_holder:
        raise GuardRefused(
            "there is no holder to remind: only those of terminals are, of batteries and absences",
            guard="has_a_holder",
        )
    if reminder is not None and signal.device_id is not None:
        body = TextBody(text=reminder)
        order = NewCommand(signal.device_id, CommandType.MESSAGE, body, reason=signal.reason)
        await issue(work.by(actor.name), order)
        reason = NotedReason.REMINDED
    noted = replace(signal, state=SignalState.NOTED, reason=reason, snoozed_until=None)
    await work.db.execute(SQL["doubt_no_more"], (signal_id,))
    return await decided(work, noted, actor, said=said or reminder)


async def settle_doubts(work: UnitOfWork, case_id: int, actor: Actor) -> None:
    """Note that a person has compared the case's reports with their photos.

    Any consequence, such as voiding the case, is a step of its own. Raises Forbidden and NotFound.
    """
    permit(actor)
    case = await lock_case(work.db, case_id)
    cursor = await work.db.execute(SQL["doubt_case_no_more"], (case_id,))
    settled: list[JsonValue] = [row[0] for row in await cursor.fetchall()]
    if settled:
        data: dict[str, JsonValue] = {"signal_ids": settled}
        await note(work.by(actor.name), case, CaseEntryKind.REPORT_PHOTOS_CHECKED, data)


def _completed(signal: Signal, spot: Spot | None, evidence: tuple[str, ...]) -> Signal:
    photos = tuple(dict.fromkeys((*signal.evidence, *evidence)))
    return replace(signal, evidence=photos).placed(spot)
