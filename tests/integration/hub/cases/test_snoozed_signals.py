"""Signals that are put off come back by themselves, at once if something graver is seen."""

from datetime import timedelta

import pytest

from hub.errors import Conflict, Forbidden, InvalidInput
from hub.journal import Subject, entries_of
from hub.signals.commands import (
    accept_signal,
    note_signal,
    reject_signal,
    snooze_signal,
    wake_due,
    wake_signal,
)
from hub.signals.reading import WaitingFilter, waiting_list
from hub.signals.signal import RejectReason, SignalState, WaitingReason
from hub.signals.store import signal_by_id
from tests.integration.hub.cases.conftest import DISPATCHER, HANDLER, LAT, NOW, east
from tests.use_cases import carry_out
from wire.messages import Place

ID = "11111111-2222-4333-8444-555555555555"


async def snoozed(db, street, outcome, **by):
    until = street.now + timedelta(**(by or {"days": 1}))
    return await carry_out(
        db, street.now, snooze_signal, outcome.signal_id, until, DISPATCHER, "later"
    )


async def state_of(db, outcome):
    return (await signal_by_id(db, outcome.signal_id)).state


async def listed(db, **wanted):
    return [each.signal_id for each in (await waiting_list(db, WaitingFilter(**wanted))).items]


async def test_a_snoozed_signal_is_out_of_the_list_until_its_time_is_over(db, street):
    waits = await street.report(db, evidence=())

    outcome = await snoozed(db, street, waits, hours=2)

    assert (outcome.state, outcome.reason) == (SignalState.SNOOZED, WaitingReason.NO_EVIDENCE)
    assert (await listed(db), await listed(db, snoozed=True)) == ([], [waits.signal_id])
    street.forward(hours=2, seconds=-1)
    assert await carry_out(db, street.now, wake_due) == 0
    street.forward(seconds=1)
    assert await carry_out(db, street.now, wake_due) == 1
    assert (await listed(db), await listed(db, snoozed=True)) == ([waits.signal_id], [])
    signal = await signal_by_id(db, waits.signal_id)
    assert (signal.state, signal.reason) == (SignalState.NEW, WaitingReason.NO_EVIDENCE)
    assert signal.snoozed_until is None
    entries = await entries_of(db, Subject.SIGNAL, str(waits.signal_id))
    assert [entry.to_state for entry in entries] == ["new", "snoozed", "new"]
    assert entries[1].data["note"] == "later"
    assert entries[1].data["until"] == "2025-08-07T09:19:00+00:00"


@pytest.mark.parametrize("ahead", [timedelta(0), timedelta(seconds=-1), timedelta(days=93)])
async def test_it_is_put_off_for_a_time_that_is_not_over_and_not_for_ever(db, street, ahead):
    waits = await street.report(db, evidence=())

    with pytest.raises(InvalidInput, match="until when"):
        await carry_out(db, NOW, snooze_signal, waits.signal_id, NOW + ahead, DISPATCHER)


async def test_what_is_decided_is_not_put_off_and_units_put_nothing_off(db, street):
    filed = await street.report(db)
    waits = await street.report(db, evidence=(), place=Place(lon=east(300), lat=LAT, accuracy_m=3))

    with pytest.raises(Conflict):
        await snoozed(db, street, filed)
    with pytest.raises(Forbidden):
        await carry_out(db, NOW, snooze_signal, waits.signal_id, NOW + timedelta(hours=1), HANDLER)
    with pytest.raises(Conflict):
        await carry_out(db, NOW, wake_signal, waits.signal_id, DISPATCHER)


@pytest.mark.parametrize("how", ["reject", "note", "wake", "longer"])
async def test_a_person_may_decide_about_it_before_its_time(db, street, how):
    waits = await street.report(db, evidence=(), condition="rattling")
    await snoozed(db, street, waits)

    match how:
        case "reject":
            await carry_out(db, NOW, reject_signal, waits.signal_id, RejectReason.TEST, DISPATCHER)
        case "note":
            await carry_out(db, NOW, note_signal, waits.signal_id, DISPATCHER, "seen to")
        case "wake":
            await carry_out(db, NOW, wake_signal, waits.signal_id, DISPATCHER)
        case "longer":
            await snoozed(db, street, waits, days=3)

    signal = await signal_by_id(db, waits.signal_id)
    assert (signal.snoozed_until is None) is (how != "longer")


async def test_something_graver_at_its_place_wakes_it_at_once(db, street):
    waits = await street.report(db, evidence=(), condition="rattling")
    await snoozed(db, street, waits)

    graver = await street.detect(db, lon=east(3))

    assert graver.new_case
    assert await state_of(db, waits) is SignalState.NEW
    (*_, entry) = await entries_of(db, Subject.SIGNAL, str(waits.signal_id))
    assert entry.data["note"] == f"signal {graver.signal_id} shows manhole_cover / broken"


async def test_a_person_who_files_something_graver_at_its_place_wakes_it(db, street):
    waits = await street.report(db, condition="rattling", evidence=())
    await snoozed(db, street, waits)
    graver = await street.report(db, condition="rattling", evidence=())
    await carry_out(
        db,
        street.now,
        accept_signal,
        graver.signal_id,
        "manhole_cover",
        "broken",
        DISPATCHER,
        evidence=(await street.photo(db, "seen"),),
    )

    assert await state_of(db, waits) is SignalState.NEW


async def test_what_is_far_away_or_not_graver_wakes_nothing(db, street):
    waits = await street.report(db, evidence=(), condition="broken")
    await snoozed(db, street, waits)

    await street.detect(db, lon=east(3))
    await street.detect(db, lon=east(200))

    assert await state_of(db, waits) is SignalState.SNOOZED


async def test_the_same_detection_wakes_when_it_shows_something_graver(db, street):
    waits = await street.detect(db, detection_id=ID, label="manhole_broken", evidence=None)
    await db.execute("UPDATE signal SET cond_key = 'rattling'")
    await snoozed(db, street, waits)

    again = await street.detect(db, detection_id=ID, seq=2, label="manhole_broken")

    assert again.new_case


async def test_more_of_the_same_detection_leaves_it_put_off(db, street):
    waits = await street.detect(db, detection_id=ID, evidence=None)
    await snoozed(db, street, waits)

    again = await street.detect(db, detection_id=ID, seq=2)

    assert (again.state, again.new_case) == (SignalState.SNOOZED, False)


async def test_an_alarm_wakes_what_is_about_its_terminal(db, street):
    about = await street.report(db, category="loose_lid", place=None, evidence=())
    await snoozed(db, street, about)

    await street.report(
        db,
        type="sos",
        category=None,
        condition=None,
        place=Place(lon=east(500), lat=LAT, accuracy_m=5),
    )

    assert await state_of(db, about) is SignalState.NEW


async def test_every_kind_of_signal_is_noted_with_words(db, street):
    waits = await street.report(db, evidence=())
    with pytest.raises(InvalidInput, match="say why"):
        await carry_out(db, NOW, note_signal, waits.signal_id, DISPATCHER)

    await carry_out(db, NOW, note_signal, waits.signal_id, DISPATCHER, "told the shop owner")

    assert await state_of(db, waits) is SignalState.NOTED
    (*_, entry) = await entries_of(db, Subject.SIGNAL, str(waits.signal_id))
    assert (entry.to_state, entry.data["note"]) == ("noted", "told the shop owner")


async def test_the_most_severe_are_listed_first_and_the_pages_go_on(db, street):
    low = await street.report(db, evidence=(), condition="rattling")
    unknown = await street.report(db, category="loose_lid", evidence=())
    high = await street.report(
        db, evidence=(), condition="broken", place=Place(lon=east(300), lat=LAT, accuracy_m=3)
    )
    expected = [high.signal_id, low.signal_id, unknown.signal_id]

    assert await listed(db, by_urgency=True) == expected
    assert await listed(db) == sorted(expected)
    first = await waiting_list(db, WaitingFilter(by_urgency=True, limit=2))
    assert first.next_after == expected[1]
    assert await listed(db, by_urgency=True, limit=2, after=first.next_after) == expected[2:]
    assert [each.severity for each in first.items] == ["high", "mid"]


async def test_a_snoozed_signal_can_become_a_case(db, street):
    waits = await street.report(db, category="loose_lid")
    await snoozed(db, street, waits)

    accepted = await carry_out(
        db, NOW, accept_signal, waits.signal_id, "manhole_cover", "broken", DISPATCHER
    )

    assert accepted.new_case
    assert (await signal_by_id(db, waits.signal_id)).snoozed_until is None
