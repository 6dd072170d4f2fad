"""What holds for tracks, whatever a detector may see."""

import sqlite3
from collections import defaultdict
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from edge.boxes import ImageBox
from edge.database import Durability, connect, transaction
from edge.detector import Observation
from edge.tracking import store
from edge.tracking.kinds import MEANINGS
from edge.tracking.track import TrackTransition
from edge.tracking.tracker import Tracker
from wire.messages import DetectionType

START_AT = datetime(2025, 8, 7, tzinfo=UTC)

boxes = st.sampled_from(
    [ImageBox(0.4, 0.6, 0.1, 0.08), ImageBox(0.42, 0.6, 0.1, 0.08), ImageBox(0.1, 0.7, 0.2, 0.1)]
)
observations = st.builds(
    Observation,
    st.sampled_from([*MEANINGS, "bicycle"]),
    st.floats(0.3, 1.0),
    st.just(0.35),
    boxes,
)
steps = st.tuples(st.sampled_from([0.2, 1.0, 1.0, 10.0, 400.0]), st.lists(observations, max_size=4))
stretches = st.tuples(steps, st.integers(1, 12))
films = st.lists(stretches, max_size=25)


def play(film: list[tuple[tuple[float, list[Observation]], int]]) -> list[TrackTransition]:
    tracker, at, published = Tracker(), START_AT, []
    for (pause_s, seen), times in film:
        for _ in range(times):
            at += timedelta(seconds=pause_s)
            update = tracker.update("C-001", seen, at)
            tracker.adopt(update)
            published += update.transitions
    return published


@settings(deadline=None, max_examples=200)
@given(films)
def test_every_fault_begins_as_new_counts_on_and_says_nothing_after_cleared(film) -> None:
    by_fault: dict[str, list[TrackTransition]] = defaultdict(list)
    for one in play(film):
        by_fault[one.track.detection_id].append(one)
    for transitions in by_fault.values():
        kinds = [one.type for one in transitions]
        assert kinds[0] is DetectionType.NEW
        assert DetectionType.NEW not in kinds[1:]
        assert DetectionType.CLEARED not in kinds[:-1]
        assert [one.track.seq for one in transitions] == list(range(1, len(transitions) + 1))
        assert not any(a is b is DetectionType.END for a, b in pairwise(kinds))


@settings(deadline=None, max_examples=200)
@given(films)
def test_only_faults_are_published_and_their_odds_stay_within_bounds(film) -> None:
    for one in play(film):
        assert not MEANINGS[one.track.label].sound
        assert -3 <= one.track.fault <= 6
        assert one.track.hits >= 2


@settings(deadline=None, max_examples=60)
@given(film=films)
def test_a_restart_at_any_time_changes_nothing(tmp_path_factory, film) -> None:
    path: Path = tmp_path_factory.mktemp("tracks") / "edge.db"
    ids = [iter(range(10**6)) for _ in range(2)]
    whole = Tracker(new_id=lambda: str(next(ids[0])))
    at = START_AT
    with closing(connect(path, Durability.NORMAL)) as db:
        for (pause_s, seen), times in film:
            restarted = restart(db, ids[1])
            for _ in range(times):
                at += timedelta(seconds=pause_s)
                expected = whole.update("C-001", seen, at)
                update = restarted.update("C-001", seen, at)
                assert summary(update.transitions) == summary(expected.transitions)
                whole.adopt(expected)
                restarted.adopt(update)
                with transaction(db):
                    store.save(db, update)


def restart(db: sqlite3.Connection, ids) -> Tracker:
    tracker = Tracker(new_id=lambda: str(next(ids)))
    tracker.load(store.load(db))
    return tracker


def summary(transitions: tuple[TrackTransition, ...]) -> list[tuple[str, str, int]]:
    return sorted((one.type.value, one.track.label, one.track.seq) for one in transitions)
