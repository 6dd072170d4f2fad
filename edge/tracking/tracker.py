"""The tracks of all cameras: which observation belongs to which, and what it changes. No I/O."""

import uuid
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from edge.boxes import ImageBox, inside, iou
from edge.detector import Observation
from edge.tracking import confirmation
from edge.tracking.confirmation import ConfirmationRules
from edge.tracking.kinds import MEANINGS, MIMICS
from edge.tracking.track import ObjectTrack, TrackState, TrackTransition

_SAME_PLACE = 0.3
_SAME_OBJECT = 0.6
_PART = 0.1
_WATCH_S = 60.0
"""A doubt that is not settled by then is left to the heartbeat."""
_CALM_S = 30.0
_CALM_WATCH_S = 3.0


@dataclass(frozen=True)
class TrackUpdate:
    """What one inference changed: tracks to keep, ids of tracks to delete, and what to publish."""

    kept: tuple[ObjectTrack, ...] = ()
    forgotten: tuple[str, ...] = ()
    transitions: tuple[TrackTransition, ...] = ()

    @property
    def changed(self) -> bool:
        return bool(self.kept or self.forgotten)


@dataclass
class Tracker:
    """All tracks in memory. `update` decides; call `adopt` once its result is safely stored."""

    rules: ConfirmationRules = field(default_factory=ConfirmationRules)
    new_id: Callable[[], str] = field(default=lambda: str(uuid.uuid4()))
    _tracks: dict[str, dict[str, ObjectTrack]] = field(default_factory=dict)
    _calm_since: dict[str, datetime] = field(default_factory=dict)

    def load(self, tracks: Iterable[ObjectTrack]) -> None:
        """Take over the tracks from before the restart."""
        for track in tracks:
            self._tracks.setdefault(track.camera_id, {})[track.detection_id] = track

    def of(self, camera_id: str) -> tuple[ObjectTrack, ...]:
        """The tracks of one camera."""
        return tuple(self._tracks.get(camera_id, {}).values())

    def watch_every_s(self, camera_id: str, at: datetime) -> float | None:
        """After how long to look again because something is in doubt; None if nothing is.

        After a false alarm the next suspicions wait longer, because frequent looks would keep finding
        something to suspect.
        """
        in_doubt = list(self._in_doubt(camera_id, at))
        if not in_doubt:
            return None
        calm_since = self._calm_since.get(camera_id)
        calm = calm_since is not None and _apart_s(at, calm_since) <= _CALM_S
        only_suspicions = all(track.state is TrackState.TENTATIVE for track in in_doubt)
        return _CALM_WATCH_S if calm and only_suspicions else self.rules.look_gap_s

    def doubtful(self, camera_id: str, at: datetime) -> tuple[ImageBox, ...]:
        """Where in the camera's picture something is in doubt."""
        return tuple(track.box for track in self._in_doubt(camera_id, at))

    def _in_doubt(self, camera_id: str, at: datetime) -> Iterator[ObjectTrack]:
        for track in self._tracks.get(camera_id, {}).values():
            since = track.doubt_since_at
            if since is not None and _apart_s(at, since) <= _WATCH_S:
                yield track

    def update(
        self,
        camera_id: str,
        observations: Iterable[Observation],
        at: datetime,
        shown: Callable[[ImageBox], bool] = lambda _: True,
    ) -> TrackUpdate:
        """What one inference changes. A place that it has not `shown` well does not count as a miss."""
        distinct = _without_mimics(_distinct(observations), self.of(camera_id))
        kept, forgotten, transitions = [], [], []
        for track, observation in _matched(self.of(camera_id), distinct):
            if track is None:
                after = self._tentative(camera_id, observation, at) if observation else None
            elif confirmation.counts(track, at, self.rules) and (observation or shown(track.box)):
                after = self._after(track, observation, at)
            else:
                continue
            if after is None:
                continue
            decided, transition = confirmation.decide(after, at, self.rules)
            if decided is None:
                forgotten.append(after.detection_id)
            else:
                kept.append(confirmation.with_doubt(decided, at))
            if transition is not None:
                transitions.append(transition)
        return TrackUpdate(tuple(kept), tuple(forgotten), tuple(transitions))

    def adopt(self, update: TrackUpdate) -> None:
        """Make an update the present state."""
        for track in update.kept:
            self._tracks.setdefault(track.camera_id, {})[track.detection_id] = track
        for detection_id in update.forgotten:
            for tracks in self._tracks.values():
                if detection_id in tracks:
                    self._forget(tracks.pop(detection_id))

    def _forget(self, track: ObjectTrack) -> None:
        if track.state is TrackState.TENTATIVE:
            self._calm_since[track.camera_id] = track.looked_at

    def _after(
        self, track: ObjectTrack, observation: Observation | None, at: datetime
    ) -> ObjectTrack:
        if observation is None:
            return confirmation.missed(track, at, self.rules)
        if MEANINGS[observation.label].sound:
            return confirmation.seen_sound(track, observation, at, self.rules)
        return confirmation.seen_faulty(track, observation, at, self.rules)

    def _tentative(
        self, camera_id: str, observation: Observation, at: datetime
    ) -> ObjectTrack | None:
        """A new track; a sound object needs none."""
        meaning = MEANINGS[observation.label]
        if meaning.sound:
            return None
        fresh = ObjectTrack(
            detection_id=self.new_id(),
            camera_id=camera_id,
            kind=meaning.kind,
            state=TrackState.TENTATIVE,
            label=observation.label,
            box=observation.box,
            score=observation.score,
            first_seen_at=at,
            seen_at=at,
            looked_at=at,
        )
        return confirmation.seen_faulty(fresh, observation, at, self.rules)


def _apart_s(one: datetime, other: datetime) -> float:
    return abs((one - other).total_seconds())


def _distinct(observations: Iterable[Observation]) -> list[Observation]:
    """The observations, best first, and each object once, even if several classes of its kind match."""
    kept: list[Observation] = []
    for observation in sorted(observations, key=lambda one: (one.whole, one.margin), reverse=True):
        meaning = MEANINGS.get(observation.label)
        if meaning is None:
            continue
        if not any(
            MEANINGS[other.label].kind is meaning.kind
            and inside(other.box, observation.box) > _SAME_OBJECT
            for other in kept
        ):
            kept.append(observation)
    return kept


def _without_mimics(
    observations: list[Observation], tracks: tuple[ObjectTrack, ...]
) -> list[Observation]:
    """Leave out what only looks like another object that is known or seen at the same place."""
    places = [(MEANINGS[one.label].kind, one.box) for one in observations]
    places += [(track.kind, track.box) for track in tracks]
    return [
        one
        for one in observations
        if not any(
            MIMICS.get(MEANINGS[one.label].kind) is kind and inside(one.box, box) > _SAME_OBJECT
            for kind, box in places
        )
    ]


def _matched(
    tracks: tuple[ObjectTrack, ...], observations: list[Observation]
) -> list[tuple[ObjectTrack | None, Observation | None]]:
    """Pair tracks with observations of their kind at their place, closest first; then the rest.

    A second observation at the place of a track belongs to that track too, and is dropped.
    """
    closeness = [
        (_closeness(track, one), s, t)
        for s, track in enumerate(tracks)
        for t, one in enumerate(observations)
    ]
    pairs: list[tuple[ObjectTrack | None, Observation | None]] = []
    free_tracks, free_observations = set(range(len(tracks))), set(range(len(observations)))
    for near, s, t in sorted(closeness, reverse=True):
        if near > 0 and s in free_tracks and t in free_observations:
            pairs.append((tracks[s], observations[t]))
            free_tracks.discard(s)
            free_observations.discard(t)
    pairs += [(tracks[s], None) for s in sorted(free_tracks)]
    taken = {t for near, _, t in closeness if near > 0}
    pairs += [(None, observations[t]) for t in sorted(free_observations - taken)]
    return pairs


def _closeness(track: ObjectTrack, one: Observation) -> float:
    """How well they match, or 0 if they cannot be the same object.

    The box of a hole and the cover beside it may differ much from that of the whole cover, so a centre
    within the other box counts too, as long as neither box is four times the other. For an object that
    is cut, any part of the place will do.
    """
    if MEANINGS[one.label].kind is not track.kind:
        return 0.0
    if not one.whole:
        part = inside(track.box, one.box)
        return part if part >= _PART else 0.0
    overlap = iou(track.box, one.box)
    if overlap >= _SAME_PLACE:
        return overlap
    ratio = track.box.area / one.box.area
    centred = track.box.holds(one.box.centre) or one.box.holds(track.box.centre)
    return max(overlap, 0.01) if centred and 0.25 <= ratio <= 4 else 0.0
