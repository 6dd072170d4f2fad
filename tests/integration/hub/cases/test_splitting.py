"""Signals are taken out of a case: both cases are right afterwards, and don't become one by them again."""

import pytest

from hub.cases.case import Event, State
from hub.cases.record import columns, replay_case
from hub.cases.store import case_by_id
from hub.catalogue import Severity
from hub.errors import Conflict, Forbidden, GuardRefused, InvalidInput
from hub.journal import Subject, chain_breaks, entries_of
from hub.signals.commands import CaseSplit, SignalOutcome, accept_signal, join_signal, split_case
from hub.signals.reading import evidence_of, signals_of
from hub.signals.signal import SignalState, WaitingReason
from hub.signals.store import signal_by_id
from tests.integration.hub.cases.conftest import (
    DISPATCHER,
    HANDLER,
    NOW,
    SUPERVISOR,
    east,
    photo_hash,
)
from tests.integration.hub.cases.test_signals import closed
from tests.use_cases import carry_out

FIRST, SECOND = "11111111-2222-4333-8444-555555555551", "11111111-2222-4333-8444-555555555552"


async def split(db, street, case_id, *outcomes: SignalOutcome, **fields):
    given = {
        "case_id": case_id,
        "signal_ids": tuple(outcome.signal_id for outcome in outcomes),
        "reason": "two covers",
        "to_new_case": True,
    }
    return await carry_out(db, street.now, split_case, CaseSplit(**(given | fields)), DISPATCHER)


async def joined(db, street):
    """A case of two cameras: the second saw it one hour later, one metre beside."""
    first = await street.detect(db, detection_id=FIRST)
    street.forward(hours=1)
    second = await street.detect(db, camera="C-002", detection_id=SECOND, lon=east(6))
    assert second.case_id == first.case_id
    return first, second


async def replayed(db, case):
    entries = await entries_of(db, Subject.CASE, str(case.case_id))
    assert chain_breaks(entries) == []
    ours = columns(case)
    told = replay_case(entries).columns
    return {name: told.get(name) for name in ours}, ours


async def test_a_signal_gets_a_case_of_its_own_with_its_photo_and_its_time(db, street):
    first, second = await joined(db, street)

    new = await split(db, street, first.case_id, second)

    old = await case_by_id(db, first.case_id)
    new = await case_by_id(db, new.case_id)
    assert (new.state, new.item_key, new.cond_key) == (State.ROUTED, "manhole_cover", "broken")
    assert (new.occurred_at, new.last_seen_at) == (street.now, street.now)
    assert new.routed_at == street.now
    assert (old.occurred_at, old.last_seen_at) == (NOW, NOW)
    assert old.due_at < new.due_at
    assert (new.lon, old.lon) == (pytest.approx(east(6)), pytest.approx(east(0)))
    assert new.dedup_key != old.dedup_key
    moved = await signal_by_id(db, second.signal_id)
    assert (moved.state, moved.case_id) == (SignalState.ACCEPTED, new.case_id)
    photos = {
        case.case_id: [each.sha256 for each in await evidence_of(db, case.case_id)]
        for case in (old, new)
    }
    assert photos == {
        old.case_id: [photo_hash("C-001 a photo")],
        new.case_id: [photo_hash("C-002 a photo")],
    }


async def test_both_journals_tell_it_and_replay_to_the_rows(db, street):
    first, second = await joined(db, street)

    new = await split(db, street, first.case_id, second)

    for case_id, expected in (
        (first.case_id, {"into": new.case_no, "into_case_id": new.case_id}),
        (new.case_id, {"from_case_id": first.case_id}),
    ):
        case = await case_by_id(db, case_id)
        entries = await entries_of(db, Subject.CASE, str(case_id))
        entry = next(each for each in entries if each.kind == "case_split")
        assert expected.items() <= entry.data.items()
        assert entry.data["signal_ids"] == [second.signal_id]
        assert (entry.data["reason"], entry.actor) == ("two covers", DISPATCHER.name)
        told, ours = await replayed(db, case)
        assert told == ours


async def test_the_two_do_not_become_one_again_by_the_same_signals(db, street):
    first, second = await joined(db, street)
    new = await split(db, street, first.case_id, second)

    more = await street.detect(
        db, camera="C-002", detection_id=SECOND, seq=2, lon=east(6), evidence="nearer"
    )
    again = await street.detect(db, detection_id=FIRST, seq=2, evidence="nearer")

    assert (more.case_id, again.case_id) == (new.case_id, first.case_id)
    assert len(await evidence_of(db, new.case_id)) == 2
    assert [each.signal_id for each in await signals_of(db, first.case_id)] == [first.signal_id]


async def test_a_new_sight_joins_the_nearer_of_the_two(db, street):
    await db.execute("DELETE FROM asset")
    first, second = await joined(db, street)
    new = await split(db, street, first.case_id, second)

    left = await street.detect(db, lon=east(-1), error_m=1)
    right = await street.detect(db, lon=east(7), error_m=1)

    assert (left.case_id, right.case_id) == (first.case_id, new.case_id)


async def test_back_to_waiting_it_does_nothing_by_itself_and_a_person_decides(db, street):
    first, second = await joined(db, street)

    assert await split(db, street, first.case_id, second, to_new_case=False) is None

    moved = await signal_by_id(db, second.signal_id)
    assert (moved.state, moved.reason) == (SignalState.NEW, WaitingReason.SPLIT_OFF)
    assert moved.case_id is None
    more = await street.detect(db, camera="C-002", detection_id=SECOND, seq=2, lon=east(6))
    assert (more.state, more.case_id) == (SignalState.NEW, None)
    await street.photo(db, "C-002 a photo", device_id=None)
    accepted = await carry_out(
        db, street.now, accept_signal, second.signal_id, "manhole_cover", "broken", DISPATCHER
    )
    assert accepted.new_case, "it does not join the case that it was taken out of"
    assert accepted.case_id != first.case_id


async def test_a_person_may_join_it_again(db, street):
    first, second = await joined(db, street)
    await split(db, street, first.case_id, second, to_new_case=False)

    again = await carry_out(
        db, street.now, join_signal, second.signal_id, first.case_id, DISPATCHER
    )

    assert again.case_id == first.case_id
    assert len(await evidence_of(db, first.case_id)) == 2


async def test_what_the_founding_signal_leaves_stands_where_the_next_one_saw_it(db, street):
    await db.execute("DELETE FROM asset")
    first, second = await joined(db, street)
    before = await case_by_id(db, first.case_id)

    new = await split(db, street, first.case_id, first)

    old, new = await case_by_id(db, first.case_id), await case_by_id(db, new.case_id)
    assert old.lon == pytest.approx(east(6))
    assert new.lon == pytest.approx(east(0))
    assert new.occurred_at == NOW
    assert old.occurred_at == street.now
    assert before.dedup_key != old.dedup_key
    assert new.dedup_key != old.dedup_key
    assert (await signal_by_id(db, second.signal_id)).state is SignalState.ACCEPTED
    told, ours = await replayed(db, old)
    assert told == ours


async def test_at_the_same_asset_the_two_have_keys_of_their_own(db, street):
    first, second = await joined(db, street)
    old = await case_by_id(db, first.case_id)
    assert old.asset_id == "A-0172"

    new = await split(db, street, first.case_id, second)

    assert new.dedup_key == f"{old.dedup_key}|apart|{new.case_no}"


async def test_without_what_made_it_grave_the_case_is_as_grave_as_what_is_left(db, street):
    rattles = await street.report(db, condition="rattling")
    calm = await case_by_id(db, rattles.case_id)
    breaks = await street.detect(db, lon=east(2))
    grave = await case_by_id(db, rattles.case_id)
    assert (calm.severity, grave.severity) == (Severity.MID, Severity.HIGH)

    new = await split(db, street, rattles.case_id, breaks)

    old = await case_by_id(db, rattles.case_id)
    assert (old.severity, old.cond_key) == (Severity.MID, "rattling")
    assert old.limit == calm.limit
    assert old.due_at == calm.due_at
    assert (new.severity, new.cond_key) == (Severity.HIGH, "broken")
    told, ours = await replayed(db, old)
    assert told == ours


async def test_what_a_person_has_raised_stays_raised(db, street):
    rattles = await street.report(db, condition="rattling")
    other = await street.report(db, condition="rattling", text="again")
    case = await case_by_id(db, rattles.case_id)
    await street.move(db, case, Event.ESCALATE, DISPATCHER, cond_key="broken")

    await split(db, street, rattles.case_id, other)

    assert (await case_by_id(db, rattles.case_id)).severity is Severity.HIGH


async def test_a_merge_is_undone_with_the_clock_that_the_case_had(db, street):
    old = await street.detect(db, detection_id=FIRST)
    street.forward(hours=3)
    later = await street.detect(db, camera="C-002", detection_id=SECOND, lon=east(60))
    late = await case_by_id(db, later.case_id)
    merged = await street.move(
        db, await case_by_id(db, old.case_id), Event.MERGE, DISPATCHER, into=later.case_id
    )
    target = await case_by_id(db, later.case_id)
    assert merged.state is State.MERGED
    assert target.due_at == merged.due_at < late.due_at

    new = await split(db, street, later.case_id, old)

    target = await case_by_id(db, later.case_id)
    assert target.due_at == late.due_at
    assert target.occurred_at == late.occurred_at
    assert [each.signal_id for each in await signals_of(db, new.case_id)] == [old.signal_id]
    assert len(await evidence_of(db, later.case_id)) == 1


async def test_a_case_at_the_place_of_a_closed_one_is_a_recurrence(db, street):
    before = await closed(db, street)
    street.forward(days=12)
    far = await street.detect(db, lon=east(150), detection_id=FIRST)
    unclear = await case_by_id(db, far.case_id)
    await street.move(db, unclear, Event.ROUTE, DISPATCHER, unit_key="housing_bureau")
    near = await street.detect(db, camera="C-002", lon=east(0), detection_id=SECOND)
    case = await case_by_id(db, near.case_id)
    assert case.recurrence_of == before.case_id
    await street.move(db, case, Event.MERGE, DISPATCHER, into=far.case_id)

    new = await split(db, street, far.case_id, near)

    assert new.recurrence_of == before.case_id
    assert (await case_by_id(db, far.case_id)).recurrence_of is None


async def test_several_signals_go_together_with_the_gravest_condition(db, street):
    first = await street.detect(db, detection_id=FIRST)
    second = await street.report(db, condition="rattling")
    third = await street.detect(db, camera="C-002", lon=east(3))

    new = await split(db, street, first.case_id, second, third)

    assert new.cond_key == "broken"
    assert len(await signals_of(db, new.case_id)) == 2
    states = [(await signal_by_id(db, each.signal_id)).state for each in (first, second, third)]
    assert states.count(SignalState.ACCEPTED) == 2


async def test_of_a_case_filed_by_hand_every_signal_may_go(db, street):
    case = await street.routed(db)
    street.forward(hours=1)
    signal = await street.detect(db)
    assert signal.case_id == case.case_id

    new = await split(db, street, case.case_id, signal)

    left = await case_by_id(db, case.case_id)
    assert new is not None
    assert (left.occurred_at, left.last_seen_at) == (NOW, NOW)
    assert [each.kind for each in await evidence_of(db, case.case_id)] == ["filing"]


async def test_a_shared_photo_stays_with_who_stays(db, street):
    first = await street.report(db, evidence=(photo_hash("shared"),))
    second = await street.report(db, evidence=(photo_hash("shared"), photo_hash("own")))

    new = await split(db, street, first.case_id, second)

    assert [e.sha256 for e in await evidence_of(db, first.case_id)] == [photo_hash("shared")]
    assert {e.sha256 for e in await evidence_of(db, new.case_id)} == {
        photo_hash("shared"),
        photo_hash("own"),
    }


async def test_splitting_says_what_is_wrong(db, street):
    first, second = await joined(db, street)
    other = await street.detect(db, lon=east(130))
    seen = (await case_by_id(db, first.case_id)).version
    with pytest.raises(GuardRefused, match="must stay"):
        await split(db, street, first.case_id, first, second)
    with pytest.raises(InvalidInput, match=f"has no signal {other.signal_id}"):
        await split(db, street, first.case_id, other)
    with pytest.raises(InvalidInput, match="name the signals"):
        await split(db, street, first.case_id)
    with pytest.raises(InvalidInput, match="say why"):
        await split(db, street, first.case_id, second, reason=" ")
    with pytest.raises(InvalidInput, match="no item sky"):
        await split(db, street, first.case_id, second, item_key="sky", cond_key="blue")
    with pytest.raises(Conflict, match="has changed"):
        await split(db, street, first.case_id, second, version=seen + 1)
    given = CaseSplit(
        case_id=first.case_id, signal_ids=(second.signal_id,), reason="?", to_new_case=False
    )
    with pytest.raises(Forbidden):
        await carry_out(db, NOW, split_case, given, HANDLER)
    case = await case_by_id(db, other.case_id)
    case = await street.move(db, case, Event.VOID, DISPATCHER, reason="?")
    await street.move(db, case, Event.VOID, SUPERVISOR, reason="?")
    with pytest.raises(Conflict, match="has ended"):
        await split(db, street, other.case_id, other)


async def test_the_case_of_an_alarm_is_not_split(db, street):
    call = {"type": "sos", "category": None, "condition": None}
    first = await street.report(db, **call)
    second = await street.report(db, **call)
    assert second.case_id == first.case_id

    with pytest.raises(GuardRefused, match="alarm"):
        await split(db, street, first.case_id, second)


async def test_a_signal_without_a_place_has_no_case_of_its_own(db, street):
    first = await street.detect(db)
    nowhere = await street.report(db, category="loose_lid", place=None)
    await carry_out(db, NOW, join_signal, nowhere.signal_id, first.case_id, DISPATCHER)

    with pytest.raises(GuardRefused, match="none of the signals has a place"):
        await split(db, street, first.case_id, nowhere, item_key="manhole_cover", cond_key="broken")
    await split(db, street, first.case_id, nowhere, to_new_case=False)
    assert (await signal_by_id(db, nowhere.signal_id)).case_id is None


async def test_a_clock_that_runs_is_not_merged_into_one_that_has_not_begun(db, street):
    runs = await street.detect(db)
    unclear = await street.detect(db, lon=east(150))

    with pytest.raises(GuardRefused, match="has not begun"):
        await street.move(
            db, await case_by_id(db, runs.case_id), Event.MERGE, DISPATCHER, into=unclear.case_id
        )
    await street.move(
        db, await case_by_id(db, unclear.case_id), Event.MERGE, DISPATCHER, into=runs.case_id
    )
