"""What people decide about signals that wait for them."""

from dataclasses import replace
from datetime import datetime

from hub import catalogue
from hub.cases.actor import Actor, Capacity
from hub.cases.store import lock_item
from hub.catalogue import Spot
from hub.db import Connection
from hub.errors import Conflict, Forbidden, GuardRefused, InvalidInput
from hub.signals.outcomes import decided
from hub.signals.settling import settle
from hub.signals.signal import Reason, Signal, SignalOutcome, SignalState
from hub.signals.store import signal_by_id


async def accept_signal(
    db: Connection,
    signal_id: int,
    item_key: str,
    cond_key: str,
    actor: Actor,
    now: datetime,
    *,
    spot: Spot | None = None,
    evidence: tuple[str, ...] = (),
) -> SignalOutcome:
    """Make a waiting signal a case, or join it to the one that it means.

    `spot` and `evidence` give what the signal lacks. Raises Forbidden, NotFound, Conflict where it
    no longer waits, InvalidInput for an unknown item or condition, and GuardRefused.
    """
    _permit(actor)
    item = await catalogue.find_item(db, await catalogue.current_version(db), item_key)
    condition = None if item is None else item.condition(cond_key)
    if item is None or condition is None:
        raise InvalidInput(f"the catalogue has no {item_key} / {cond_key}", field="cond_key")
    await lock_item(db, item.item_key)
    signal = _completed(await _waiting(db, signal_id), spot, evidence)
    if signal.lon is None:
        raise GuardRefused("say where it is: the signal has no place", guard="place_known")
    signal = replace(signal, item_key=item.item_key, cond_key=condition.cond_key)
    return await settle(db, signal, item, condition, now, actor=actor)


async def reject_signal(
    db: Connection, signal_id: int, reason: Reason, actor: Actor, now: datetime
) -> SignalOutcome:
    """Put a waiting signal aside. Raises Forbidden, NotFound, and Conflict where it doesn't wait."""
    _permit(actor)
    signal = await _waiting(db, signal_id)
    rejected = replace(signal, state=SignalState.REJECTED, reason=reason)
    return await decided(db, rejected, now, actor)


def _permit(actor: Actor) -> None:
    if Capacity.OPERATOR not in actor.capacities:
        raise Forbidden("only operators decide about signals", actor=actor.name)


async def _waiting(db: Connection, signal_id: int) -> Signal:
    signal = await signal_by_id(db, signal_id)
    if not signal.waits:
        raise Conflict(
            f"signal {signal_id} is {signal.state} already; look again", state=signal.state
        )
    return signal


def _completed(signal: Signal, spot: Spot | None, evidence: tuple[str, ...]) -> Signal:
    photos = tuple(dict.fromkeys((*signal.evidence, *evidence)))
    signal = replace(signal, evidence=photos)
    if spot is None:
        return signal
    return replace(signal, lon=spot.lon, lat=spot.lat, error_m=spot.error_m, asset_id=None)
