"""The hall has 15 minutes to accept a signal, and 30 to verify it; then it is told, once for each wait."""

from hub.indicators.keeping import keep_up_fully, rebuild
from hub.journal import Subject, entries_of
from hub.signals.acceptance import flag_late_acceptance
from hub.signals.commands import accept_signal, wake_signal
from hub.signals.reading import WaitingFilter, waiting_list
from hub.signals.signal import SignalState, WaitingReason
from hub.supervision.dashboard.store import dashboard
from tests.integration.hub.cases.conftest import DISPATCHER
from tests.integration.hub.cases.test_snoozed_signals import snoozed
from tests.use_cases import carry_out

LATE = 1 << 32


async def told(db, street) -> int:
    return await carry_out(db, street.now, flag_late_acceptance)


async def shown_as_late(db, street) -> int:
    page = await waiting_list(db, WaitingFilter())
    late = sum(each.accept_late_at is not None for each in page.items)
    assert (await dashboard(db, street.now)).signals_late == late
    return late


async def measured(db, street) -> list[int]:
    await carry_out(db, street.now, keep_up_fully)
    cursor = await db.execute("SELECT marks & %s FROM signal_measure", (LATE,))
    kept = [row[0] for row in await cursor.fetchall()]
    await carry_out(db, street.now, rebuild)
    cursor = await db.execute("SELECT marks & %s FROM signal_measure", (LATE,))
    assert [row[0] for row in await cursor.fetchall()] == kept
    return kept


async def test_a_signal_that_waits_for_a_person_is_told_after_fifteen_minutes_and_once(db, street):
    waits = await street.detect(db, evidence=None)
    assert waits.state is SignalState.NEW
    street.forward(minutes=15)
    assert await told(db, street) == 0
    street.forward(seconds=1)
    assert await told(db, street) == 1
    assert await told(db, street) == 0
    assert await shown_as_late(db, street) == 1
    entry = (await entries_of(db, Subject.SIGNAL, str(waits.signal_id)))[-1]
    assert (entry.kind, entry.actor, entry.data["limit_min"]) == ("accept_late", "system:clock", 15)


async def test_a_decision_ends_the_wait_and_the_indicators_keep_that_it_was_late(db, street):
    waits = await street.report(db, evidence=())
    street.forward(minutes=16)
    assert await told(db, street) == 1
    assert await measured(db, street) == [LATE]
    photo = await street.photo(db, "added")
    await carry_out(
        db,
        street.now,
        accept_signal,
        waits.signal_id,
        "manhole_cover",
        "broken",
        DISPATCHER,
        evidence=(photo,),
    )
    assert await shown_as_late(db, street) == 0
    assert await measured(db, street) == [LATE]


async def test_a_signal_that_is_put_off_and_comes_back_has_its_fifteen_minutes_again(db, street):
    waits = await street.report(db, evidence=())
    street.forward(minutes=16)
    assert await told(db, street) == 1
    await snoozed(db, street, waits, hours=5)
    street.forward(hours=1)
    assert await told(db, street) == 0
    await carry_out(db, street.now, wake_signal, waits.signal_id, DISPATCHER)
    assert await shown_as_late(db, street) == 0
    street.forward(minutes=15, seconds=1)
    assert await told(db, street) == 1


async def test_one_that_is_to_be_verified_has_thirty_minutes(db, street):
    waits = await street.report(db, evidence=())
    await db.execute(
        "UPDATE signal SET state = 'verifying', reason = %s WHERE signal_id = %s",
        (str(WaitingReason.TO_BE_VERIFIED), waits.signal_id),
    )
    street.forward(minutes=30)
    assert await told(db, street) == 0
    street.forward(seconds=1)
    assert await told(db, street) == 1
    entry = (await entries_of(db, Subject.SIGNAL, str(waits.signal_id)))[-1]
    assert entry.data["limit_min"] == 30


async def test_what_waits_for_a_photo_or_is_about_a_device_waits_for_nobody(db, street):
    await street.report(db, photos_come=False)
    waits = await street.report(db, evidence=())
    await db.execute(
        "UPDATE signal SET reason = 'low_battery' WHERE signal_id = %s", (waits.signal_id,)
    )
    street.forward(hours=2)
    assert await told(db, street) == 0
