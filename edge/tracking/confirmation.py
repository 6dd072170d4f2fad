"""How inferences add up to certainty: capped log-odds, so that no single one decides anything.

All of it is pure; instants are those of the node's clock.
"""

import math
from dataclasses import dataclass, replace
from datetime import datetime

from edge.boxes import blend
from edge.detector import Observation
from edge.gate import LOOK_GAP_S
from edge.tracking.kinds import MEANINGS, ObjectKind
from edge.tracking.track import ObjectTrack, TrackState, TrackTransition
from wire.messages import DetectionType


@dataclass(frozen=True)
class ConfirmationRules:
    """Log-odds are natural; an observation at its class's threshold weighs `look_floor`."""

    look_gap_s: float = LOOK_GAP_S
    look_floor: float = 0.7
    look_cap: float = 1.5
    miss_tentative: float = 0.7
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
    republish_s: float = 3600.0
    same_fault_s: float = 86_400.0
    box_weight: float = 0.2


def weight(observation: Observation, rules: ConfirmationRules) -> float:
    """What one observation adds: more for a score far above its class's threshold, up to the cap."""
    above = _logit(observation.score) - _logit(observation.threshold)
    return min(max(rules.look_floor + above, rules.look_floor / 2), rules.look_cap)


def counts(track: ObjectTrack, at: datetime, rules: ConfirmationRules) -> bool:
    """Whether this instant is far enough from the last inference to be evidence of its own."""
    return abs((at - track.looked_at).total_seconds()) >= rules.look_gap_s


def seen_faulty(
    track: ObjectTrack, observation: Observation, at: datetime, rules: ConfirmationRules
) -> ObjectTrack:
    """The track after an inference that showed the fault."""
    added = weight(observation, rules)
    urgent = added if MEANINGS[observation.label].urgent else -added
    return replace(
        _less_sound(track, added),
        box=blend(track.box, observation.box, rules.box_weight) if observation.whole else track.box,
        score=observation.score,
        seen_at=at,
        looked_at=at,
        fault=min(track.fault + added, rules.highest),
        urgent=min(max(track.urgent + urgent, -rules.confirm_at), rules.confirm_at),
        hits=track.hits + 1,
        misses=0,
    )


def seen_sound(
    track: ObjectTrack, observation: Observation, at: datetime, rules: ConfirmationRules
) -> ObjectTrack:
    """The track after an inference that showed the object sound."""
    added = weight(observation, rules)
    return replace(
        track,
        score=observation.score,
        looked_at=at,
        fault=max(track.fault - added, rules.lowest),
        sound=min(track.sound + added, rules.highest),
        sound_hits=track.sound_hits + 1,
        sound_since_at=track.sound_since_at or at,
        misses=0,
    )


def missed(track: ObjectTrack, at: datetime, rules: ConfirmationRules) -> ObjectTrack:
    """The track after an inference that showed nothing of its kind there."""
    faded = rules.miss_tentative if track.state is TrackState.TENTATIVE else rules.miss_confirmed
    return replace(
        _less_sound(track, faded),
        looked_at=at,
        fault=max(track.fault - faded, rules.lowest),
        misses=track.misses + 1,
    )


def decide(
    track: ObjectTrack, at: datetime, rules: ConfirmationRules
) -> tuple[ObjectTrack | None, TrackTransition | None]:
    """The track after an inference, or None to delete it; and what to publish."""
    if track.state is TrackState.TENTATIVE:
        if track.fault <= 0:
            return None, None
        return _published(track, DetectionType.NEW, at) if believed(track, rules) else (track, None)
    if _is_sound_again(track, at, rules):
        return None, _published(track, DetectionType.CLEARED, at)[1]
    if track.state is TrackState.LOST:
        return _ended(track, at, rules)
    if track.fault <= rules.end_at and track.sound <= 0:
        return _published(replace(track, state=TrackState.LOST), DetectionType.END, at)
    return _confirmed(track, at, rules)


def believed(track: ObjectTrack, rules: ConfirmationRules) -> bool:
    """Whether the fault is certain enough to publish."""
    lasted_s = (track.seen_at - track.first_seen_at).total_seconds()
    meaning = MEANINGS[_label(track)]
    if lasted_s < meaning.dwell_s:
        return False
    if meaning.urgent and track.hits >= rules.urgent_hits and track.urgent >= rules.urgent_at:
        return track.fault >= rules.urgent_fault_at
    return track.hits >= rules.confirm_hits and track.fault >= rules.confirm_at


def with_doubt(track: ObjectTrack, at: datetime) -> ObjectTrack:
    """The track, with the time since when it is in doubt, so that more frequent looks would help."""
    if not _in_doubt(track):
        return replace(track, doubt_since_at=None) if track.doubt_since_at else track
    return track if track.doubt_since_at else replace(track, doubt_since_at=at)


def _in_doubt(track: ObjectTrack) -> bool:
    match track.state:
        case TrackState.TENTATIVE:
            return True
        case TrackState.CONFIRMED:
            return track.sound > 0 or _label(track) != track.label
        case TrackState.LOST:
            return track.misses == 0


def _less_sound(track: ObjectTrack, by: float) -> ObjectTrack:
    sound = max(track.sound - by, 0.0)
    if sound:
        return replace(track, sound=sound)
    return replace(track, sound=0.0, sound_hits=0, sound_since_at=None)


def _confirmed(
    track: ObjectTrack, at: datetime, rules: ConfirmationRules
) -> tuple[ObjectTrack, TrackTransition | None]:
    label = _label(track)
    if label != track.label and abs(track.urgent) >= rules.confirm_at:
        return _published(replace(track, label=label), DetectionType.UPDATE, at)
    published_s = (at - track.published_at).total_seconds() if track.published_at else math.inf
    if track.seen_at == at and published_s >= rules.republish_s:
        return _published(track, DetectionType.UPDATE, at, routine=True)
    return track, None


def _ended(
    track: ObjectTrack, at: datetime, rules: ConfirmationRules
) -> tuple[ObjectTrack | None, TrackTransition | None]:
    if track.fault >= rules.confirm_at:
        return _published(replace(track, state=TrackState.CONFIRMED), DetectionType.UPDATE, at)
    gone_s = (at - track.seen_at).total_seconds()
    return (None, None) if gone_s > rules.same_fault_s else (track, None)


def _is_sound_again(track: ObjectTrack, at: datetime, rules: ConfirmationRules) -> bool:
    if track.sound_since_at is None or track.sound_hits < rules.clear_hits or track.fault > 0:
        return False
    lasted_s = (at - track.sound_since_at).total_seconds()
    return track.sound >= rules.clear_at and lasted_s >= rules.clear_dwell_s


def _published(
    track: ObjectTrack, kind: DetectionType, at: datetime, *, routine: bool = False
) -> tuple[ObjectTrack, TrackTransition]:
    published = replace(track, seq=track.seq + 1, published_at=at)
    if kind is DetectionType.NEW:
        published = replace(published, state=TrackState.CONFIRMED, label=_label(track))
    return published, TrackTransition(kind, published, routine)


def _label(track: ObjectTrack) -> str:
    """The class of the fault by all inferences together."""
    if track.kind is not ObjectKind.MANHOLE:
        return track.label
    return "manhole_open" if track.urgent > 0 else "manhole_broken"


def _logit(share: float) -> float:
    share = min(max(share, 1e-3), 1 - 1e-3)
    return math.log(share / (1 - share))
