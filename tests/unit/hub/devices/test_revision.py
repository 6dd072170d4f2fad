from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.devices.device import Presence
from hub.devices.revision import (
    PendingRevision,
    RevisionOutcome,
    differing,
    is_timed_out,
    outcome_of,
)
from hub.devices.sync import Sync

NOW = datetime(2025, 8, 7, 7, 19, tzinfo=UTC)
ONLINE, OFFLINE = Presence.ONLINE, Presence.OFFLINE


@pytest.mark.parametrize(
    ("asked_s", "told_s", "presence", "sync", "expected"),
    [
        (60, None, ONLINE, Sync.BEHIND, False),
        (120, None, ONLINE, Sync.BEHIND, True),
        (3600, 60, ONLINE, Sync.BEHIND, False),
        (3600, 120, ONLINE, Sync.BEHIND, True),
        (3600, None, OFFLINE, Sync.BEHIND, False),
        (3600, None, Presence.STALE, Sync.BEHIND, False),
        (3600, None, ONLINE, Sync.UNDER_WAY, False),
        (7 * 86_400, None, OFFLINE, Sync.BEHIND, True),
        (7 * 86_400, None, ONLINE, Sync.UNDER_WAY, True),
    ],
)
def test_a_revision_waits_for_days_for_who_is_away_and_for_minutes_for_who_is_online(
    asked_s: float, told_s: float | None, presence: Presence, sync: Sync, expected: bool
) -> None:
    told_since = None if told_s is None else NOW - timedelta(seconds=told_s)
    revision = PendingRevision(NOW - timedelta(seconds=asked_s), told_since, presence, sync)
    assert is_timed_out(NOW, revision) is expected


@pytest.mark.parametrize(
    ("sync", "expected"),
    [
        (None, None),
        (Sync.BEHIND, None),
        (Sync.UNDER_WAY, None),
        (Sync.IN_STEP, RevisionOutcome.APPLIED),
        (Sync.REFUSED, RevisionOutcome.REFUSED),
    ],
)
def test_a_device_s_own_word_settles_a_revision(
    sync: Sync | None, expected: RevisionOutcome | None
) -> None:
    assert outcome_of(sync) is expected


def test_what_differs_is_named_by_its_path() -> None:
    before = {"a": 1, "same": [1], "in": {"x": 1, "y": {"z": 2}}, "gone": 0, "list": [1, 2]}
    after = {"a": 2, "same": [1], "in": {"x": 1, "y": {"z": 3}}, "new": 0, "list": [1, 3]}
    assert differing(before, after) == ("a", "gone", "in.y.z", "list", "new")


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=8,
)


@settings(deadline=None)
@given(_json, _json)
def test_nothing_differs_exactly_where_both_are_the_same(before, after) -> None:
    assert (differing(before, after) == ()) is (before == after)
    assert differing(before, before) == ()
