"""Write down decisions about signals."""

from dataclasses import replace

import structlog

from hub.cases.actor import Actor
from hub.journal import NewEntry, Subject
from hub.journal.unit_of_work import UnitOfWork
from hub.signals.signal import Signal, SignalOutcome, SignalState, WaitingReason, outcome_of
from hub.signals.store import save_signal

log = structlog.get_logger()

SYSTEM = Actor.system("signals")


async def wait(
    work: UnitOfWork, signal: Signal, lacks: WaitingReason, actor: Actor = SYSTEM
) -> SignalOutcome:
    """Let the signal wait for a person, with the reason."""
    verifying = lacks is WaitingReason.TO_BE_VERIFIED
    state = SignalState.VERIFYING if verifying else SignalState.NEW
    if (signal.state, signal.reason) == (state, lacks):
        await save_signal(work.db, signal)
        return outcome_of(signal)
    return await decided(work, replace(signal, state=state, reason=lacks), actor)


async def decided(
    work: UnitOfWork,
    signal: Signal,
    actor: Actor = SYSTEM,
    *,
    new_case: bool = False,
    said: str | None = None,
) -> SignalOutcome:
    """Write a decision about a signal and its journal entry; `said` is the actor's own remark."""
    await save_signal(work.db, signal)
    tell_decision(work, signal, actor, said)
    return outcome_of(signal, new_case=new_case)


def tell_decision(
    work: UnitOfWork, signal: Signal, actor: Actor = SYSTEM, said: str | None = None
) -> None:
    """Append the decision about a signal to its journal."""
    entry = NewEntry(
        Subject.SIGNAL,
        str(signal.signal_id),
        f"signal_{signal.state}",
        actor.name,
        work.now,
        to_state=signal.state,
        reason=signal.reason,
        data={
            "source": signal.source,
            "device_id": signal.device_id,
            "camera_id": signal.camera_id,
            "type": signal.type,
            "item_key": signal.item_key,
            "cond_key": signal.cond_key,
            "case_id": signal.case_id,
            **({"note": said} if said else {}),
        },
    )
    work.record(entry)
    log.info("signal_decided", signal_id=signal.signal_id, state=signal.state, reason=signal.reason)
