"""Places that cannot be and clocks that are wrong: nothing is joined, sent or dated by them."""

from datetime import datetime, timedelta

import pytest

from hub.cases.store import case_by_id
from hub.errors import InvalidInput
from hub.geo.place import Spot
from hub.signals.commands import accept_signal
from hub.signals.reading import signals_of
from hub.signals.signal import SignalState, WaitingReason
from tests.integration.hub.cases.conftest import DISPATCHER, NOW, east, north
from tests.use_cases import carry_out
from wire.messages import Ground, Place

FALSE = [
    Place(lon=0, lat=0),
    Place(lon=103.8, lat=0),
    Place(lon=103.8, lat=89),
    Place(lon=2, lat=48),
]


async def only_signal(db):
    (signal_id,) = await (await db.execute("SELECT signal_id FROM signal")).fetchone()
    row = await db.execute("SELECT state, reason, lon, stamped_at FROM signal")
    return signal_id, *(await row.fetchone())


@pytest.mark.parametrize("place", FALSE, ids=lambda place: f"{place.lon}, {place.lat}")
async def test_a_report_at_a_false_place_waits_for_a_person_who_sets_the_place(db, street, place):
    outcome = await street.report(db, place=place)
    assert (outcome.state, outcome.case_id) == (SignalState.NEW, None)
    signal_id, _, reason, lon, _ = await only_signal(db)
    assert (reason, lon) == (WaitingReason.FALSE_PLACE, None)
    there = Spot(place.wgs84()[0], place.wgs84()[1], 10)
    accept = ("manhole_cover", "broken", DISPATCHER)
    with pytest.raises(InvalidInput, match="no place of the district"):
        await carry_out(db, NOW, accept_signal, signal_id, *accept, spot=there)
    filed = await carry_out(
        db, NOW, accept_signal, signal_id, *accept, spot=Spot(east(5), north(0), 10)
    )
    assert filed.new_case


async def test_two_reports_at_null_island_are_two_signals_and_no_case(db, street):
    for _ in range(2):
        await street.report(db, place=Place(lon=0, lat=0))
    counts = await db.execute("SELECT count(*), count(case_id), count(lon) FROM signal")
    assert await counts.fetchone() == (2, 0, 0)


@pytest.mark.parametrize(
    ("ground", "reason"),
    [
        (Ground(lon=103.8, lat=90, error_m=4), WaitingReason.FALSE_PLACE),
        (Ground(lon=0, lat=0, error_m=4), WaitingReason.FALSE_PLACE),
        (Ground(lon=east(900), lat=north(0), error_m=4), WaitingReason.OUT_OF_SIGHT),
        (Ground(lon=east(900), lat=north(0), error_m=90_000), WaitingReason.OUT_OF_SIGHT),
    ],
)
async def test_a_detection_where_its_camera_cannot_see_waits_and_sends_nobody(
    db, street, ground, reason
):
    outcome = await street.detect(db, lon=ground.lon, lat=ground.lat, error_m=ground.error_m)
    assert (outcome.state, outcome.case_id) == (SignalState.NEW, None)
    assert (await only_signal(db))[2:4] == (reason, None)
    commands = await db.execute("SELECT count(*) FROM command")
    assert await commands.fetchone() == (0,)


async def test_an_update_at_a_place_in_sight_makes_the_waiting_detection_a_case(db, street):
    identity = "c0a8012e-77d4-4e0f-9b16-2f4f9f1f6a02"
    await street.detect(db, detection_id=identity, lon=east(900), lat=north(0))
    again = await street.detect(db, detection_id=identity, seq=2)
    assert again.new_case


@pytest.mark.parametrize("years", [-45, 12])
async def test_the_instant_of_a_clock_that_was_never_set_dates_no_case(db, street, years):
    first = await street.detect(db)
    stamped_at = NOW + timedelta(days=365 * years)
    street.forward(seconds=60)
    joined = await street.report(db, observed_at=stamped_at)
    assert joined.case_id == first.case_id
    case = await case_by_id(db, first.case_id)
    assert case.occurred_at == NOW
    (_, report) = await signals_of(db, first.case_id)
    assert (report.stamped_at, report.observed_at) == (stamped_at, report.received_at)


async def test_an_instant_is_corrected_by_the_measured_error_of_its_clock(db, street):
    await db.execute("UPDATE device SET clock_error_s = -28800 WHERE device_id = 'T-0002'")
    street.forward(seconds=600)
    stamped_at = street.now - timedelta(hours=8, seconds=40)
    outcome = await street.report(db, observed_at=stamped_at)
    case = await case_by_id(db, outcome.case_id)
    assert case.occurred_at == street.now - timedelta(seconds=40)
    (signal,) = await signals_of(db, outcome.case_id)
    assert signal.stamped_at == stamped_at


async def test_a_report_that_was_on_its_way_for_hours_keeps_its_instant(db, street):
    at = street.now - timedelta(hours=5)
    outcome = await street.report(db, observed_at=at)
    assert (await case_by_id(db, outcome.case_id)).occurred_at == at
    (signal,) = await signals_of(db, outcome.case_id)
    assert (signal.stamped_at, isinstance(signal.observed_at, datetime)) == (None, True)
