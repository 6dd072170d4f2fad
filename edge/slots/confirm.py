"""How looks add up to belief: capped log-odds, so that no single look decides anything.

All of it is pure; instants are the node's clock.
"""

import math
from dataclasses import dataclass, replace
from datetime import datetime

from edge.boxes import blend
from edge.detector import Sighting
from edge.slots.kinds import MEANINGS, Kind
from edge.slots.slot import Slot, SlotState, Transition
from wire.messages import DetectionType


@dataclass(frozen=True)
class Rules:
    """Log-odds are natural; a look at the class's threshold weighs `look_floor`."""

    look_gap_s: float = 0.95
    look_floor: float = 0.7
    look_cap: float = 1.5
    miss_candidate: float = 0.7
    miss_confirmed: float = 0.25
    highest: float = 6.0
    lowest: float = -3.0
    confirm_at: float = 4.0
    confirm_hits: int = 3
    urgent_at: float = 1.4
    urgent_hits: int = 2
    urgent_fault_at: float = 2.0
    clear_at: float = 4.0
    clear_hits: int = 4
    clear_dwell_s: float = 5.0
    end_at: float = -2.0
    retell_s: float = 3600.0
    same_fault_s: float = 86_400.0
    box_weight: float = 0.2


def weight(sighting: Sighting, rules: Rules) -> float:
    """What one look adds: more for a score far above its class's threshold, within the cap."""
    above = _logit(sighting.score) - _logit(sighting.threshold)
    return min(max(rules.look_floor + above, rules.look_floor / 2), rules.look_cap)


def counts(slot: Slot, at: datetime, rules: Rules) -> bool:
    """Whether a look at this instant is apart enough from the last one to be evidence of its own."""
    return abs((at - slot.looked_at).total_seconds()) >= rules.look_gap_s


def seen_faulty(slot: Slot, sighting: Sighting, at: datetime, rules: Rules) -> Slot:
    """The slot after a look that showed the fault."""
    added = weight(sighting, rules)
    urgent = added if MEANINGS[sighting.label].urgent else -added
    return replace(
        _less_sound(slot, added),
        box=blend(slot.box, sighting.box, rules.box_weight) if sighting.whole else slot.box,
        score=sighting.score,
        seen_at=at,
        looked_at=at,
        fault=min(slot.fault + added, rules.highest),
        urgent=min(max(slot.urgent + urgent, -rules.confirm_at), rules.confirm_at),
        hits=slot.hits + 1,
        misses=0,
    )


def seen_sound(slot: Slot, sighting: Sighting, at: datetime, rules: Rules) -> Slot:
    """The slot after a look that showed the thing whole."""
    added = weight(sighting, rules)
    return replace(
        slot,
        score=sighting.score,
        looked_at=at,
        fault=max(slot.fault - added, rules.lowest),
        sound=min(slot.sound + added, rules.highest),
        sound_hits=slot.sound_hits + 1,
        sound_since_at=slot.sound_since_at or at,
        misses=0,
    )


def missed(slot: Slot, at: datetime, rules: Rules) -> Slot:
    """The slot after a look that showed nothing of its kind there."""
    faded = rules.miss_candidate if slot.state is SlotState.CANDIDATE else rules.miss_confirmed
    return replace(
        _less_sound(slot, faded),
        looked_at=at,
        fault=max(slot.fault - faded, rules.lowest),
        misses=slot.misses + 1,
    )


def decide(slot: Slot, at: datetime, rules: Rules) -> tuple[Slot | None, Transition | None]:
    """What becomes of a slot after a look: the slot, or None if forgotten; and what to publish."""
    if slot.state is SlotState.CANDIDATE:
        if slot.fault <= 0:
            return None, None
        return _told(slot, DetectionType.NEW, at) if believed(slot, rules) else (slot, None)
    if _whole_again(slot, at, rules):
        return None, _told(slot, DetectionType.CLEARED, at)[1]
    if slot.state is SlotState.ENDED:
        return _ended(slot, at, rules)
    if slot.fault <= rules.end_at and slot.sound <= 0:
        return _told(replace(slot, state=SlotState.ENDED), DetectionType.END, at)
    return _confirmed(slot, at, rules)


def believed(slot: Slot, rules: Rules) -> bool:
    """Whether the looks so far make the fault certain enough to publish."""
    lasted_s = (slot.seen_at - slot.first_seen_at).total_seconds()
    meaning = MEANINGS[_label(slot)]
    if lasted_s < meaning.dwell_s:
        return False
    if meaning.urgent and slot.hits >= rules.urgent_hits and slot.urgent >= rules.urgent_at:
        return slot.fault >= rules.urgent_fault_at
    return slot.hits >= rules.confirm_hits and slot.fault >= rules.confirm_at


def with_doubt(slot: Slot, at: datetime) -> Slot:
    """The slot, noting since when looks at every chance would settle something about it."""
    if not _in_doubt(slot):
        return replace(slot, doubt_since_at=None) if slot.doubt_since_at else slot
    return slot if slot.doubt_since_at else replace(slot, doubt_since_at=at)


def _in_doubt(slot: Slot) -> bool:
    match slot.state:
        case SlotState.CANDIDATE:
            return True
        case SlotState.CONFIRMED:
            return slot.sound > 0 or _label(slot) != slot.label
        case SlotState.ENDED:
            return slot.misses == 0


def _less_sound(slot: Slot, by: float) -> Slot:
    sound = max(slot.sound - by, 0.0)
    if sound:
        return replace(slot, sound=sound)
    return replace(slot, sound=0.0, sound_hits=0, sound_since_at=None)


def _confirmed(slot: Slot, at: datetime, rules: Rules) -> tuple[Slot, Transition | None]:
    label = _label(slot)
    if label != slot.label and abs(slot.urgent) >= rules.confirm_at:
        return _told(replace(slot, label=label), DetectionType.UPDATE, at)
    told_s = (at - slot.told_at).total_seconds() if slot.told_at else math.inf
    if slot.seen_at == at and told_s >= rules.retell_s:
        return _told(slot, DetectionType.UPDATE, at, routine=True)
    return slot, None


def _ended(slot: Slot, at: datetime, rules: Rules) -> tuple[Slot | None, Transition | None]:
    if slot.fault >= rules.confirm_at:
        return _told(replace(slot, state=SlotState.CONFIRMED), DetectionType.UPDATE, at)
    gone_s = (at - slot.seen_at).total_seconds()
    return (None, None) if gone_s > rules.same_fault_s else (slot, None)


def _whole_again(slot: Slot, at: datetime, rules: Rules) -> bool:
    if slot.sound_since_at is None or slot.sound_hits < rules.clear_hits or slot.fault > 0:
        return False
    lasted_s = (at - slot.sound_since_at).total_seconds()
    return slot.sound >= rules.clear_at and lasted_s >= rules.clear_dwell_s


def _told(
    slot: Slot, kind: DetectionType, at: datetime, *, routine: bool = False
) -> tuple[Slot, Transition]:
    told = replace(slot, seq=slot.seq + 1, told_at=at)
    if kind is DetectionType.NEW:
        told = replace(told, state=SlotState.CONFIRMED, label=_label(slot))
    return told, Transition(kind, told, routine)


def _label(slot: Slot) -> str:
    """The class of the fault by all looks together."""
    if slot.kind is not Kind.MANHOLE:
        return slot.label
    return "manhole_open" if slot.urgent > 0 else "manhole_broken"


def _logit(share: float) -> float:
    share = min(max(share, 1e-3), 1 - 1e-3)
    return math.log(share / (1 - share))
