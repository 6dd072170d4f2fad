"""The slots of all cameras: which sighting belongs to which, and what a look changes. No I/O."""

import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime

from edge.boxes import inside, iou
from edge.detector import Sighting
from edge.slots import confirm
from edge.slots.confirm import Rules
from edge.slots.kinds import MEANINGS, MIMICS
from edge.slots.slot import Slot, SlotState, Transition

_SAME_PLACE = 0.3
_SAME_THING = 0.6
_WATCH_S = 60.0
"""A doubt that more looks have not settled by then is left to the heartbeat."""


@dataclass(frozen=True)
class Outcome:
    """What one look changed: slots to keep, slots to forget (by id), and what to publish."""

    kept: tuple[Slot, ...] = ()
    forgotten: tuple[str, ...] = ()
    transitions: tuple[Transition, ...] = ()

    @property
    def changed(self) -> bool:
        return bool(self.kept or self.forgotten)


@dataclass
class Book:
    """All slots in memory. `look` decides; `adopt` follows once the outcome is safely stored."""

    rules: Rules = field(default_factory=Rules)
    new_id: Callable[[], str] = field(default=lambda: str(uuid.uuid4()))
    _slots: dict[str, dict[str, Slot]] = field(default_factory=dict)

    def load(self, slots: Iterable[Slot]) -> None:
        """Take over what was known before the restart."""
        for slot in slots:
            self._slots.setdefault(slot.camera_id, {})[slot.detection_id] = slot

    def of(self, camera_id: str) -> tuple[Slot, ...]:
        """The slots of one camera."""
        return tuple(self._slots.get(camera_id, {}).values())

    def watched(self, camera_id: str, at: datetime) -> bool:
        """Whether the camera has something in doubt that looks at every chance would settle."""
        return any(
            slot.doubt_since_at is not None
            and abs((at - slot.doubt_since_at).total_seconds()) <= _WATCH_S
            for slot in self._slots.get(camera_id, {}).values()
        )

    def look(self, camera_id: str, sightings: Iterable[Sighting], at: datetime) -> Outcome:
        """What a look at one frame means."""
        things = _without_mimics(_things(sightings), self.of(camera_id))
        kept, forgotten, transitions = [], [], []
        for slot, sighting in _matched(self.of(camera_id), things):
            if slot is None:
                after = self._candidate(camera_id, sighting, at) if sighting else None
            elif confirm.counts(slot, at, self.rules):
                after = self._after(slot, sighting, at)
            else:
                continue
            if after is None:
                continue
            decided, transition = confirm.decide(after, at, self.rules)
            if decided is None:
                forgotten.append(after.detection_id)
            else:
                kept.append(confirm.with_doubt(decided, at))
            if transition is not None:
                transitions.append(transition)
        return Outcome(tuple(kept), tuple(forgotten), tuple(transitions))

    def adopt(self, outcome: Outcome) -> None:
        """Make an outcome the present state."""
        for slot in outcome.kept:
            self._slots.setdefault(slot.camera_id, {})[slot.detection_id] = slot
        for detection_id in outcome.forgotten:
            for slots in self._slots.values():
                slots.pop(detection_id, None)

    def _after(self, slot: Slot, sighting: Sighting | None, at: datetime) -> Slot:
        if sighting is None:
            return confirm.missed(slot, at, self.rules)
        if MEANINGS[sighting.label].sound:
            return confirm.seen_sound(slot, sighting, at, self.rules)
        return confirm.seen_faulty(slot, sighting, at, self.rules)

    def _candidate(self, camera_id: str, sighting: Sighting, at: datetime) -> Slot | None:
        """A new slot; a thing that is sound needs none."""
        meaning = MEANINGS[sighting.label]
        if meaning.sound:
            return None
        fresh = Slot(
            detection_id=self.new_id(),
            camera_id=camera_id,
            kind=meaning.kind,
            state=SlotState.CANDIDATE,
            label=sighting.label,
            box=sighting.box,
            score=sighting.score,
            first_seen_at=at,
            seen_at=at,
            looked_at=at,
        )
        return confirm.seen_faulty(fresh, sighting, at, self.rules)


def _things(sightings: Iterable[Sighting]) -> list[Sighting]:
    """The sightings, best first, each thing once though several classes of its kind were found."""
    kept: list[Sighting] = []
    for sighting in sorted(sightings, key=lambda one: one.score - one.threshold, reverse=True):
        meaning = MEANINGS.get(sighting.label)
        if meaning is None:
            continue
        if not any(
            MEANINGS[other.label].kind is meaning.kind
            and inside(other.box, sighting.box) > _SAME_THING
            for other in kept
        ):
            kept.append(sighting)
    return kept


def _without_mimics(things: list[Sighting], slots: tuple[Slot, ...]) -> list[Sighting]:
    """Leave out what only looks like another thing that is known or seen at the same place."""
    places = [(MEANINGS[thing.label].kind, thing.box) for thing in things]
    places += [(slot.kind, slot.box) for slot in slots]
    return [
        thing
        for thing in things
        if not any(
            MIMICS.get(MEANINGS[thing.label].kind) is kind and inside(thing.box, box) > _SAME_THING
            for kind, box in places
        )
    ]


def _matched(
    slots: tuple[Slot, ...], things: list[Sighting]
) -> list[tuple[Slot | None, Sighting | None]]:
    """Pair slots with sightings of their kind at their place, closest first; then what is left.

    A second sighting at the place of a slot belongs to that slot too, and is dropped.
    """
    closeness = [
        (_closeness(slot, thing), s, t)
        for s, slot in enumerate(slots)
        for t, thing in enumerate(things)
    ]
    pairs: list[tuple[Slot | None, Sighting | None]] = []
    free_slots, free_things = set(range(len(slots))), set(range(len(things)))
    for near, s, t in sorted(closeness, reverse=True):
        if near > 0 and s in free_slots and t in free_things:
            pairs.append((slots[s], things[t]))
            free_slots.discard(s)
            free_things.discard(t)
    pairs += [(slots[s], None) for s in sorted(free_slots)]
    taken = {t for near, _, t in closeness if near > 0}
    pairs += [(None, things[t]) for t in sorted(free_things - taken)]
    return pairs


def _closeness(slot: Slot, thing: Sighting) -> float:
    """0 where they cannot be the same thing, else how well they match.

    A hole and the cover beside it may fill a box quite unlike the whole cover's: a centre within
    the other box counts as well, as long as neither is four times the other.
    """
    if MEANINGS[thing.label].kind is not slot.kind:
        return 0.0
    overlap = iou(slot.box, thing.box)
    if overlap >= _SAME_PLACE:
        return overlap
    ratio = slot.box.area / thing.box.area
    centred = slot.box.holds(thing.box.centre) or thing.box.holds(slot.box.centre)
    return max(overlap, 0.01) if centred and 0.25 <= ratio <= 4 else 0.0
