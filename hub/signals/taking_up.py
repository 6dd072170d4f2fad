"""Take up a signal: find its case or make one, and see what that means for the signals around it."""

from hub.cases.actor import Actor
from hub.catalogue import CatalogueItem, Condition
from hub.journal.unit_of_work import UnitOfWork
from hub.signals.outcomes import SYSTEM
from hub.signals.reconsidering import reconsider_around
from hub.signals.settling import settle
from hub.signals.signal import Signal, SignalOutcome, WaitingReason
from hub.signals.snoozing import wake_for_graver


async def take_up(
    work: UnitOfWork,
    signal: Signal,
    item: CatalogueItem,
    condition: Condition | None,
    *,
    doubt: WaitingReason | None = None,
    verified: bool = False,
    monitored: bool = False,
    actor: Actor = SYSTEM,
) -> SignalOutcome:
    """`settle` a signal, and look around it. Call it under `lock_place`."""
    outcome = await settle(
        work,
        signal,
        item,
        condition,
        doubt=doubt,
        verified=verified,
        monitored=monitored,
        actor=actor,
    )
    await look_around(work, signal, item, condition, outcome.case_id)
    return outcome


async def look_around(
    work: UnitOfWork,
    signal: Signal,
    item: CatalogueItem,
    condition: Condition | None,
    case_id: int | None,
) -> None:
    """Wake what is less grave and was put off there; move to the case of the signal what fits it better."""
    if condition is not None:
        await wake_for_graver(work, signal, item, condition)
    if case_id is not None:
        await reconsider_around(work, signal, item, case_id)
