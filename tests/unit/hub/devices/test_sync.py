"""How far a device has got with what it should run."""

from datetime import UTC, datetime, timedelta

import pytest

from hub.devices.sync import Sync, SyncFacts, sync_of

TOLD_AT = datetime(2025, 8, 7, 7, 19, tzinfo=UTC)
LATER, BEFORE = TOLD_AT + timedelta(seconds=9), TOLD_AT - timedelta(seconds=9)


def facts(**known: object) -> SyncFacts:
    return SyncFacts(**({"desired_version": 2, "desired_at": TOLD_AT} | known))


def test_what_was_never_told_anything_is_neither_in_step_nor_behind() -> None:
    assert sync_of(SyncFacts(version=4, reported_at=LATER)) is None


def test_until_a_device_answers_it_is_behind() -> None:
    assert sync_of(facts()) is Sync.BEHIND
    assert sync_of(facts(version=1, reported_at=LATER)) is Sync.BEHIND


def test_a_device_that_runs_the_version_is_in_step() -> None:
    assert sync_of(facts(version=2, reported_at=LATER)) is Sync.IN_STEP


@pytest.mark.parametrize(("at", "sync"), [(LATER, Sync.REFUSED), (BEFORE, Sync.BEHIND)])
def test_an_error_refuses_only_what_was_told_before_it(at: datetime, sync: Sync) -> None:
    assert sync_of(facts(version=1, error="version 2: no", reported_at=at)) is sync


def test_a_kept_configuration_that_cannot_be_used_is_a_refusal() -> None:
    assert sync_of(facts(version=2, error="broken", reported_at=LATER)) is Sync.REFUSED


@pytest.mark.parametrize(
    ("state", "sync"),
    [
        ("downloading", Sync.UNDER_WAY),
        ("verifying", Sync.UNDER_WAY),
        ("shadow", Sync.UNDER_WAY),
        ("active", Sync.IN_STEP),
        ("refused", Sync.REFUSED),
        ("rolled_back", Sync.REFUSED),
    ],
)
def test_a_model_goes_through_states(state: str, sync: Sync) -> None:
    known = facts(version=1, state=state, answers=2, reported_at=LATER)
    assert sync_of(known) is sync


def test_a_model_that_speaks_of_an_older_revision_is_behind() -> None:
    known = facts(version=1, state="rolled_back", answers=1, error="slow", reported_at=LATER)
    assert sync_of(known) is Sync.BEHIND
