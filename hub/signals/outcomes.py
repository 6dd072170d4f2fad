"""Write down decisions about signals."""

from dataclasses import replace

import structlog
from pydantic import JsonValue

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
    return await decided(work, replace(signal, state=state, reason=lacks, would=None), actor)


async def hold_back(work: UnitOfWork, signal: Signal, would: dict[str, JsonValue]) -> SignalOutcome:
    """Let a signal of a camera that only monitors wait, with what automation would have done."""
    held = replace(signal, state=SignalState.NEW, reason=WaitingReason.MONITORED, would=would)
    if (signal.state, signal.reason, signal.would) == (held.state, held.reason, held.would):
        await save_signal(work.db, held)
        return outcome_of(held)
    return await decided(work, held)


async def decided(
    work: UnitOfWork,
    signal: Signal,
    actor: Actor = SYSTEM,
    *,
    new_case: bool = False,
    said: str | None = None,
) -> SignalOutcome:
    """Write a decision about a signal and its journal entry; `said` is the actor's own remark."""
    signal = replace(signal, decided_at=work.now, decided_by=actor.name)
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
            **({"would": signal.would} if signal.reason == WaitingReason.MONITORED else {}),
            **({"until": _until(signal)} if signal.state is SignalState.SNOOZED else {}),
            **({"note": said} if said else {}),
        },
    )
    work.record(entry)
    log.info("signal_decided", signal_id=signal.signal_id, state=signal.state, reason=signal.reason)


def _until(signal: Signal) -> str | None:
    return None if signal.snoozed_until is None else signal.snoozed_until.isoformat()
