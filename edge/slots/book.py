"""The slots of all cameras: which sighting belongs to which, and what a look changes. No I/O."""

import uuid
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from edge.boxes import Box, inside, iou
from edge.detector import Sighting
from edge.slots import confirm
from edge.slots.confirm import Rules
from edge.slots.kinds import MEANINGS, MIMICS
from edge.slots.slot import Slot, SlotState, Transition

_SAME_PLACE = 0.3
_SAME_THING = 0.6
_PART = 0.1
_WATCH_S = 60.0
"""A doubt that more looks have not settled by then is left to the heartbeat."""
_CALM_S = 30.0
_CALM_WATCH_S = 3.0


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
    _calm_since: dict[str, datetime] = field(default_factory=dict)

    def load(self, slots: Iterable[Slot]) -> None:
        """Take over what was known before the restart."""
        for slot in slots:
            self._slots.setdefault(slot.camera_id, {})[slot.detection_id] = slot

    def of(self, camera_id: str) -> tuple[Slot, ...]:
        """The slots of one camera."""
        return tuple(self._slots.get(camera_id, {}).values())

    def watch_every_s(self, camera_id: str, at: datetime) -> float | None:
        """How soon to look again because something is in doubt; None where nothing is.

        What came to nothing a moment ago makes the next suspicions wait longer, lest looking again
        and again keeps finding something to suspect.
        """
        in_doubt = list(self._in_doubt(camera_id, at))
        if not in_doubt:
            return None
        calm_since = self._calm_since.get(camera_id)
        calm = calm_since is not None and _apart_s(at, calm_since) <= _CALM_S
        only_suspicions = all(slot.state is SlotState.CANDIDATE for slot in in_doubt)
        return _CALM_WATCH_S if calm and only_suspicions else self.rules.look_gap_s

    def doubtful(self, camera_id: str, at: datetime) -> tuple[Box, ...]:
        """Where the camera has something in doubt."""
        return tuple(slot.box for slot in self._in_doubt(camera_id, at))

    def _in_doubt(self, camera_id: str, at: datetime) -> Iterator[Slot]:
        for slot in self._slots.get(camera_id, {}).values():
            since = slot.doubt_since_at
            if since is not None and _apart_s(at, since) <= _WATCH_S:
                yield slot

    def look(
        self,
        camera_id: str,
        sightings: Iterable[Sighting],
        at: datetime,
        shown: Callable[[Box], bool] = lambda _: True,
    ) -> Outcome:
        """What a look at one frame means. What it has not `shown` well is not missed."""
        things = _without_mimics(_things(sightings), self.of(camera_id))
        kept, forgotten, transitions = [], [], []
        for slot, sighting in _matched(self.of(camera_id), things):
            if slot is None:
                after = self._candidate(camera_id, sighting, at) if sighting else None
            elif confirm.counts(slot, at, self.rules) and (sighting or shown(slot.box)):
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
                if detection_id in slots:
                    self._forget(slots.pop(detection_id))

    def _forget(self, slot: Slot) -> None:
        if slot.state is SlotState.CANDIDATE:
            self._calm_since[slot.camera_id] = slot.looked_at

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


def _apart_s(one: datetime, other: datetime) -> float:
    return abs((one - other).total_seconds())


def _things(sightings: Iterable[Sighting]) -> list[Sighting]:
    """The sightings, best first, each thing once though several classes of its kind were found."""
    kept: list[Sighting] = []
    for sighting in sorted(sightings, key=lambda one: (one.whole, one.margin), reverse=True):
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
    the other box counts as well, as long as neither is four times the other. Of a thing that is
    cut, any part of the place will do.
    """
    if MEANINGS[thing.label].kind is not slot.kind:
        return 0.0
    if not thing.whole:
        part = inside(slot.box, thing.box)
        return part if part >= _PART else 0.0
    overlap = iou(slot.box, thing.box)
    if overlap >= _SAME_PLACE:
        return overlap
    ratio = slot.box.area / thing.box.area
    centred = slot.box.holds(thing.box.centre) or thing.box.holds(slot.box.centre)
    return max(overlap, 0.01) if centred and 0.25 <= ratio <= 4 else 0.0
